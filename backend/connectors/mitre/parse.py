"""Parsing of a CVE record into a claim: the CNA's container and those added by CISA and the CVE Program (ADP)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from backend.connectors.cna_products import CnaProduct, affected_products, is_unaffected
from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.connectors.decoding import decode, decode_or_mend, instant_of
from backend.connectors.mitre.record import (
    Described,
    Metadata,
    MetadataOnly,
    MitreKevListing,
    MitreMetric,
    MitreRecord,
    MitreSsvc,
    RecordContainer,
    Scenario,
)
from backend.contract.names import Tag
from backend.domain.claims import Claim, Exploitation, Origin, RecordState, ReferenceClaim, Score, Weakness
from backend.domain.purl import package_name

PARSER_VERSION = 3

_CISA_ADP = "CISA-ADP"
_CWE = re.compile(r"\bCWE[-_ ]?([0-9]{1,5})\b", re.IGNORECASE)
_TAGS = {str(tag): tag for tag in Tag}
_GENERAL = frozenset({"", "general"})
_NOTHING: dict[str, None] = {}


def parse(record: RawRecord) -> Parsed:
    """Parse one record.

    Raises:
        ParseError: it has no id, or another one than the name of its file.
    """
    decoded, mended = decode_or_mend(record.raw, MitreRecord)
    metadata, cna, adp = decoded.metadata, decoded.containers.cna or RecordContainer(), decoded.containers.adp
    if metadata.cve_id != record.key:
        raise ParseError(f"the record has the id “{metadata.cve_id[:60]}”")
    if decoded.containers.cna is None:
        mended.append("containers.cna: missing")
    cisa = [container for container in adp if container.provider.short_name == _CISA_ADP]
    rejected = metadata.state == "REJECTED"
    added = _added_products(cna, cisa)
    odd = any("affected" in message for message in mended)
    affected = [product for product in (*cna.affected, *added) if odd or not is_unaffected(product)]
    claim = Claim(
        state=RecordState.REJECTED if rejected else RecordState.PUBLISHED,
        title=cna.title.strip(),
        description=_english(cna.rejected_reasons if rejected and cna.rejected_reasons else cna.descriptions),
        published_at=instant_of("datePublished", metadata.date_published, mended),
        modified_at=_modified(metadata, mended),
        scores=_scores(cna, cisa),
        weaknesses=_weaknesses(cna, cisa),
        vendors=tuple(dict.fromkeys([product.vendor for product in affected if product.vendor])),
        products=tuple(dict.fromkeys([name for product in affected if (name := _name(product))])),
        affected=(
            *affected_products(cna.affected, odd=odd),
            *affected_products(added, Origin.CISA_ADP, odd=odd),
        ),
        references=_references((cna, *adp)),
        exploitation=_exploitation(cisa, mended),
        tags=tuple(dict.fromkeys([_TAGS[tag] for tag in cna.tags if tag in _TAGS])) if cna.tags else (),
    )
    return Parsed([(record.key, claim)], mended)


def updated_at(raw: bytes) -> datetime | None:
    """The date of a record, decoded without the rest; None if it has none."""
    try:
        return _modified(decode_or_mend(raw, MetadataOnly)[0].metadata, [])
    except ParseError:
        return None


def _modified(metadata: Metadata, mended: list[str]) -> datetime | None:
    return instant_of("dateUpdated", metadata.date_updated, mended) or instant_of(
        "dateRejected", metadata.date_rejected, mended
    )


def _english(texts: Sequence[Described]) -> str:
    """The first English text ("en", "en-US"), else the first one."""
    for text in texts:
        if text.lang[:2].lower() == "en":
            return text.value.strip()
    return texts[0].value.strip() if texts else ""


def _added_products(cna: RecordContainer, cisa: Sequence[RecordContainer]) -> list[CnaProduct]:
    """The products that CISA added with a CPE name; none if the CNA gives CPE names itself."""
    if any(product.cpes for product in cna.affected):
        return []
    return [product for container in cisa for product in container.affected if product.cpes]


def _name(product: CnaProduct) -> str:
    """The product's name; some CNAs name only its package, or the package's URL."""
    return product.product or product.package_name or package_name(product.package_url)


def _scores(cna: RecordContainer, cisa: Sequence[RecordContainer]) -> tuple[Score, ...]:
    found = _scores_of(cna.metrics, Origin.CNA)
    for container in cisa:
        found += _scores_of(container.metrics, Origin.CISA_ADP)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _scores_of(metrics: Sequence[MitreMetric], origin: Origin) -> list[Score]:
    return [
        Score(origin, version, cvss.vector_string.strip(), cvss.base_score, _scenario(metric.scenarios))
        for metric in metrics
        for version, cvss in (("4.0", metric.v4_0), ("3.1", metric.v3_1), ("3.0", metric.v3_0), ("2.0", metric.v2_0))
        if cvss is not None
    ]


def _scenario(scenarios: Sequence[Scenario]) -> str:
    """The scenarios in which an assessment holds; "" where one of them is the general one."""
    named = [scenario.value.strip() for scenario in scenarios]
    return "" if any(name.rstrip(". ").lower() in _GENERAL for name in named) else "; ".join(named)


def _weaknesses(cna: RecordContainer, cisa: Sequence[RecordContainer]) -> tuple[Weakness, ...]:
    found = dict.fromkeys([Weakness(Origin.CNA, cwe_id) for cwe_id in _cwe_ids(cna)])
    for container in cisa:
        found |= dict.fromkeys([Weakness(Origin.CISA_ADP, cwe_id) for cwe_id in _cwe_ids(container)])
    return tuple(found)


def _cwe_ids(container: RecordContainer) -> list[str]:
    """CWE ids; many records have them only in the text: "CWE-79 Cross-site Scripting", "Path traversal (CWE-22)"."""
    names = [name for problem_type in container.problem_types for name in problem_type.descriptions]
    return [
        f"CWE-{int(number)}" for name in names for number in _CWE.findall(name.cwe_id) or _CWE.findall(name.description)
    ]


def _references(containers: Iterable[RecordContainer]) -> tuple[ReferenceClaim, ...]:
    """Each address once. Tags with "x_" are left out: they describe the origin of a reference, not its content."""
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
    statements = []
    for container in cisa:
        for metric in container.metrics:
            if metric.other is None:
                continue
            try:
                statement = _exploitation_of(metric.other.type, metric.other.content, mended)
            except ParseError as error:
                mended.append(f"{metric.other.type} of CISA-ADP: {error}")
            else:
                statements += [statement] if statement else []
    return tuple(statements)


def _exploitation_of(kind: str, content: msgspec.Raw, mended: list[str]) -> Exploitation | None:
    if kind == "ssvc":
        ssvc, odd = decode_or_mend(bytes(content), MitreSsvc)
        mended += [f"ssvc of CISA-ADP: {message}" for message in odd]
        moment = instant_of("SSVC timestamp", ssvc.timestamp, mended)
        for option in ssvc.options:
            status = option.get("Exploitation", "").lower()
            if status:
                return Exploitation("cisa-ssvc", moment.date() if moment else None, status)
    if kind == "kev":
        moment = instant_of("KEV dateAdded", decode(bytes(content), MitreKevListing).date_added, mended)
        return Exploitation("cisa-kev", moment.date() if moment else None)
    return None
