"""The API's calls with their messages, as the desktop, the commands and the doctor use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from backend.client.transport import (
    OTHER_PORT_HINT,
    RESTARTED_HINT,
    ApiNonsense,
    Json,
    Message,
    Params,
    Transport,
    segment,
)
from backend.contract.access import AccessRole, AccessTokenList, TokenCreated
from backend.contract.bundle import BundleAccepted
from backend.contract.exposure import (
    FindingChange,
    FindingDetails,
    FindingPage,
    FindingsChange,
    FindingsChanged,
    FindingState,
    FindingTriage,
    InventoryStored,
    MachineDetails,
    MachineList,
    ProductDecision,
    ResolvedProduct,
    StoredDecisions,
    Watched,
    Watchlist,
    WatchlistHistory,
)
from backend.contract.health import PROGRAM, Health, Presence
from backend.contract.inbox import InboxEvents, InboxMarked, InboxScope, MarkEvents, MarkUpTo
from backend.contract.inventory import Inventory, MatchAnswer, MatchRequest
from backend.contract.machine_exposure import MachineExposure
from backend.contract.names import TaskName
from backend.contract.record_details import EpssTrend, FixList, SourceComparison
from backend.contract.report import Report
from backend.contract.schedule import (
    PauseWanted,
    ScheduleChange,
    ScheduledTask,
    ScheduleList,
    SchedulePause,
    SchedulePreview,
)
from backend.contract.searches import SavedSearches
from backend.contract.snapshot import Snapshot
from backend.contract.sources import KeyVerdict, SourceList
from backend.contract.tasks import TaskAccepted, TaskCancelled, TaskPage, TaskRun
from backend.contract.team import CommonProgramPage, ProgramMachines
from backend.contract.vulnerabilities import (
    ChangeList,
    ClaimList,
    SummaryPage,
    Vulnerability,
    VulnerabilityPage,
    VulnerabilityPortion,
)
from backend.contract.watching import ProductNames, VendorNames, WatchedPreview
from backend.contract.webhooks import WebhookChange, WebhookList, WebhookSaved, WebhookTested, WebhookWanted
from backend.contract.workers import WorkersStatus

WINDOW_WAIT_S = 2.0
"""Seconds that the windows and the supervisor wait for an answer."""
COMMAND_WAIT_S = 30.0
"""Seconds that a command waits for an answer."""
WINDOW_MAX_BYTES, COMMAND_MAX_BYTES = 8 * 2**20, 256 * 2**20
"""Longest answers: for windows a page of summaries; for commands 500 whole records, some with thousands of products."""
CHANGE_WAIT_S = 45.0
"""Seconds that an answer to a request for a change may take: longer than the API waits for a database that is busy (it
writes twice, with the broker in between), so that the API says what it waits for.
"""
_MATCH_WAIT_S = 120.0  # thousands of entries are stored or matched before the API answers
_PROGRAMS = 200  # of all machines, on one page
_BUNDLE_WAIT_S = 300.0  # a file of 80 MB is received, checked and stored before the API answers
_NVD_WAIT_S = 30.0  # the API sends the key to NVD before it answers
_REPORT_WAIT_S = 120.0  # of a month with many machines
_WEBHOOK_WAIT_S = 30.0  # the API sends a test message before it answers
_FIRST_WAIT_S = 30.0  # the API asks FIRST before it answers

_Presence = TypeVar("_Presence", bound=Presence)
_PATHS = {
    TaskName.UPDATE: "update-vulnerabilities",
    TaskName.MANUAL_UPDATE: "update-vulnerabilities",
    TaskName.CLEAN_CACHE: "clean-cache",
    TaskName.UPDATE_STATS: "update-stats",
    TaskName.TEST: "test",
    TaskName.REPORT: "write-report",
}


@dataclass(frozen=True)
class Fresh:
    """A snapshot, and its ETag, with which the next request avoids an unchanged answer."""

    snapshot: Snapshot
    tag: str


class ApiClient:
    """The calls of the API. Each raises ApiError; used by one thread.

    Args:
        base: Scheme, host and port of the API.
        token: The API's token; empty: none.
        wait_s: Seconds that an answer may take.
        max_bytes: Longest answer that is read.
        hint: What a person can do if the API does not answer.
        changed: Called after each successful request that changes something.
    """

    def __init__(
        self,
        base: str,
        token: str = "",
        *,
        wait_s: float = WINDOW_WAIT_S,
        max_bytes: int = WINDOW_MAX_BYTES,
        hint: str = RESTARTED_HINT,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._transport = Transport(base, token, wait_s=wait_s, max_bytes=max_bytes, hint=hint)
        self._changed = changed

    def live(self) -> Presence:
        """Identify the API process; cheap enough to poll. Raises ApiNonsense if another program answers."""
        return _ours(self._get("/live", Presence))

    def health(self) -> Health:
        """Identify the API process and check its dependencies, which costs the API ten times as much as `live`."""
        return _ours(self._get("/health", Health))

    def snapshot(self, tag: str = "") -> Fresh | None:
        """Fetch everything that the desktop shows.

        Args:
            tag: The ETag of the last snapshot; empty if there is none.

        Returns:
            None if the snapshot has not changed since.
        """
        answer = self._transport.call("GET", "/snapshot", headers={"If-None-Match": tag} if tag else {})
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return None
        return Fresh(answer.as_message(Snapshot), answer.tag)

    def match(self, request: MatchRequest) -> MatchAnswer:
        """The known vulnerabilities of installed software. Stores nothing."""
        body = request.model_dump(mode="json")
        return self._transport.call("POST", "/match", body=body, wait_s=_MATCH_WAIT_S).as_message(MatchAnswer)

    def resolve_product(self, name: str, publisher: str = "", version: str = "") -> ResolvedProduct:
        named = {"name": name, "publisher": publisher, "version": version}
        return self._get("/products/resolve", ResolvedProduct, named)

    def decide_product(self, decision: ProductDecision) -> ResolvedProduct:
        return self._do("PUT", "/products/decisions", ResolvedProduct, decision.model_dump(mode="json"))

    def product_decisions(self) -> StoredDecisions:
        return self._get("/products/decisions", StoredDecisions)

    def put_inventory(self, machine_id: str, inventory: Inventory) -> InventoryStored:
        path, body = f"/machines/{segment(machine_id)}/inventory", inventory.model_dump(mode="json")
        return self._do("PUT", path, InventoryStored, body, wait_s=_MATCH_WAIT_S)

    def machines(self) -> MachineList:
        return self._get("/machines", MachineList)

    def machine(self, machine_id: str) -> MachineDetails:
        return self._get(f"/machines/{segment(machine_id)}", MachineDetails)

    def findings(self, filters: Params) -> FindingPage:
        """filters: the parameters of GET /findings by name."""
        return self._get("/findings", FindingPage, filters)

    def finding(self, finding_id: int) -> FindingDetails:
        return self._get(f"/findings/{finding_id}", FindingDetails)

    def change_findings(self, ids: Sequence[int], change: FindingChange) -> FindingsChanged:
        """Set the triage of findings, all or none. The answer has what it was before."""
        if not ids:
            return FindingsChanged(before=())
        body = FindingsChange(ids=tuple(ids), **change.model_dump()).model_dump(mode="json")
        return self._do("PATCH", "/findings", FindingsChanged, body)

    def restore_triage(self, wanted: Iterable[FindingTriage]) -> list[FindingTriage]:
        """Give each finding its own triage, as an answer before had it. What is resolved stays so.

        Returns:
            What it was until now.
        """
        alike = defaultdict[FindingChange, list[int]](list)
        for finding in wanted:
            if finding.state is not FindingState.RESOLVED:
                alike[FindingChange(state=finding.state, note=finding.note, until=finding.until)].append(finding.id)
        return [was for change, ids in alike.items() for was in self.change_findings(ids, change).before]

    def machine_exposure(self, machine_id: str) -> MachineExposure:
        return self._get(f"/machines/{segment(machine_id)}/exposure", MachineExposure)

    def common_programs(self, search: str, page: int = 1) -> CommonProgramPage:
        """One page of the programs of all machines. search: words of the name, or the beginning of the version."""
        return self._get("/programs", CommonProgramPage, {"search": search, "page": page, "page_size": _PROGRAMS})

    def program_machines(self, program_id: int) -> ProgramMachines:
        return self._get(f"/programs/{program_id}/machines", ProgramMachines)

    def watchlist(self) -> Watchlist:
        return self._get("/watchlist", Watchlist)

    def watchlist_history(self) -> WatchlistHistory:
        return self._get("/watchlist/history", WatchlistHistory)

    def change_watchlist(self, change: Callable[[Watchlist], Watchlist]) -> Watchlist:
        """Change the present watchlist, which others may have changed since it was shown."""
        wanted = change(self.watchlist())
        return self._do("PUT", "/watchlist", Watchlist, wanted.model_dump(mode="json"))

    def searches(self) -> SavedSearches:
        return self._get("/searches", SavedSearches)

    def change_searches(self, change: Callable[[SavedSearches], SavedSearches]) -> SavedSearches:
        """Change the present saved searches, which others may have changed since they were shown."""
        wanted = change(self.searches())
        return self._do("PUT", "/searches", SavedSearches, wanted.model_dump(mode="json", exclude_defaults=True))

    def inbox(self, filters: Params) -> InboxEvents:
        """filters: the parameters of GET /inbox by name."""
        return self._get("/inbox", InboxEvents, filters)

    def mark_events(self, ids: Sequence[int], *, read: bool) -> InboxMarked:
        body = MarkEvents(ids=tuple(ids), read=read).model_dump(mode="json")
        return self._do("PATCH", "/inbox", InboxMarked, body)

    def mark_read_up_to(self, event_id: int, scope: InboxScope) -> InboxMarked:
        """Mark all events of a scope as read that are not newer than this one."""
        body = MarkUpTo(up_to=event_id, scope=scope).model_dump(mode="json")
        return self._do("PATCH", "/inbox", InboxMarked, body)

    def report(self, wanted: Params) -> bytes:
        """The report as a file. wanted: the parameters of GET /report by name."""
        file = BytesIO()
        answer = self._transport.fetch("/report", file, params=wanted, wait_s=_REPORT_WAIT_S)
        if not answer.good:
            answer.as_message(Report)  # raises the error in it
        return file.getvalue()

    def watch_preview(self, watched: Watched) -> WatchedPreview:
        return self._get("/watchlist/preview", WatchedPreview, watched.model_dump())

    def vendors(self, prefix: str) -> VendorNames:
        return self._get("/vendors", VendorNames, {"prefix": prefix})

    def products(self, prefix: str, vendor: str = "") -> ProductNames:
        return self._get("/products", ProductNames, {"prefix": prefix, "vendor": vendor})

    def webhooks(self) -> WebhookList:
        return self._get("/webhooks", WebhookList)

    def add_webhook(self, wanted: WebhookWanted) -> WebhookSaved:
        return self._do("POST", "/webhooks", WebhookSaved, wanted.model_dump(mode="json"))

    def change_webhook(self, webhook_id: str, change: WebhookChange) -> WebhookSaved:
        body = change.model_dump(mode="json", exclude_none=True)
        return self._do("PATCH", f"/webhooks/{segment(webhook_id)}", WebhookSaved, body)

    def remove_webhook(self, webhook_id: str) -> WebhookList:
        return self._do("DELETE", f"/webhooks/{segment(webhook_id)}", WebhookList)

    def test_webhook(self, webhook_id: str) -> WebhookTested:
        """Have a test message sent, and return what the receiver answered."""
        return self._do("POST", f"/webhooks/{segment(webhook_id)}/test", WebhookTested, wait_s=_WEBHOOK_WAIT_S)

    def tokens(self) -> AccessTokenList:
        return self._get("/tokens", AccessTokenList)

    def create_token(self, name: str, role: AccessRole) -> TokenCreated:
        return self._do("POST", "/tokens", TokenCreated, {"name": name, "role": role})

    def revoke_token(self, token_id: int) -> None:
        self._transport.call("DELETE", f"/tokens/{token_id}", wait_s=CHANGE_WAIT_S).check()

    def workers(self) -> WorkersStatus:
        return self._get("/tasks/workers/status", WorkersStatus)

    def sources(self) -> SourceList:
        return self._get("/sources", SourceList)

    def vulnerabilities(self, filters: Params) -> VulnerabilityPage:
        """filters: the parameters of GET /vulnerabilities by name."""
        return self._get("/vulnerabilities", VulnerabilityPage, filters)

    def listed(self, filters: Params) -> SummaryPage:
        """One page of vulnerabilities, reduced to what a list shows. filters: as for `vulnerabilities`."""
        return self._get("/vulnerabilities", SummaryPage, {**filters, "brief": "true"})

    def portion(self, filters: Params, after: str) -> VulnerabilityPortion:
        """As many whole records as fit into one answer.

        Args:
            filters: As for `vulnerabilities`, without a page.
            after: `next` of the portion before; empty: from the beginning.
        """
        return self._get("/vulnerabilities/all", VulnerabilityPortion, {**filters, "after": after})

    def vulnerability(self, cve_id: str) -> Vulnerability:
        return self._get(f"/vulnerabilities/{segment(cve_id)}", Vulnerability)

    def changes(self, cve_id: str) -> ChangeList:
        return self._get(f"/vulnerabilities/{segment(cve_id)}/changes", ChangeList)

    def claims(self, cve_id: str) -> ClaimList:
        return self._get(f"/vulnerabilities/{segment(cve_id)}/claims", ClaimList)

    def fixes(self, cve_id: str) -> FixList:
        return self._get(f"/vulnerabilities/{segment(cve_id)}/fixes", FixList)

    def epss_trend(self, cve_id: str) -> EpssTrend:
        return self._get(f"/vulnerabilities/{segment(cve_id)}/epss", EpssTrend)

    def request_epss_trend(self, cve_id: str) -> EpssTrend:
        """Ask FIRST for the scores of the last 30 days."""
        answer = self._transport.call("POST", f"/vulnerabilities/{segment(cve_id)}/epss", wait_s=_FIRST_WAIT_S)
        return answer.as_message(EpssTrend)

    def source_comparison(self, cve_id: str) -> SourceComparison:
        return self._get(f"/vulnerabilities/{segment(cve_id)}/sources", SourceComparison)

    def runs(self, filters: Params) -> TaskPage:
        """filters: the parameters of GET /tasks by name."""
        return self._get("/tasks", TaskPage, filters)

    def run(self, task_id: str) -> TaskRun:
        return self._get(f"/tasks/{segment(task_id)}", TaskRun)

    def request_run(self, task: TaskName) -> TaskAccepted:
        """Queue a run. If an update is already queued or running, the answer has the id of that run."""
        return self._do("POST", f"/tasks/{_PATHS[task]}", TaskAccepted)

    def cancel(self, task_id: str) -> TaskCancelled:
        return self._do("POST", f"/tasks/{segment(task_id)}/cancel", TaskCancelled)

    def schedule(self) -> ScheduleList:
        return self._get("/tasks/scheduled/list", ScheduleList)

    def change_schedule(self, name: str, change: ScheduleChange) -> ScheduledTask:
        return self._do(
            "PATCH",
            f"/tasks/scheduled/{segment(name)}",
            ScheduledTask,
            change.model_dump(mode="json", exclude_unset=True),
        )

    def reset_schedule(self, name: str) -> ScheduledTask:
        return self._do("POST", f"/tasks/scheduled/{segment(name)}/reset", ScheduledTask)

    def preview_schedule(self, line: str) -> SchedulePreview:
        return self._get("/tasks/scheduled/preview", SchedulePreview, {"schedule": line})

    def pause_schedule(self, until: datetime | None) -> SchedulePause:
        """until: with a time zone; None: until a user resumes the schedule."""
        return self._do(
            "PUT", "/tasks/scheduled/pause", SchedulePause, PauseWanted(until=until).model_dump(mode="json")
        )

    def resume_schedule(self) -> SchedulePause:
        return self._do("DELETE", "/tasks/scheduled/pause", SchedulePause)

    def try_nvd_key(self, key: str) -> KeyVerdict:
        return self._do("POST", "/sources/nvd/key", KeyVerdict, {"key": key}, wait_s=_NVD_WAIT_S)

    def save_bundle(self, path: Path) -> int:
        """Write a bundle of all that the sources state, and return its size. Nothing is left of one that fails.

        Raises:
            OSError: The file cannot be written.
        """
        unfinished = path.with_name(f"{path.name}.part")
        try:
            with unfinished.open("wb") as file:
                answer = self._transport.fetch("/bundle", file, wait_s=_BUNDLE_WAIT_S)
            answer.check()
            unfinished.replace(path)
            return path.stat().st_size
        finally:
            unfinished.unlink(missing_ok=True)

    def load_bundle(self, path: Path) -> BundleAccepted:
        """Have a bundle loaded. The answer comes when the file was received and checked.

        Raises:
            OSError: The file cannot be read.
        """
        with path.open("rb") as file:
            answer = self._transport.call("POST", "/bundle", body=file, wait_s=_BUNDLE_WAIT_S)
        if answer.good:
            self._changed()
        return answer.as_message(BundleAccepted)

    def _get(self, path: str, kind: type[Message], params: Params | None = None) -> Message:
        return self._transport.call("GET", path, params=params).as_message(kind)

    def _do(
        self, method: str, path: str, kind: type[Message], body: Json = None, *, wait_s: float = CHANGE_WAIT_S
    ) -> Message:
        answer = self._transport.call(method, path, body=body, wait_s=wait_s)
        if answer.good:
            self._changed()
        return answer.as_message(kind)


def _ours(presence: _Presence) -> _Presence:
    if presence.program != PROGRAM:
        raise ApiNonsense("another program answers", OTHER_PORT_HINT)
    return presence
