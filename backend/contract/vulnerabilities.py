"""One vulnerability, and pages of them.

What a list shows of a vulnerability: the rest of each record is passed over unread, which keeps answers cheap.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field, JsonValue

from backend.contract.names import Severity, Source
from backend.contract.wire import Instant, Wire

MAX_PAGE_SIZE = 500


class CvssScore(Wire):
    """One assessment; `origin` made it ("nvd", "cna", "cisa-adp", "euvd"), `source` passed it on."""

    origin: str
    source: Source
    version: str
    vector: str
    score: float  # 0-10, recomputed from the vector


class Reference(Wire):
    url: str
    tags: tuple[str, ...] = ()
    source: tuple[Source, ...] = ()


class AffectedProduct(Wire):
    """A CPE 2.3 match string with its version range, or a vendor and product with versions in words."""

    source: Source
    cpe: str = ""
    vendor: str = ""
    product: str = ""
    package: str = ""
    vulnerable: bool = True
    version_start_including: str = ""
    version_start_excluding: str = ""
    version_end_including: str = ""
    version_end_excluding: str = ""
    versions: tuple[str, ...] = ()
    default_status: str = ""
    platforms: tuple[str, ...] = ()


class ExploitationClaim(Wire):
    """Somebody's word that the vulnerability is exploited, or that it is not known to be."""

    by: str
    source: Source
    since: date | None = None
    status: str


class Vulnerability(Wire):
    """Scores are 0-10, `epss` and `priority_score` 0-1."""

    cve_id: str
    state: str
    title: str
    description: str
    cvss_score: float | None
    cvss_vector: str | None
    cvss_version: str | None
    severity: Severity
    published_at: Instant | None
    modified_at: Instant | None
    exploited_in_the_wild: bool
    kev_date_added: date | None
    cisa_due_date: date | None
    known_ransomware: bool | None  # null: not in the catalogue
    eu_exploited: bool = False
    ssvc_exploitation: str = ""  # "", "none", "poc" or "active"
    epss: float | None
    epss_percentile: float | None = None
    cwe_ids: tuple[str, ...]
    vendors: tuple[str, ...]
    products: tuple[str, ...]
    affected_products: tuple[AffectedProduct, ...]
    references: tuple[Reference, ...]
    cvss_scores: tuple[CvssScore, ...] = ()
    exploitation: tuple[ExploitationClaim, ...] = ()
    required_action: str = ""
    kev_notes: str = ""
    sources: tuple[Source, ...]
    provenance: dict[str, str] = Field(default_factory=dict)
    """Field to the source it was taken from; sources joined by "+" where several were united."""
    aliases: tuple[str, ...]
    priority_score: float
    priority_reasons: tuple[str, ...]
    first_seen_at: Instant
    updated_at: Instant


class VulnerabilityPage(Wire):
    items: tuple[Vulnerability, ...]
    total: int
    total_capped: bool = False  # there are more than `total`, which is where counting stopped
    page: int
    page_size: int
    total_pages: int


class VulnerabilityPortion(Wire):
    """next: to be sent as `after` for what follows; null: this was the last."""

    items: tuple[Vulnerability, ...]
    next: str | None


class FieldChange(Wire):
    """One field of one vulnerability changed; `source` is whose record brought the change."""

    changed_at: Instant
    field: str
    old: JsonValue
    new: JsonValue
    source: str
    task_id: str | None = None


class ChangeList(Wire):
    """Newest first."""

    cve_id: str
    changes: tuple[FieldChange, ...]
    total: int


class VulnerabilitySummary(Wire):
    """What the API tells of each record when it is asked to be brief.

    Fields as in backend.contract.vulnerabilities.Vulnerability.
    """

    cve_id: str
    state: str
    title: str
    cvss_score: float | None
    severity: Severity
    published_at: Instant | None
    modified_at: Instant | None
    exploited_in_the_wild: bool
    cisa_due_date: date | None = None
    epss: float | None
    vendors: tuple[str, ...]
    products: tuple[str, ...]
    sources: tuple[Source, ...]
    priority_score: float


class ListedPage(Wire):
    """total_capped: there are more than `total`, which is where counting stopped."""

    items: tuple[VulnerabilitySummary, ...]
    total: int
    total_capped: bool = False
