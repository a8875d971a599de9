"""A question to the vulnerability database, checked when it is made."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from backend.contract.names import Severity, Source
from backend.domain.claims import State

MAX_PAGE_SIZE = 500
TEXT_TOTAL_CAP = 1000
"""Matches of a text are counted up to here: nobody pages further, and counting all costs more than answering."""


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


class Position(msgspec.Struct, frozen=True):
    """A row in the order asked for: its sort value (None: unknown; of a severity its rank) and its id."""

    value: datetime | date | float | str | None
    cve_id: str


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Everything given must hold. Raises ValueError when a value makes no sense.

    text: each of its words begins a word of the id, title, description, vendors, products or aliases.
    vendor, product, cwe: one whole name, in any case. published_after is inclusive, published_before exclusive.
    exploited_after: known exploited, and this database came to know of it after that moment.
    Sorting: unknown values last in both orders; ties by cve_id in the same order.
    after: only what comes after this row, which need not be there any more; for walks, which know no page numbers.
    """

    text: str = ""
    severity: tuple[Severity, ...] = ()  # any of these
    exploited: bool | None = None
    exploited_after: datetime | None = None
    vendor: str = ""
    product: str = ""
    cwe: str = ""
    source: Source | None = None
    state: State | None = None
    min_cvss: float | None = None  # 0-10
    min_priority: float | None = None  # 0-1
    published_after: datetime | None = None
    published_before: datetime | None = None
    sort_by: SortKey = SortKey.PRIORITY
    sort_order: SortOrder = SortOrder.DESCENDING
    page: int = 1
    page_size: int = 50
    after: Position | None = None
    brief: bool = False  # without details and with the beginning of the description: enough for a list

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
