"""Search queries: conditions, order and page."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from backend.contract.names import Severity, Source
from backend.domain.claims import Tag

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
    FIRST_SEEN = "first_seen_at"
    UPDATED = "updated_at"


class SortOrder(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


class StateFilter(StrEnum):
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"
    ANY = "ANY"


class Position(msgspec.Struct, frozen=True):
    """A row's place in the sort order: its sort value (None: unknown; for a severity its rank) and its id."""

    value: datetime | date | float | str | None
    cve_id: str


class WatchedTerms(msgspec.Struct, frozen=True):
    """Something that concerns without being installed: a vendor, a product, or a search text; all given ones hold.

    program: programs.id of a product with its version, which alone decides; 0: none.
    """

    vendor: str = ""
    product: str = ""
    text: str = ""
    program: int = 0


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A search; all given conditions must hold.

    Unknown values sort last in both orders, ties by cve_id in the same order. By priority, better matches of the text
    come first (see `search_text`); a record whose own id is searched for does in every order.

    Args:
        text: see `search_text.read_text`.
        vendor, product: one whole name, in any of its spellings; product: also a package.
        cwe: "CWE-79" or "79".
        state: None: published ones, and a rejected one only where the text has its own id.
        nvd_status: in NVD's words, in any case.
        published_after: inclusive.
        published_before: exclusive.
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
    vendor: str = ""
    product: str = ""
    cwe: str = ""
    source: Source | None = None
    state: StateFilter | None = None
    tag: Tag | None = None
    nvd_status: str = ""
    min_cvss: float | None = None  # 0-10
    min_priority: float | None = None  # 0-1
    published_after: datetime | None = None
    published_before: datetime | None = None
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
        if self.min_priority is not None and not 0 <= self.min_priority <= 1:
            raise ValueError("min_priority is 0 to 1")
        for name in ("exploited_after", "published_after", "published_before"):
            instant: datetime | None = getattr(self, name)
            if instant is not None and instant.tzinfo is None:
                raise ValueError(f"{name} has no time zone")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size
