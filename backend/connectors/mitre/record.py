"""The parts of a CVE record (CVE JSON 5.x) that are used; all others are skipped without decoding."""

from __future__ import annotations

import msgspec

from backend.connectors.cna_products import CnaProduct


class Described(msgspec.Struct):
    lang: str = ""
    value: str = ""


class MitreCvss(msgspec.Struct, rename="camel"):
    vector_string: str = ""
    base_score: float | None = None


class Other(msgspec.Struct):
    """Another kind of metric: SSVC, CISA's catalogue of exploited vulnerabilities, a provider's own."""

    type: str = ""
    content: msgspec.Raw = msgspec.Raw()


class Scenario(msgspec.Struct):
    value: str = ""


class MitreMetric(msgspec.Struct):
    v4_0: MitreCvss | None = msgspec.field(name="cvssV4_0", default=None)
    v3_1: MitreCvss | None = msgspec.field(name="cvssV3_1", default=None)
    v3_0: MitreCvss | None = msgspec.field(name="cvssV3_0", default=None)
    v2_0: MitreCvss | None = msgspec.field(name="cvssV2_0", default=None)
    other: Other | None = None
    scenarios: list[Scenario] = []


class ProblemName(msgspec.Struct, rename="camel"):
    cwe_id: str = ""
    description: str = ""


class ProblemType(msgspec.Struct):
    descriptions: list[ProblemName] = []


class Link(msgspec.Struct):
    url: str = ""
    tags: list[str] = []


class Provider(msgspec.Struct, rename="camel"):
    short_name: str = ""


class RecordContainer(msgspec.Struct, rename="camel"):
    """The statements of one organisation: the CNA, which is responsible for the record, or an ADP, which adds to it."""

    provider: Provider = msgspec.field(name="providerMetadata", default_factory=Provider)
    title: str = ""
    descriptions: list[Described] = []
    rejected_reasons: list[Described] = []
    affected: list[CnaProduct] = []
    metrics: list[MitreMetric] = []
    problem_types: list[ProblemType] = []
    references: list[Link] = []
    tags: list[str] = []


class Containers(msgspec.Struct):
    cna: RecordContainer | None = None
    adp: list[RecordContainer] = []


class Metadata(msgspec.Struct, rename="camel"):
    cve_id: str
    state: str = "PUBLISHED"
    date_published: str = ""
    date_updated: str = ""
    date_rejected: str = ""


class MitreRecord(msgspec.Struct):
    metadata: Metadata = msgspec.field(name="cveMetadata")
    containers: Containers = msgspec.field(default_factory=Containers)


class MitreSsvc(msgspec.Struct):
    """CISA's decision points: [{"Exploitation": "poc"}, {"Automatable": "no"}, …]."""

    options: list[dict[str, str]] = []
    timestamp: str = ""


class MitreKevListing(msgspec.Struct, rename="camel"):
    """CISA's statement that its catalogue of exploited vulnerabilities lists the record."""

    date_added: str = ""


class MetadataOnly(msgspec.Struct):
    metadata: Metadata = msgspec.field(name="cveMetadata")
