"""Parsing of NVD's record of a CVE into a claim.

Only the fields used are declared, all of them optional, since the format keeps changing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from backend.connectors.cna_products import CnaProduct, affected_products
from backend.connectors.connector import Parsed, ParseError
from backend.connectors.decoding import Inseparable, decode, decode_leniently, instant_of
from backend.contract.names import Tag
from backend.domain.claims import Affected, Claim, Exploitation, Origin, RecordState, ReferenceClaim, Score, Weakness
from backend.domain.cpe import vendor_and_product


class Text(msgspec.Struct):
    lang: str = ""
    value: str = ""


class NvdCvss(msgspec.Struct, rename="camel"):
    vector_string: str = ""
    base_score: float | None = None


class NvdMetric(msgspec.Struct, rename="camel"):
    source: str = ""
    cvss_data: NvdCvss = msgspec.field(default_factory=NvdCvss)


class SsvcData(msgspec.Struct):
    timestamp: str = ""
    options: list[dict[str, object]] = []


class NvdSsvc(msgspec.Struct, rename="camel"):
    """CISA's SSVC decision, in records since 2026-06-17."""

    source: str = ""
    ssvc_data: SsvcData = msgspec.field(default_factory=SsvcData)


class Metrics(msgspec.Struct, rename="camel"):
    cvss_v2: list[NvdMetric] = msgspec.field(default=[], name="cvssMetricV2")
    cvss_v30: list[NvdMetric] = msgspec.field(default=[], name="cvssMetricV30")
    cvss_v31: list[NvdMetric] = msgspec.field(default=[], name="cvssMetricV31")
    cvss_v40: list[NvdMetric] = msgspec.field(default=[], name="cvssMetricV40")
    ssvc: list[NvdSsvc] = msgspec.field(default=[], name="ssvcV203")


class NvdWeakness(msgspec.Struct):
    source: str = ""
    description: list[Text] = []


class CpeMatch(Inseparable, rename="camel"):
    criteria: str = ""
    vulnerable: bool = True
    version_start_including: str = ""
    version_start_excluding: str = ""
    version_end_including: str = ""
    version_end_excluding: str = ""


class Node(msgspec.Struct, rename="camel"):
    negate: bool = False
    cpe_match: list[CpeMatch] = []


class Configuration(msgspec.Struct):
    operator: str = "OR"
    nodes: list[Node] = []


class RepeatedProducts(msgspec.Struct, rename="camel"):
    """The products of one organisation's container in the CVE record, in NVD's records since 2026-06-17."""

    source: str = ""
    affected_data: list[CnaProduct] = []


class NvdReference(msgspec.Struct):
    url: str = ""
    tags: tuple[str, ...] = ()


class CveTags(msgspec.Struct):
    tags: list[str] = []


class Cve(msgspec.Struct, rename="camel"):
    id: str
    published: str = ""
    last_modified: str = ""
    vuln_status: str = ""
    descriptions: list[Text] = []
    metrics: Metrics = msgspec.field(default_factory=Metrics)
    weaknesses: list[NvdWeakness] = []
    configurations: list[Configuration] = []
    affected: list[RepeatedProducts] = []
    references: list[NvdReference] = []
    cve_tags: list[CveTags] = []


class Item(msgspec.Struct):
    cve: Cve


PARSER_VERSION = 3

_ORIGINS = {"nvd@nist.gov": Origin.NVD, "134c704f-9b21-4f2e-91b3-4a467353bcc0": Origin.CISA_ADP}  # all others are CNAs

_TAGS = {str(tag): tag for tag in Tag}
_HARDWARE = "cpe:2.3:h:"
_DECISIONS = frozenset({"none", "poc", "active"})  # "public poc" in later versions of SSVC


def parse(key: str, raw: bytes) -> Parsed:
    """Parse the record with the id `key`.

    Raises:
        ParseError: it is not a CVE record of NVD, or has another id.
    """
    cve, mended = _decoded(raw)
    if cve.id != key:
        raise ParseError(f"the record has the id {cve.id[:40]!r}")
    affected, vendors, products = _affected(cve.configurations)
    claim = Claim(
        state=RecordState.REJECTED if cve.vuln_status.lower() == "rejected" else RecordState.PUBLISHED,
        description=_english(cve),
        published_at=instant_of("published", cve.published, mended),
        modified_at=instant_of("lastModified", cve.last_modified, mended),
        scores=tuple(_scores(cve.metrics, mended)),
        weaknesses=_weaknesses(cve),
        vendors=vendors,
        products=products,
        affected=affected,
        repeated=tuple(_repeated(cve.affected)),
        references=tuple(
            [ReferenceClaim(reference.url, reference.tags) for reference in cve.references if reference.url]
        ),
        exploitation=tuple(_exploitation(cve.metrics.ssvc, mended)),
        tags=tuple(dict.fromkeys([_TAGS[tag] for given in cve.cve_tags for tag in given.tags if tag in _TAGS])),
        analysis=cve.vuln_status.strip(),
    )
    return Parsed([(key, claim)], mended)


