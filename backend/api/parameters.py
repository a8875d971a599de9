"""Path and query parameters of the API, and how they become queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import Path
from msgspec.structs import replace
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from backend.contract.exposure import FindingState, Watched
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.inventory import MAX_NAME, SoftwareEntry, Verdict
from backend.contract.names import RunState, Severity, Source, Trigger
from backend.contract.schedule import CRON_PATTERN
from backend.contract.wire import storable
from backend.domain.canonical import CVE_PATTERN, EUVD_PATTERN
from backend.domain.claims import Tag
from backend.domain.search import MAX_PAGE_SIZE, Position, SearchQuery, SortKey, SortOrder, StateFilter
from backend.store.repositories.events import InboxQuery
from backend.store.repositories.findings import FindingQuery

MAX_PAGE = 100_000
MAX_TEXT = 1000
"""Longest search text in characters."""
_RECORD_ID = f"^(?:{CVE_PATTERN}|{CVE_PATTERN.lower()}|{EUVD_PATTERN}|{EUVD_PATTERN.lower()})$"


def _check_characters(text: str) -> str:
    """Reject what PostgreSQL cannot store (NUL) and UTF-8 cannot encode (lone surrogates)."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("contains invalid characters")
    return text


def _parse_instant(given: object) -> object:
    """Parse a day (its beginning in UTC) or a date and time; without a zone it is in UTC."""
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
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        if moment is not None:
            return moment.astimezone(UTC)
    except OverflowError:  # in UTC it would lie before the year 1 or after 9999
        moment = None
    raise ValueError("is not a day like 2026-01-31 or a time like 2026-01-31T12:00:00Z")


def _upper(given: object) -> object:
    return given.upper() if isinstance(given, str) else given


def _split(given: object) -> object:
    """Accept several values as repeated parameters or joined by commas."""
    if not isinstance(given, list):
        return given
    return [part.strip().upper() for text in given for part in str(text).split(",")]


def _split_lower(given: object) -> object:
    parts = _split(given)
    return [part.lower() for part in parts] if isinstance(parts, list) else parts


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_check_characters)]
WatchedName = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(storable)]
Identifier = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check_characters)]
CronLine = Annotated[Text, WithJsonSchema({"type": "string", "maxLength": MAX_TEXT, "pattern": CRON_PATTERN})]
MachineId = Annotated[Identifier, Path(description="The machine's own id")]
FindingId = Annotated[int, Path(ge=1, lt=2**31)]
RecordId = Annotated[Identifier, WithJsonSchema({"type": "string", "maxLength": 200, "pattern": _RECORD_ID})]
"""A vulnerability id; upper or lower case."""
_INSTANT = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
Moment = Annotated[datetime | None, BeforeValidator(_parse_instant), WithJsonSchema(_INSTANT)]
PageNumber = Annotated[int, Field(ge=1, le=MAX_PAGE)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]


