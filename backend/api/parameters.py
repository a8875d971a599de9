"""What may stand in an address, as a person or a program writes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from msgspec.structs import replace
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from backend.contract.names import RunState, Severity, Source, Trigger
from backend.domain.claims import RecordState
from backend.domain.search import MAX_PAGE_SIZE, Position, SearchQuery, SortKey, SortOrder

MAX_PAGE = 100_000
MAX_TEXT = 1000
"""Characters of a search; nobody types more."""
_YEARS = range(1970, 2201)


def _displayable(text: str) -> str:
    """PostgreSQL stores no NUL, and UTF-8 has no lone surrogate."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("contains characters that no text has")
    return text


def _instant(given: object) -> object:
    """A day (its beginning in UTC) or a moment; a moment without a zone is UTC."""
    if not isinstance(given, str):
        return given
    try:
        moment = (
            datetime.combine(date.fromisoformat(given), time())
            if len(given) == len("2026-01-31")
            else datetime.fromisoformat(given)
        )
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise ValueError("is not a day like 2026-01-31 or a moment like 2026-01-31T12:00:00Z")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _upper(given: object) -> object:
    return given.upper() if isinstance(given, str) else given


def _each(given: object) -> object:
    """Several values: repeated, or joined by commas."""
    if not isinstance(given, list):
        return given
    return [part.strip().upper() for text in given for part in str(text).split(",")]


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_displayable)]
Identifier = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_displayable)]
Moment = Annotated[datetime | None, BeforeValidator(_instant)]
PageNumber = Annotated[int, Field(ge=1, le=MAX_PAGE)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]


class _Filters(BaseModel):
    """A filter that is misspelt would silently show everything: what is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page_size: PageSize = 50


class RunFilters(_Filters):
    page: PageNumber = 1
    state: Annotated[RunState | None, BeforeValidator(_upper)] = None
    name: Text | None = Field(default=None, description="a task's full name")
    trigger: Trigger | None = None


class _VulnerabilityFilters(_Filters):
    search: Text = Field(
        default="", description="each word begins a word of the id, title, description, vendors or products"
    )
    severity: Annotated[list[Severity], BeforeValidator(_each)] = Field(default=[], description="any of these")
    exploited: bool | None = Field(default=None, description="listed by CISA as known exploited")
    exploited_after: Moment = Field(
        default=None,
        description="known exploited, and this database has known it only since then: a day or a moment, exclusive",
    )
    vendor: Text = ""
    product: Text = ""
    cwe: Text = Field(default="", description="CWE-79")
    source: Source | None = Field(default=None, description="the source speaks of it")
    state: Annotated[RecordState | None, BeforeValidator(_upper)] = None
    min_cvss: float | None = Field(default=None, ge=0, le=10)
    min_priority: float | None = Field(default=None, ge=0, le=1)
    published_after: Moment = Field(default=None, description="a day or a moment, inclusive")
    published_before: Moment = Field(default=None, description="a day or a moment, exclusive")
    brief: bool = Field(
        default=False,
        description="for lists: only the description's beginning, and no products' versions, references or reasons",
    )
    sort_by: SortKey = SortKey.PRIORITY
    sort_order: SortOrder = SortOrder.DESCENDING

    def _asked(self) -> SearchQuery:
        same = (name for name in SearchQuery.__struct_fields__ if name in _VulnerabilityFilters.model_fields)
        given = {name: getattr(self, name) for name in same if name != "severity"}
        return SearchQuery(text=self.search, severity=tuple(self.severity), **given)


class VulnerabilityFilters(_VulnerabilityFilters):
    page: PageNumber = 1

    def query(self) -> SearchQuery:
        return replace(self._asked(), page=self.page)


class WalkFilters(_VulnerabilityFilters):
    after: Text = Field(default="", description="`next` of the portion before, asked for with the same filters")

    def query(self, after: Position | None) -> SearchQuery:
        return replace(self._asked(), after=after)
