"""NVD's record as it comes over the wire: only what is used, everything optional, since the format keeps changing."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct):
    lang: str = ""
    value: str = ""


class Cvss(msgspec.Struct, rename="camel"):
    vector_string: str = ""
    base_score: float | None = None


class Metric(msgspec.Struct, rename="camel"):
    source: str = ""
    cvss_data: Cvss = msgspec.field(default_factory=Cvss)


class SsvcData(msgspec.Struct):
    timestamp: str = ""
    options: list[dict[str, object]] = []


class Ssvc(msgspec.Struct, rename="camel"):
    """CISA's decision, in records since 2026-06-17."""

    source: str = ""
    ssvc_data: SsvcData = msgspec.field(default_factory=SsvcData)


class Metrics(msgspec.Struct, rename="camel"):
    cvss_v2: list[Metric] = msgspec.field(default=[], name="cvssMetricV2")
    cvss_v30: list[Metric] = msgspec.field(default=[], name="cvssMetricV30")
    cvss_v31: list[Metric] = msgspec.field(default=[], name="cvssMetricV31")
    cvss_v40: list[Metric] = msgspec.field(default=[], name="cvssMetricV40")
    ssvc: list[Ssvc] = msgspec.field(default=[], name="ssvcV203")


class NvdWeakness(msgspec.Struct):
    source: str = ""
    description: list[Text] = []


class CpeMatch(msgspec.Struct, rename="camel"):
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
    nodes: list[Node] = []


class NvdReference(msgspec.Struct):
    url: str = ""
    tags: tuple[str, ...] = ()


class Cve(msgspec.Struct, rename="camel"):
    """`affected` (since 2026-06-17) is left out: it repeats what the CNA says, which MITRE has first-hand."""

    id: str
    published: str = ""
    last_modified: str = ""
    vuln_status: str = ""
    descriptions: list[Text] = []
    metrics: Metrics = msgspec.field(default_factory=Metrics)
    weaknesses: list[NvdWeakness] = []
    configurations: list[Configuration] = []
    references: list[NvdReference] = []


class Item(msgspec.Struct):
    cve: Cve