def _decoded(raw: bytes) -> tuple[Cve, list[str]]:
    try:
        return decode(raw, Item).cve, []
    except ParseError:
        return decode_leniently(raw, Cve, within="cve")


def _english(cve: Cve) -> str:
    for text in cve.descriptions:
        if text.lang == "en" or text.lang.startswith("en-"):
            return text.value.strip()
    return ""


def _scores(metrics: Metrics, mended: list[str]) -> Iterator[Score]:
    given: Sequence[tuple[str, list[NvdMetric]]] = (
        ("4.0", metrics.cvss_v40),
        ("3.1", metrics.cvss_v31),
        ("3.0", metrics.cvss_v30),
        ("2.0", metrics.cvss_v2),
    )
    for version, assessments in given:
        for metric in assessments:
            cvss = metric.cvss_data
            if cvss.vector_string:
                yield Score(_origin(metric.source), version, cvss.vector_string, cvss.base_score)
            else:
                mended.append(f"a CVSS {version} assessment without a vector")


def _origin(source: str) -> Origin:
    return _ORIGINS.get(source, Origin.CNA)


def _weaknesses(cve: Cve) -> tuple[Weakness, ...]:
    return tuple(
        dict.fromkeys(
            [
                Weakness(_origin(weakness.source), text.value.strip())
                for weakness in cve.weaknesses
                for text in weakness.description
                if text.value
            ]
        )
    )


def _exploitation(decisions: list[NvdSsvc], mended: list[str]) -> Iterator[Exploitation]:
    """CISA's SSVC decisions with their dates."""
    for decision in decisions:
        if _origin(decision.source) is Origin.CISA_ADP:
            day = _day(decision.ssvc_data.timestamp, mended)
            for option in decision.ssvc_data.options:
                status = str(option.get("exploitation", "")).lower().removeprefix("public ")
                if status in _DECISIONS:
                    yield Exploitation("cisa-ssvc", day, status)
                elif status:
                    mended.append(f"ssvcV203: {status[:40]!r} is not a known decision")


def _day(text: str, mended: list[str]) -> date | None:
    moment = instant_of("ssvcV203 timestamp", text, mended)
    return moment.date() if moment else None


def _affected(configurations: list[Configuration]) -> tuple[tuple[Affected, ...], tuple[str, ...], tuple[str, ...]]:
    """All match strings, each once, and the vendors and products of the vulnerable ones."""
    matches: dict[Affected, None] = {}
    vendors: dict[str, None] = {}
    products: dict[str, None] = {}
    for number, configuration in enumerate(configurations, 1):
        together = number if _has_condition(configuration) else 0
        for node in configuration.nodes:
            for match in node.cpe_match:
                vulnerable = match.vulnerable and not node.negate
                matches[
                    Affected(
                        cpe=match.criteria,
                        vulnerable=vulnerable,
                        configuration=together,
                        version_start_including=match.version_start_including,
                        version_start_excluding=match.version_start_excluding,
                        version_end_including=match.version_end_including,
                        version_end_excluding=match.version_end_excluding,
                    )
                ] = None
                if vulnerable:
                    vendor, product = vendor_and_product(match.criteria)
                    vendors[vendor] = products[product] = None
    vendors.pop("", None)
    products.pop("", None)
    return tuple(matches), tuple(vendors), tuple(products)


def _has_condition(configuration: Configuration) -> bool:
    """Whether the vulnerable products need another one beside them, which is no hardware: a system, a host program."""
    return configuration.operator == "AND" and any(
        not match.vulnerable and not match.criteria.startswith(_HARDWARE)
        for node in configuration.nodes
        for match in node.cpe_match
    )


def _repeated(containers: list[RepeatedProducts]) -> Iterator[Affected]:
    """The statements of the CNA and of CISA, for records that MITRE has not sent (yet)."""
    for container in containers:
        yield from affected_products(container.affected_data, _origin(container.source))