class _Filters(BaseModel):
    """Unknown names are rejected, because a misspelt filter would silently match everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page_size: PageSize = 50


class RunFilters(_Filters):
    page: PageNumber = 1
    state: Annotated[RunState | None, BeforeValidator(_upper)] = None
    name: Text | None = Field(default=None, description="Full name of the task")
    trigger: Trigger | None = None


class FindingFilters(_Filters):
    page: PageNumber = 1
    machine: Text = Field(default="", description="Id or name of a machine")
    program: Annotated[int | None, Field(ge=1, lt=2**31)] = None
    software: Text = Field(default="", description="Part of a program's name")
    cve_id: Text = Field(default="", description="Id of a vulnerability")
    verdict: Verdict | None = None
    state: FindingState | None = Field(default=None, description="Without it, those that are not resolved")
    exploited: bool | None = Field(default=None, description="Whether CISA lists the vulnerability as known exploited")
    severity: Annotated[list[Severity], BeforeValidator(_split)] = Field(
        default=[], description="One or several severities, repeated or joined by commas"
    )

    def query(self) -> FindingQuery:
        given = self.model_dump(exclude={"severity"})
        return FindingQuery(severity=tuple(self.severity), **given)


class InboxFilters(_Filters):
    page: PageNumber = 1
    scope: InboxScope = Field(default=InboxScope.MINE, description="Whose events")
    since: Moment = Field(default=None, description="A day or a time, inclusive")
    unread: bool | None = Field(default=None, description="Only unread events, or only those that are read")
    kind: Annotated[list[EventKind], BeforeValidator(_split_lower)] = Field(
        default=[], description="One or several kinds, repeated or joined by commas"
    )

    def query(self) -> InboxQuery:
        return InboxQuery(kinds=tuple(self.kind), **self.model_dump(exclude={"kind"}))


class InstalledName(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(storable)]
    publisher: Annotated[str, Field(max_length=MAX_NAME), AfterValidator(storable)] = ""
    version: Annotated[str, Field(max_length=MAX_NAME), AfterValidator(storable)] = ""

    def entry(self) -> SoftwareEntry:
        return SoftwareEntry(name=self.name, publisher=self.publisher, version=self.version)


class WatchedEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: WatchedName = ""
    product: WatchedName = ""
    version: WatchedName = ""
    search: WatchedName = ""

    def watched(self) -> Watched:
        return Watched(**self.model_dump())


class _VulnerabilityFilters(_Filters):
    search: Text = Field(
        default="",
        description="Ids of any kind, also in addresses or lists; CPE names and package URLs; CWE ids; or words, each"
        " the beginning of a word in the title, description, vendors, products or packages. Whole words come first",
    )
    severity: Annotated[list[Severity], BeforeValidator(_split)] = Field(
        default=[], description="One or several severities, repeated or joined by commas"
    )
    exploited: bool | None = Field(default=None, description="Whether CISA lists it as known exploited")
    exploited_after: Moment = Field(
        default=None,
        description="Known exploited, and recorded as such in this database after this day or time (exclusive)",
    )
    vendor: Text = Field(default="", description="A vendor, in any spelling")
    product: Text = Field(default="", description="A product or package, in any spelling")
    cwe: Text = Field(default="", description="A CWE id such as CWE-79, or its number")
    source: Source | None = Field(default=None, description="The source has a record of it")
    state: Annotated[StateFilter | None, BeforeValidator(_upper)] = Field(
        default=None,
        description="Without it, published records, and a rejected one only where its own id is searched for",
    )
    tag: Tag | None = Field(default=None, description="What the CNA says of the record as a whole")
    nvd_status: Text = Field(default="", description="How far NVD's analysis is, in its own words: Deferred")
    mine: bool = Field(
        default=False,
        description="Only what concerns the machines whose inventories are stored, or is on the watchlist",
    )
    min_cvss: float | None = Field(default=None, ge=0, le=10)
    min_priority: float | None = Field(default=None, ge=0, le=1)
    published_after: Moment = Field(default=None, description="A day or a time, inclusive")
    published_before: Moment = Field(default=None, description="A day or a time, exclusive")
    sort_by: SortKey = SortKey.PRIORITY
    sort_order: SortOrder = SortOrder.DESCENDING

    def _base_query(self) -> SearchQuery:
        shared = (name for name in SearchQuery.__struct_fields__ if name in _VulnerabilityFilters.model_fields)
        values = {name: getattr(self, name) for name in shared if name != "severity"}
        return SearchQuery(text=self.search, severity=tuple(self.severity), **values)


class VulnerabilityFilters(_VulnerabilityFilters):
    page: PageNumber = 1
    brief: bool = Field(default=False, description="For lists: only the fields that a list shows")

    def query(self) -> SearchQuery:
        return replace(self._base_query(), page=self.page)


class PortionFilters(_VulnerabilityFilters):
    after: Text = Field(default="", description="`next` of the previous answer, with the same filters and sort order")

    def query(self, after: Position | None) -> SearchQuery:
        return replace(self._base_query(), after=after)
