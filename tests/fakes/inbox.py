"""An inbox in memory, with the answers of the API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backend.client.api import ApiClient
from backend.client.transport import ApiSilent, Params
from backend.contract.exposure import (
    FindingChange,
    FindingDetails,
    FindingPage,
    FindingsChanged,
    FindingState,
    FindingTriage,
    MachineList,
    Watchlist,
)
from backend.contract.inbox import (
    EventFinding,
    EventKind,
    InboxCounts,
    InboxEvent,
    InboxEvents,
    InboxMarked,
    InboxScope,
)
from backend.contract.names import RunState, Severity, TaskName
from backend.contract.tasks import TaskAccepted, TaskCancelled

NOW = datetime.now(UTC)


def finding(number: int, program: str = "Mozilla Firefox", version: str = "115.0", **more: object) -> EventFinding:
    """A finding of a machine that is not this one; more: other fields."""
    facts = {"machine_id": "other", "machine": "RECEPTION", "fixed_in": "128.0.2", "state": FindingState.OPEN}
    return EventFinding.model_validate({"finding_id": number, "program": program, "version": version, **facts, **more})


def event(number: int, kind: EventKind = EventKind.EXPLOITED, **more: object) -> InboxEvent:
    """The event of that id and CVE; the higher the number, the newer. more: other fields."""
    facts: dict[str, object] = {
        "happened_at": NOW - timedelta(hours=1000 - number),
        "cve_id": f"CVE-2026-{number:04}",
        "title": f"Use after free in part {number}",
        "severity": Severity.HIGH,
        "exploited": kind is EventKind.EXPLOITED,
        "due_date": None,
        "epss_before": None,
        "epss_after": None,
        "priority_score": 0.5,
        "reason": None,
        "on_machines": (),
        "on_machines_total": 0,
        "watched": (),
        "read_at": None,
    }
    return InboxEvent.model_validate({"id": number, "kind": kind, **facts, **more})


@dataclass
class FakeInbox:
    """The events, the findings that they name, and the calls that changed something.

    mine: ids of the events in the scope "mine"; None: all. elsewhere: those of them that do not concern this PC.
    silent: nothing is answered.
    """

    events: list[InboxEvent] = field(default_factory=list)
    mine: set[int] | None = None
    elsewhere: set[int] = field(default_factory=set)
    notes: dict[int, FindingTriage] = field(default_factory=dict)
    watched: Watchlist = field(default_factory=Watchlist)
    machines: MachineList = field(default_factory=lambda: MachineList(items=()))
    calls: list[object] = field(default_factory=list)
    silent: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def counts(self) -> InboxCounts:
        unread = [item for item in self.within(InboxScope.PC) if item.read_at is None]
        exploited = {item.cve_id for item in unread if item.exploited}
        return InboxCounts(unread=len({item.cve_id for item in unread}), unread_exploited=len(exploited))

    def within(self, scope: InboxScope) -> list[InboxEvent]:
        def belongs(item: InboxEvent) -> bool:
            if scope in (InboxScope.MINE, InboxScope.PC):
                is_mine = self.mine is None or item.id in self.mine
                return is_mine and (scope is InboxScope.MINE or item.id not in self.elsewhere)
            return scope is InboxScope.EVERYTHING or item.exploited

        return [item for item in sorted(self.events, key=lambda item: item.id, reverse=True) if belongs(item)]

    def mark(self, wanted: Callable[[InboxEvent], bool], read_at: datetime | None) -> InboxMarked:
        changed = [item.id for item in self.events if wanted(item) and (item.read_at is None) is not (read_at is None)]
        self.events = [
            item.model_copy(update={"read_at": read_at}) if item.id in changed else item for item in self.events
        ]
        return InboxMarked(**dict(self.counts), changed=tuple(changed))

    def triaged(self, finding_id: int) -> FindingTriage:
        known = {each.finding_id: each.state for item in self.events for each in item.on_machines}
        fresh = FindingTriage(id=finding_id, state=known.get(finding_id, FindingState.OPEN), note="", until=None)
        return self.notes.get(finding_id, fresh)


class InboxClient(ApiClient):
    """Answers from a FakeInbox; everything else is unreachable."""

    def __init__(self, inbox: FakeInbox) -> None:
        super().__init__("http://127.0.0.1:1")
        self._inbox = inbox

    def inbox(self, filters: Params) -> InboxEvents:
        self._answer("inbox", dict(filters))
        scope, number = InboxScope(str(filters["scope"])), int(str(filters.get("page", 1)))
        size = int(str(filters.get("page_size", 50)))
        scoped = self._inbox.within(scope)
        unread = [item for item in scoped if item.read_at is None]
        found = unread if filters.get("unread") else scoped
        if "since" in filters:
            found = [item for item in found if item.happened_at >= datetime.fromisoformat(str(filters["since"]))]
        return InboxEvents(
            items=tuple(found[(number - 1) * size : number * size]),
            total=len(found),
            unread=len({item.cve_id for item in unread}),
            unread_exploited=len({item.cve_id for item in unread if item.exploited}),
            page=number,
            page_size=size,
        )

    def mark_events(self, ids: Sequence[int], *, read: bool) -> InboxMarked:
        self._answer("mark", tuple(ids), read)
        with self._inbox.lock:
            return self._inbox.mark(lambda item: item.id in ids, NOW if read else None)

    def mark_read_up_to(self, event_id: int, scope: InboxScope) -> InboxMarked:
        self._answer("mark up to", event_id, scope)
        with self._inbox.lock:
            scoped = {item.id for item in self._inbox.within(scope)}
            return self._inbox.mark(lambda item: item.id in scoped and item.id <= event_id, NOW)

    def change_findings(self, ids: Sequence[int], change: FindingChange) -> FindingsChanged:
        self._answer("change findings", tuple(ids), change)
        with self._inbox.lock:
            before = tuple(self._inbox.triaged(finding_id) for finding_id in ids)
            for was in before:
                note = was.note if change.note is None else change.note
                self._inbox.notes[was.id] = FindingTriage(id=was.id, state=change.state, note=note, until=change.until)
        return FindingsChanged(before=before)

    def findings(self, filters: Params) -> FindingPage:
        """Those of a vulnerability that events only count are the first hundred numbers of its own thousand."""
        self._answer("findings", dict(filters))
        number = int(str(filters["cve_id"])[-4:])
        event = next(item for item in self._inbox.events if item.id == number)
        ids = range(1000 * number, 1000 * number + event.on_machines_total - len(event.on_machines))
        return FindingPage(
            items=tuple(_details(self._inbox.triaged(each)) for each in ids),
            total=len(ids),
            page=1,
            page_size=500,
            total_pages=1,
        )

    def finding(self, finding_id: int) -> FindingDetails:
        self._answer("finding", finding_id)
        return _details(self._inbox.triaged(finding_id))

    def machines(self) -> MachineList:
        self._answer("machines")
        return self._inbox.machines

    def watchlist(self) -> Watchlist:
        self._answer("watchlist")
        return self._inbox.watched

    def change_watchlist(self, change: Callable[[Watchlist], Watchlist]) -> Watchlist:
        self._answer("change watchlist")
        self._inbox.watched = change(self._inbox.watched)
        return self._inbox.watched

    def request_run(self, task: TaskName) -> TaskAccepted:
        self._answer("run", task)
        return TaskAccepted(task_id="update-1", status=RunState.PENDING, message="")

    def cancel(self, task_id: str) -> TaskCancelled:
        self._answer("cancel", task_id)
        return TaskCancelled(task_id=task_id, status=RunState.STARTED, message="")

    def _answer(self, *call: object) -> None:
        if self._inbox.silent:
            raise ApiSilent("no answer within 2 s")
        self._inbox.calls.append(call if len(call) > 1 else call[0])


def _details(triage: FindingTriage) -> FindingDetails:
    return FindingDetails(
        id=triage.id,
        machine="other",
        machine_name="RECEPTION",
        software="Mozilla Firefox",
        version="115.0",
        product=None,
        cve_id="CVE-2026-0001",
        title="",
        severity=Severity.HIGH,
        exploited_in_the_wild=True,
        priority_score=0.9,
        verdict=None,
        reason=None,
        fixed_in=None,
        source=None,
        state=triage.state,
        note=triage.note,
        until=triage.until,
        first_seen_at=NOW,
        resolved_at=None,
        resolution=None,
    )
