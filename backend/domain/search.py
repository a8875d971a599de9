"""Search queries: conditions, order and page; and the query of the filters that the API and saved searches have."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from backend.contract.exposure import FindingState
from backend.contract.names import Severity, Source, Tag
from backend.contract.searches import StateFilter, VulnerabilityFilters

MAX_PAGE_SIZE = 500
TEXT_TOTAL_CAP = 1000
"""Matches of a text are counted up to this number: counting all takes longer than the search itself."""


class SortKey(StrEnum):
    CVE_ID = "cve_id"
    PUBLISHED = "published_at"
    MODIFIED = "modified_at"
    CVSS = "cvss_score"
    PRIORITY = "priority_score"
    EPSS = "epss"
    SEVERITY = "severity"
    KEV_ADDED = "kev_date_added"
    DUE = "cisa_due_date"
    TITLE = "title"
    VENDORS = "vendors"
    PRODUCTS = "products"
    SOURCES = "sources"
    FIRST_SEEN = "first_seen_at"
    UPDATED = "updated_at"


class SortOrder(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


class Position(msgspec.Struct, frozen=True):
    """A row's place in the sort order: its sort value (None: unknown; for a severity its rank) and its id."""

    value: datetime | date | float | str | None
    cve_id: str


class WatchedTerms(msgspec.Struct, frozen=True):
    """Something that concerns without being installed: a vendor, a product, or a search text; all given ones hold.

    program: programs.id of a product with its version, which alone decides; 0: none. query: a saved search, which alone
    decides; it is none for what is `mine`.
    """

    vendor: str = ""
    product: str = ""
    text: str = ""
    program: int = 0
    query: SearchQuery | None = None


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A search; all given conditions must hold.

    Unknown values sort last in both orders, ties by cve_id in the same order. By priority, better matches of the text
    come first (see `search_text`); a record whose own id is searched for does in every order.

    Of several values of one condition, any is enough.

    Args:
        text: see `search_text.read_text`.
        vendor, product: whole names, in any of their spellings; product: also a package.
        cwe: "CWE-79" or "79".
        state: None: published ones, and a rejected one only where the text has its own id.
        nvd_status: in NVD's words, in any case.
        published_after, kev_added_after, changed_after: inclusive.
        published_before, kev_added_before, due_before: exclusive.
        changed_after: of this program's clock; the row has changed since it was added. Daily scores do not count.
        triage: states of the vulnerability's findings.
        exploited_after: known exploited, and recorded as such in this database after that moment.
        mine: only what concerns the machines whose inventories are stored, or what is `watched`.
        after: only rows after this one, which need not exist any more; for walks without page numbers.

    Raises:
        ValueError: a value is out of range, or an instant has no time zone.
    """

    text: str = ""
    severity: tuple[Severity, ...] = ()  # any of these
    exploited: bool | None = None
    exploited_after: datetime | None = None
    kev_added_after: date | None = None
    kev_added_before: date | None = None
    due_before: date | None = None
    ransomware: bool | None = None
    vendor: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    cwe: tuple[str, ...] = ()
    source: Source | None = None
    state: StateFilter | None = None
    tag: tuple[Tag, ...] = ()
    nvd_status: tuple[str, ...] = ()
    triage: tuple[FindingState, ...] = ()
    min_cvss: float | None = None  # 0-10
    min_epss: float | None = None  # 0-1
    min_priority: float | None = None  # 0-1
    published_after: datetime | None = None
    published_before: datetime | None = None
    changed_after: datetime | None = None
    sort_by: SortKey = SortKey.PRIORITY
    sort_order: SortOrder = SortOrder.DESCENDING
    page: int = 1
    page_size: int = 50
    after: Position | None = None
    mine: bool = False
    watched: tuple[WatchedTerms, ...] = ()

    def __post_init__(self) -> None:
        if self.page < 1:
            raise ValueError("page counts from 1")
        if not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise ValueError(f"page_size is 1 to {MAX_PAGE_SIZE}")
        if self.min_cvss is not None and not 0 <= self.min_cvss <= 10:
            raise ValueError("min_cvss is 0 to 10")
        for name in ("min_epss", "min_priority"):
            share: float | None = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise ValueError(f"{name} is 0 to 1")
        for name in ("exploited_after", "published_after", "published_before", "changed_after"):
            instant: datetime | None = getattr(self, name)
            if instant is not None and instant.tzinfo is None:
                raise ValueError(f"{name} has no time zone")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


def query_of(filters: VulnerabilityFilters) -> SearchQuery:
    """Return the query for the filters: the first page in the order of priority."""
    shared = (name for name in SearchQuery.__struct_fields__ if name in VulnerabilityFilters.model_fields)
    return SearchQuery(text=filters.search, **{name: getattr(filters, name) for name in shared})
