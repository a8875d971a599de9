"""Path and query parameters of the API, and how they become queries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from msgspec.structs import replace
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from backend.contract.exposure import FindingState, Watched
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.inventory import MAX_NAME, FindingVerdict, SoftwareEntry
from backend.contract.names import RunState, Severity, Trigger
from backend.contract.report import ReportFormat, ReportPeriod, ReportScope
from backend.contract.schedule import CRON_PATTERN
from backend.contract.searches import CheckedText, Moment, VulnerabilityFilters, split_lower, split_upper, upper
from backend.contract.wire import storable
from backend.domain.canonical import CVE_PATTERN, EUVD_PATTERN
from backend.domain.search import MAX_PAGE_SIZE, Position, SearchQuery, SortKey, SortOrder, query_of
from backend.services.report.content import ReportQuery
from backend.store.repositories.common_programs import ProgramQuery
from backend.store.repositories.events import InboxQuery
from backend.store.repositories.findings import FindingQuery

MAX_PAGE = 100_000
MAX_TEXT = 1000
"""Longest text in characters."""
_RECORD_ID = f"^(?:{CVE_PATTERN}|{CVE_PATTERN.lower()}|{EUVD_PATTERN}|{EUVD_PATTERN.lower()})$"


Text = Annotated[CheckedText, Field(max_length=MAX_TEXT)]
WatchedName = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(storable)]
Identifier = Annotated[CheckedText, Field(min_length=1, max_length=200)]
CronLine = Annotated[Text, WithJsonSchema({"type": "string", "maxLength": MAX_TEXT, "pattern": CRON_PATTERN})]
MachineId = Annotated[Identifier, Path(description="The machine's own id")]
FindingId = Annotated[int, Path(ge=1, lt=2**31)]
TokenId = Annotated[int, Path(ge=1, lt=2**31)]
ProgramId = Annotated[int, Path(ge=1, lt=2**31)]
RecordId = Annotated[Identifier, WithJsonSchema({"type": "string", "maxLength": 200, "pattern": _RECORD_ID})]
"""A vulnerability id; upper or lower case."""
PageNumber = Annotated[int, Field(ge=1, le=MAX_PAGE)]
PageSize = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)]


class _Filters(BaseModel):
    """Unknown names are rejected, because a misspelt filter would silently match everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    page_size: PageSize = 50


class RunFilters(_Filters):
    page: PageNumber = 1
    state: Annotated[RunState | None, BeforeValidator(upper)] = None
    name: Text | None = Field(default=None, description="Full name of the task")
    trigger: Trigger | None = None


class FindingFilters(_Filters):
    page: PageNumber = 1
    machine: Text = Field(default="", description="Id or name of a machine")
    own: bool = Field(default=False, description="Only those of this PC and of the lists that it sent")
    program: Annotated[int | None, Field(ge=1, lt=2**31)] = None
    software: Text = Field(default="", description="Part of a program's name")
    cve_id: Annotated[tuple[Identifier, ...], Field(max_length=MAX_PAGE_SIZE)] = Field(
        default=(), description="Ids of vulnerabilities, repeated for several"
    )
    verdict: FindingVerdict | None = None
    state: FindingState | None = Field(default=None, description="Without it, those that are not resolved")
    exploited: bool | None = Field(default=None, description="Whether CISA lists the vulnerability as known exploited")
    severity: Annotated[tuple[Severity, ...], BeforeValidator(split_upper)] = Field(
        default=(), description="One or several severities, repeated or joined by commas"
    )

    def query(self, machine_id: str) -> FindingQuery:
        """machine_id: of this PC."""
        given = self.model_dump(exclude={"severity", "own"})
        return FindingQuery(severity=self.severity, of_pc=machine_id if self.own else None, **given)


class ProgramFilters(_Filters):
    page: PageNumber = 1
    search: Text = Field(default="", description="Words of a program's name, or the beginning of its version")

    def query(self) -> ProgramQuery:
        return ProgramQuery(**self.model_dump())


class InboxFilters(_Filters):
    page: PageNumber = 1
    scope: InboxScope = Field(default=InboxScope.MINE, description="Whose events")
    since: Moment = Field(default=None, description="A day or a time, inclusive")
    unread: bool | None = Field(default=None, description="Only unread events, or only those that are read")
    kind: Annotated[tuple[EventKind, ...], BeforeValidator(split_lower)] = Field(
        default=(), description="One or several kinds, repeated or joined by commas"
    )

    def query(self, machine_id: str) -> InboxQuery:
        """machine_id: of the PC of the API."""
        return InboxQuery(kinds=self.kind, machine_id=machine_id, **self.model_dump(exclude={"kind"}))


class ReportParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    period: ReportPeriod = Field(default=ReportPeriod.WEEK, description="How long before now it begins")
    scope: ReportScope = Field(default=ReportScope.MINE, description="What it is about")
    machine: Text = Field(default="", description="Id or name of the only machine that it is about")
    format: Literal[ReportFormat.HTML, ReportFormat.JSON, ReportFormat.CSV] = ReportFormat.JSON

    def query(self, now: datetime) -> ReportQuery:
        return ReportQuery(now - self.period.length, now, self.scope, self.machine)


class FeedFilters(BaseModel):
    scope: InboxScope = Field(default=InboxScope.MINE, description="Whose events")
    token: Text = Field(
        default="", description="The API's token, where it requires one: feed readers cannot send headers"
    )


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


class _SearchParameters(VulnerabilityFilters):
    page_size: PageSize = 50
    sort_by: SortKey = SortKey.PRIORITY
    sort_order: SortOrder = SortOrder.DESCENDING

    def _base_query(self) -> SearchQuery:
        query = query_of(self)
        return replace(query, page_size=self.page_size, sort_by=self.sort_by, sort_order=self.sort_order)


class SearchParameters(_SearchParameters):
    page: PageNumber = 1
    brief: bool = Field(default=False, description="For lists: only the fields that a list shows")

    def query(self) -> SearchQuery:
        return replace(self._base_query(), page=self.page)


class PortionParameters(_SearchParameters):
    after: Text = Field(default="", description="`next` of the previous answer, with the same filters and sort order")

    def query(self, after: Position | None) -> SearchQuery:
        return replace(self._base_query(), after=after)
