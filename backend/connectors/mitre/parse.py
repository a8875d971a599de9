"""One CVE record as a claim: the CNA's container, and what CISA and the CVE Program added to it.

Affected products as CNAs state them, with their versions in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.connectors.decoding import decode, parse_instant
from backend.connectors.mitre.record import (
    Described,
    KevListing,
    Metadata,
    MetadataOnly,
    MitreMetric,
    MitreProduct,
    MitreRecord,
    MitreSsvc,
    RecordContainer,
    Version,
)
from backend.domain.claims import Affected, Claim, Exploitation, Origin, RecordState, ReferenceClaim, Score, Weakness

_ANY_START = frozenset({"", "0", "*", "n/a", "unspecified"})
_NO_END = frozenset({"*", "unspecified"})


def affected_products(products: Sequence[MitreProduct]) -> Iterator[Affected]:
    """One for each product; where several CPE names are given, one more for each further name."""
    for product in products:
        first = product.cpes[0] if product.cpes else ""
        yield Affected(
            cpe=first,
            vendor=product.vendor,
            product=product.product,
            package=product.package_name,
            versions=tuple([_in_words(version) for version in product.versions]),
            default_status=product.default_status,
            platforms=tuple(product.platforms),
        )
        for cpe in product.cpes[1:]:
            yield Affected(cpe=cpe, vendor=product.vendor, product=product.product, package=product.package_name)


def _in_words(version: Version) -> str:
    """ "4.12", "1.0 to before 2.0", "all up to 3", "unaffected: 2.1"; a range's `changes` are told after it."""
    words = version.version
    if version.less_than or version.less_than_or_equal:
        words = _range(version)
    if version.status != "affected":
        words = f"{version.status}: {words}"
    for change in version.changes:
        words += f", {change.status} from {change.at}"
    return words


def _range(version: Version) -> str:
    end = version.less_than or version.less_than_or_equal
    from_the_first = version.version in _ANY_START
    if end in _NO_END:
        return "all" if from_the_first else f"{version.version} and later"
    until = f"before {end}" if version.less_than else f"up to {end}"
    if from_the_first:
        return f"all {until}"
    return f"{version.version} to before {end}" if version.less_than else f"{version.version} to {end}"


PARSER_VERSION = 1

_CISA_ADP = "CISA-ADP"
_CWE = re.compile(r"CWE-[0-9]+")
_NOTHING: dict[str, None] = {}


def parse(record: RawRecord) -> Parsed:
    """Raises ParseError for what is no CVE record, or one of another id than its file's name."""
    said = decode(record.raw, MitreRecord)
    metadata, cna, adp = said.metadata, said.containers.cna, said.containers.adp
    if metadata.cve_id != record.key:
        raise ParseError(f"the record says it is “{metadata.cve_id[:60]}”")
    mended: list[str] = []
    cisa = [container for container in adp if container.provider.short_name == _CISA_ADP]
    rejected = metadata.state == "REJECTED"
    products = _products(cna, cisa)
    claim = Claim(
        state=RecordState.REJECTED if rejected else RecordState.PUBLISHED,
        title=cna.title.strip(),
        description=_english(cna.rejected_reasons if rejected and cna.rejected_reasons else cna.descriptions),
        published_at=_instant("datePublished", metadata.date_published, mended),
        modified_at=_modified(metadata, mended),
        scores=_scores(cna, cisa),
        weaknesses=_weaknesses(cna, cisa),
        vendors=tuple(dict.fromkeys([product.vendor for product in products if product.vendor])),
        products=tuple(dict.fromkeys([product.product for product in products if product.product])),
        affected=tuple(affected_products(products)),
        references=_references((cna, *adp)),
        exploitation=_exploitation(cisa, mended),
    )
    return Parsed([(record.key, claim)], mended)


def updated_at(raw: bytes) -> datetime | None:
    """The date of a record without the work of reading all of it; None where it tells none."""
    try:
        return _modified(decode(raw, MetadataOnly).metadata, [])
    except ParseError:
        return None


def _instant(name: str, text: str, mended: list[str]) -> datetime | None:
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        mended.append(f"{name}: not a date")
        return None


