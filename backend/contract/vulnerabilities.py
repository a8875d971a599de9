"""Vulnerability records, pages of them, and their change history."""

from __future__ import annotations

import re
from datetime import date

from pydantic import Field, JsonValue

from backend.contract.names import Severity, Source
from backend.contract.wire import Instant, Wire

MAX_PAGE_SIZE = 500


class CvssScore(Wire):
    """One CVSS assessment."""

    origin: str  # who made it: "nvd", "cna", "cisa-adp" or "euvd"
    source: Source  # whose record contains it
    version: str
    vector: str
    score: float  # 0-10, recomputed from the vector
    scenario: str = ""  # the situation it holds in; "": in general


class Reference(Wire):
    url: str
    tags: tuple[str, ...] = ()
    source: tuple[Source, ...] = ()


class AffectedProduct(Wire):
    """A CPE 2.3 match string with its version range, or vendor and product with versions as text.

    `vulnerable` is false for a product that is only part of a vulnerable configuration, or that its source calls
    unaffected.
    """

    source: Source
    cpe: str = ""
    vendor: str = ""
    product: str = ""
    package: str = ""
    purl: str = ""
    vulnerable: bool = True
    version_start_including: str = ""
    version_start_excluding: str = ""
    version_end_including: str = ""
    version_end_excluding: str = ""
    versions: tuple[str, ...] = ()
    default_status: str = ""
    platforms: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, str]:
        """Vendor and product, from the CPE where the entry has no words for them."""
        parts = _CPE_SEPARATOR.split(self.cpe)
        vendor, product = (_cpe_words(part) for part in parts[3:5]) if len(parts) > _CPE_PRODUCT else ("", "")
        return self.vendor or vendor, self.product or product


_CPE_SEPARATOR, _CPE_ESCAPE = re.compile(r"(?<!\\):"), re.compile(r"\\(.)")
_CPE_PRODUCT = 4


def _cpe_words(part: str) -> str:
    """Return a component of a CPE 2.3 string as text; empty for any ("*") and none ("-")."""
    return "" if part in ("*", "-") else _CPE_ESCAPE.sub(r"\1", part).replace("_", " ")


class ExploitationClaim(Wire):
    """A statement on whether the vulnerability is exploited."""

    by: str  # who made it
    source: Source  # whose record contains it
    since: date | None = None
    status: str


class Vulnerability(Wire):
    """One merged record. CVSS scores are 0-10, `epss` and `priority_score` 0-1."""

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
    known_ransomware: bool | None  # null: not in CISA's catalogue
    eu_exploited: bool = False
    ssvc_exploitation: str = ""  # "", "none", "poc" or "active"
    epss: float | None
    epss_percentile: float | None = None
    cwe_ids: tuple[str, ...]
    vendors: tuple[str, ...]
    products: tuple[str, ...]
    tags: tuple[str, ...] = ()  # "disputed", "unsupported-when-assigned", "exclusively-hosted-service"
    nvd_status: str = ""  # in NVD's words: "Awaiting Analysis", "Deferred"; "": NVD has no record
    other_names: tuple[str, ...] = ()  # further spellings of the vendors and products
    affected_products: tuple[AffectedProduct, ...]
    references: tuple[Reference, ...]
    cvss_scores: tuple[CvssScore, ...] = ()
    exploitation: tuple[ExploitationClaim, ...] = ()
    required_action: str = ""
    kev_notes: str = ""
    sources: tuple[Source, ...]
    provenance: dict[str, str] = Field(default_factory=dict)
    """Maps each field to the source of its value; several sources are joined by "+"."""
    aliases: tuple[str, ...]
    priority_score: float
    priority_reasons: tuple[str, ...]
    first_seen_at: Instant
    updated_at: Instant

    @property
    def main_product(self) -> tuple[str, str]:
        """Vendor and product of one entry of the record, so that they belong together; empty where none has both.

        CISA names one product for each record, and MITRE has it from who assigned the id; others follow.
        """
        named = [(entry.source, *entry.named) for entry in self.affected_products if entry.vulnerable]
        whole = [found for found in named if found[1] and found[2]]
        first = min(whole, key=lambda found: _naming_rank(found[0]), default=None)
        return (first[1], first[2]) if first else ("", "")


_NAMING = (Source.CISA, Source.MITRE)


def _naming_rank(source: Source) -> int:
    return _NAMING.index(source) if source in _NAMING else len(_NAMING)


def name_of(vendor: str, product: str) -> str:
    """Return "Apache Tomcat" for the vendor Apache, whether its product is called Tomcat or Apache Tomcat.

    A product that is called like its vendor is named once.
    """
    repeats = f"{product} ".casefold().startswith(f"{vendor} ".casefold())
    return product if repeats else f"{vendor} {product}".strip()


class StoredClaim(Wire):
    """What one record of a source states, as it is stored."""

    source: Source
    feed: str  # one of the source's streams of records
    key: str  # the source's own id
    claim: dict[str, JsonValue]  # without the fields about which it says nothing


class ClaimList(Wire):
    """All that the sources state about one vulnerability."""

    cve_id: str
    claims: tuple[StoredClaim, ...]


class VulnerabilitySummary(Wire):
    """The fields of a Vulnerability that lists show; all are columns of one row."""

    cve_id: str
    state: str
    title: str
    cvss_score: float | None
    cvss_version: str | None
    severity: Severity
    published_at: Instant | None
    modified_at: Instant | None
    exploited_in_the_wild: bool
    kev_date_added: date | None
    known_ransomware: bool | None
    cisa_due_date: date | None
    epss: float | None
    vendors: tuple[str, ...]
    products: tuple[str, ...]
    sources: tuple[Source, ...]
    priority_score: float


class _Page(Wire):
    total: int
    total_capped: bool = False  # counting stopped at `total`; there are more
    page: int
    page_size: int
    total_pages: int


class VulnerabilityPage(_Page):
    items: tuple[Vulnerability, ...]


class SummaryPage(_Page):
    """A page of a list, for requests with `brief=true`."""

    items: tuple[VulnerabilitySummary, ...]


class VulnerabilityPortion(Wire):
    """One part of a complete list, read by position instead of page number."""

    items: tuple[Vulnerability, ...]
    next: str | None  # value of `after` for the next portion; null: this is the last one


class FieldChange(Wire):
    """A change of one field of one vulnerability."""

    changed_at: Instant
    field: str
    old: JsonValue
    new: JsonValue
    source: str  # whose record caused the change
    task_id: str | None = None


class ChangeList(Wire):
    """Changes of one vulnerability, newest first."""

    cve_id: str
    changes: tuple[FieldChange, ...]
    total: int
