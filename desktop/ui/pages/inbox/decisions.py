"""What a person decides on events, as calls of the API. Each says what it has changed, and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.client.api import ApiClient
from backend.client.transport import Params
from backend.contract.exposure import FindingChange, FindingState, FindingTriage
from backend.contract.inbox import MAX_MARKED, EventKind, InboxEvent, InboxScope
from backend.contract.inventory import FindingVerdict

MAX_FINDINGS = 500  # of one answer


@dataclass(frozen=True)
class Decided:
    """What was done.

    Attributes:
        take_back: Restores what was before.
        read: Events that are read now.
        unread: Events that are unread now.
    """

    take_back: Callable[[ApiClient], Decided]
    read: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()


Decision = Callable[[ApiClient], Decided]


def findings_of(events: Iterable[InboxEvent]) -> dict[int, FindingState]:
    """Return the findings of the events that a person can decide on, with their states."""
    found = (each for event in events for each in event.on_machines)
    return {each.finding_id: each.state for each in found if each.state is not FindingState.RESOLVED}


def acknowledge(events: Sequence[InboxEvent], scope: InboxScope) -> Decision:
    """Acknowledge the findings of the events, and mark the events as read; notes stay.

    Args:
        scope: What the person sees: of `pc`, only the findings of this PC are decided on.
    """
    change = FindingChange(state=FindingState.ACKNOWLEDGED)
    return lambda client: _triage(client, events, scope, change)


def ignore(events: Sequence[InboxEvent], scope: InboxScope, reason: str, until: datetime | None) -> Decision:
    """Ignore the findings of the events, and mark the events as read. until: None: for good."""
    change = FindingChange(state=FindingState.IGNORED, note=reason, until=until)
    return lambda client: _triage(client, events, scope, change)


def annotate(events: Sequence[InboxEvent], scope: InboxScope, note: str) -> Decision:
    """Set the note of the findings of the events; their states stay, and so does what is unread."""

    def decide(client: ApiClient) -> Decided:
        present = [client.finding(finding_id) for finding_id in _all_findings(client, events, scope)]
        wanted = [FindingTriage(id=each.id, state=each.state, note=note, until=each.until) for each in present]
        return _restore(client, wanted, ())

    return decide


def mark(events: Iterable[InboxEvent], *, read: bool) -> Decision:
    ids = tuple(event.id for event in events)
    return lambda client: _mark(client, ids, read=read)


def mark_all(newest: int, scope: InboxScope) -> Decision:
    """Mark everything in a scope as read that is not newer than the newest event that the person has seen."""

    def decide(client: ApiClient) -> Decided:
        changed = client.mark_read_up_to(newest, scope).changed
        return Decided(lambda client: _mark(client, changed, read=False), read=changed)

    return decide


def _all_findings(client: ApiClient, events: Sequence[InboxEvent], scope: InboxScope) -> tuple[int, ...]:
    """Return the findings of the events, also those that an event only counts."""
    own: Params = {"own": "true"} if scope is InboxScope.PC else {}
    ids = dict.fromkeys(findings_of(events))
    for event in events:
        if event.on_machines_total > len(event.on_machines) and event.kind is not EventKind.RESOLVED:
            filters: Params = {"cve_id": event.cve_id, "verdict": FindingVerdict.AFFECTED, "page_size": MAX_FINDINGS}
            ids |= dict.fromkeys(finding.id for finding in client.findings({**filters, **own}).items)
    return tuple(ids)


def _triage(client: ApiClient, events: Sequence[InboxEvent], scope: InboxScope, change: FindingChange) -> Decided:
    """Mark the events as read after their findings: what is still unread after a failure is decided again."""
    before = client.change_findings(_all_findings(client, events, scope), change).before
    read = _mark(client, tuple(event.id for event in events), read=True).read
    return Decided(lambda client: _restore(client, before, read), read=read)


def _restore(client: ApiClient, wanted: Sequence[FindingTriage], unread: tuple[int, ...]) -> Decided:
    """Give findings the triage that they had, and mark events as unread."""
    before = client.restore_triage(wanted)
    marked = _mark(client, unread, read=False)
    return replace(marked, take_back=lambda client: _restore(client, before, ()))


def _mark(client: ApiClient, ids: tuple[int, ...], *, read: bool) -> Decided:
    """Only those that were changed are changed back."""
    parts = [ids[start : start + MAX_MARKED] for start in range(0, len(ids), MAX_MARKED)]
    changed = tuple(event_id for part in parts for event_id in client.mark_events(part, read=read).changed)

    def take_back(client: ApiClient) -> Decided:
        return _mark(client, changed, read=not read)

    return Decided(take_back, read=changed if read else (), unread=() if read else changed)
