"""The Inbox: its events as messages, and their marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.exposure import FindingState
from backend.contract.inbox import (
    EventFinding,
    EventKind,
    InboxCounts,
    InboxEvent,
    InboxEvents,
    InboxMarked,
    InboxScope,
    MarkEvents,
    MarkUpTo,
)
from backend.contract.names import API_PREFIX, Severity
from backend.services.exposure.findings import version_of
from backend.services.exposure.watching import named_terms
from backend.store.repositories.event_findings import EventFindingRepository, NamedFinding
from backend.store.repositories.events import EventRepository, InboxQuery, StoredEvent


def list_events(connection: Connection, query: InboxQuery) -> InboxEvents:
    rows, totals = EventRepository(connection).page(query)
    read_events = totals.events - totals.unread_events
    total = {None: totals.events, True: totals.unread_events, False: read_events}[query.unread]
    return InboxEvents(
        items=_Messages(connection, rows, _pc_of(query.scope, query.machine_id)).events(),
        total=total,
        unread=totals.unread,
        unread_exploited=totals.unread_exploited,
        page=query.page,
        page_size=query.page_size,
    )


def events_of(
    connection: Connection, ids: Collection[int], scope: InboxScope, machine_id: str
) -> tuple[InboxEvent, ...]:
    """Those of the events that are there, the oldest first. machine_id: the PC of the scope `pc`."""
    return _Messages(connection, EventRepository(connection).rows_of(ids), _pc_of(scope, machine_id)).events()


def _pc_of(scope: InboxScope, machine_id: str) -> str | None:
    return machine_id if scope is InboxScope.PC else None


def unread_counts(connection: Connection, machine_id: str) -> InboxCounts:
    """What is unread and concerns a PC."""
    return EventRepository(connection).counts(machine_id)


def mark_events(connection: Connection, change: MarkEvents | MarkUpTo, machine_id: str, now: datetime) -> InboxMarked:
    """Mark events as read or unread.

    Args:
        machine_id: The PC of the scope `pc`, and of the counts.

    Raises:
        NotFound: the event up to which they are to be marked does not exist.
    """
    stored = EventRepository(connection)
    if isinstance(change, MarkEvents):
        changed, unknown = stored.mark(change.ids, now if change.read else None)
    elif stored.has(change.up_to):
        changed, unknown = stored.mark_up_to(change.up_to, change.scope, machine_id, now), []
    else:
        raise NotFound("No such event", f"There is no event {change.up_to}.", f"{API_PREFIX}/inbox lists all of them.")
    return InboxMarked(changed=tuple(changed), unknown=tuple(unknown), **stored.counts(machine_id).model_dump())


class _Messages:
    """Builds the messages of some events, with what is read for all of them at once.

    Args:
        pc: The PC whose machines they name; None: all machines.
    """

    def __init__(self, connection: Connection, rows: Sequence[StoredEvent], pc: str | None) -> None:
        self._stored, self._rows, self._pc = EventRepository(connection), rows, pc
        self._named = EventFindingRepository(connection)
        self._terms = named_terms(connection)

    def events(self) -> tuple[InboxEvent, ...]:
        found, watched = self._findings(), self._watched()
        return tuple(_message(row, found[_place(row)], watched[row.cve_id]) for row in self._rows)

    def _findings(self) -> defaultdict[tuple[str, int], list[NamedFinding]]:
        """The findings of each event's vulnerability; of a resolved one, those that ended on its machine."""
        resolved = {_place(row) for row in self._rows if row.kind == EventKind.RESOLVED}
        others = {row.cve_id for row in self._rows if row.kind != EventKind.RESOLVED}
        found: defaultdict[tuple[str, int], list[NamedFinding]] = defaultdict(list)
        for finding in self._named.resolved_on(resolved) if resolved else ():
            found[finding.cve_id, finding.machine_number].append(finding)
        for finding in self._named.findings_of(others, self._pc) if others else ():
            found[finding.cve_id, 0].append(finding)
        return found

    def _watched(self) -> defaultdict[str, list[str]]:
        cve_ids = sorted({row.cve_id for row in self._rows})
        found: defaultdict[str, list[str]] = defaultdict(list)
        for words, terms in self._terms:
            for cve_id in self._stored.watched_of(terms, cve_ids) if cve_ids else ():
                found[cve_id].append(words)
        return found


def _place(row: StoredEvent) -> tuple[str, int]:
    return row.cve_id, row.machine


def _message(row: StoredEvent, found: Sequence[NamedFinding], watched: Sequence[str]) -> InboxEvent:
    return InboxEvent(
        **event_facts(row),
        id=row.id,
        reason=row.reason or None,
        on_machines=tuple(map(_named, found)),
        on_machines_total=found[0].total if found else 0,
        watched=tuple(watched),
        read_at=row.read_at,
    )


def event_facts(row: StoredEvent) -> dict[str, object]:
    """What Inbox and report say of an event; a vulnerability that is no longer stored has no facts."""
    return {
        "kind": row.kind,
        "happened_at": row.happened_at,
        "cve_id": row.cve_id,
        "title": row.title or "",
        "severity": row.severity or Severity.UNKNOWN,
        "exploited": row.exploited,
        "due_date": row.due_date,
        "priority_score": row.priority_score or 0.0,
        "epss_before": row.epss_before,
        "epss_after": row.epss_after,
    }


def _named(finding: NamedFinding) -> EventFinding:
    return EventFinding(
        finding_id=finding.finding_id,
        machine_id=finding.machine_id,
        machine=finding.machine,
        program=finding.program,
        version=version_of(finding.entry),
        fixed_in=finding.fixed_in or None,
        state=FindingState(finding.state),
    )