def _modified(metadata: Metadata, mended: list[str]) -> datetime | None:
    return _instant("dateUpdated", metadata.date_updated, mended) or _instant(
        "dateRejected", metadata.date_rejected, mended
    )


def _english(texts: Sequence[Described]) -> str:
    """In English ("en", "en-US"), or in whatever language there is."""
    for text in texts:
        if text.lang[:2].lower() == "en":
            return text.value.strip()
    return texts[0].value.strip() if texts else ""


def _products(cna: RecordContainer, cisa: Sequence[RecordContainer]) -> list[MitreProduct]:
    """The CNA's; where it names none by CPE, also those of CISA, which looks the names up."""
    if any(product.cpes for product in cna.affected):
        return cna.affected
    return [*cna.affected, *(product for container in cisa for product in container.affected if product.cpes)]


def _scores(cna: RecordContainer, cisa: Sequence[RecordContainer]) -> tuple[Score, ...]:
    found = _scores_of(cna.metrics, Origin.CNA)
    for container in cisa:
        found += _scores_of(container.metrics, Origin.CISA_ADP)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _scores_of(metrics: Sequence[MitreMetric], origin: Origin) -> list[Score]:
    return [
        Score(origin, version, cvss.vector_string.strip(), cvss.base_score)
        for metric in metrics
        for version, cvss in (("4.0", metric.v4_0), ("3.1", metric.v3_1), ("3.0", metric.v3_0), ("2.0", metric.v2_0))
        if cvss is not None
    ]


def _weaknesses(cna: RecordContainer, cisa: Sequence[RecordContainer]) -> tuple[Weakness, ...]:
    found = dict.fromkeys([Weakness(Origin.CNA, cwe_id) for cwe_id in _cwe_ids(cna)])
    for container in cisa:
        found |= dict.fromkeys([Weakness(Origin.CISA_ADP, cwe_id) for cwe_id in _cwe_ids(container)])
    return tuple(found)


def _cwe_ids(container: RecordContainer) -> list[str]:
    """Older records have the id only at the beginning of the text: "CWE-79 Cross-site Scripting"."""
    ids = []
    for problem_type in container.problem_types:
        for name in problem_type.descriptions:
            found = _CWE.match(name.cwe_id or name.description)
            if found:
                ids.append(found[0])
    return ids


def _references(containers: Iterable[RecordContainer]) -> tuple[ReferenceClaim, ...]:
    """Each address once. Tags that begin with "x_" tell how the reference came here, not what it is."""
    tags_of: dict[str, dict[str, None]] = {}
    for container in containers:
        for link in container.references:
            url = link.url.strip()
            tags = dict.fromkeys([tag for tag in link.tags if not tag.startswith("x_")]) if link.tags else _NOTHING
            if url:
                known = tags_of.get(url)
                tags_of[url] = tags if known is None else known | tags
    return tuple([ReferenceClaim(url, tuple(tags)) for url, tags in tags_of.items()])


def _exploitation(cisa: Sequence[RecordContainer], mended: list[str]) -> tuple[Exploitation, ...]:
    words = []
    for container in cisa:
        for metric in container.metrics:
            if metric.other is None:
                continue
            try:
                word = _word(metric.other.type, metric.other.content, mended)
            except ParseError as error:
                mended.append(f"{metric.other.type} of CISA-ADP: {error}")
            else:
                words += [word] if word else []
    return tuple(words)


def _word(kind: str, content: msgspec.Raw, mended: list[str]) -> Exploitation | None:
    if kind == "ssvc":
        ssvc = decode(bytes(content), MitreSsvc)
        moment = _instant("SSVC timestamp", ssvc.timestamp, mended)
        for option in ssvc.options:
            status = option.get("Exploitation", "").lower()
            if status:
                return Exploitation("cisa-ssvc", moment.date() if moment else None, status)
    if kind == "kev":
        moment = _instant("KEV dateAdded", decode(bytes(content), KevListing).date_added, mended)
        return Exploitation("cisa-kev", moment.date() if moment else None)
    return None
