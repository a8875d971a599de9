"""The events of the Inbox: written once each, listed, and marked as read.

Whether an event is `mine` follows from findings, watchlist and search documents, and is kept in its row: the number of
unread ones is read with every snapshot. What changes one of these calls `refresh_mine`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)

from backend.contract.exposure import FindingState
from backend.contract.inbox import EventKind, InboxCounts, InboxScope
from backend.domain.search import WatchedTerms
from backend.store.dialects import lock_events, search_index_of
from backend.store.dialects.bulk import one_of, upsert
from backend.store.exposure_tables import (
    events,
    findings,
    machine_programs,
    machines,
    program_matches,
    unread_and_mine,
)
from backend.store.repositories.concern import is_affected, is_concerning, is_of_pc, watched_numbers
from backend.store.repositories.findings import FindingScope
from backend.store.tables import vulnerabilities

_ROW, _FINDING, _INSTALLED, _VULNERABILITY = events.c, findings.c, machine_programs.c, vulnerabilities.c
_is_exploited = func.coalesce(_VULNERABILITY.exploited_in_the_wild, false())
joined = events.outerjoin(vulnerabilities, _VULNERABILITY.cve_id == _ROW.cve_id)
"""The events, each with its vulnerability if that is stored."""
_unread = _ROW.read_at.is_(None)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be written. moment: what makes it another one than the last of its kind (see `events`).

    machine: the number of the machine that it is about; 0: of no certain one. is_read: it asks for nothing.
    """

    kind: EventKind
    cve_id: str
    moment: str
    happened_at: datetime
    machine: int = 0
    reason: str = ""
    epss_before: float | None = None
    epss_after: float | None = None
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class InboxQuery:
    """Which events. machine_id: the PC of the scope `pc`; kinds: any of these, or all without one; since: inclusive."""

    scope: InboxScope
    machine_id: str
    since: datetime | None = None
    unread: bool | None = None
    kinds: tuple[EventKind, ...] = ()
    page: int = 1
    page_size: int = 50


class AddedEvent(NamedTuple):
    id: int
    kind: EventKind


class StoredEvent(NamedTuple):
    """An event, and its vulnerability as it is now."""

    id: int
    kind: str
    happened_at: datetime
    cve_id: str
    machine: int
    reason: str
    epss_before: float | None
    epss_after: float | None
    read_at: datetime | None
    title: str | None
    severity: str | None
    exploited: bool
    due_date: date | None
    priority_score: float | None


class EventTotals(NamedTuple):
    """Of some events their number, that of the unread ones, and vulnerabilities with unread ones."""

    events: int
    unread_events: int
    unread: int
    unread_exploited: int


class EventRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- writing

    def add(self, new: Iterable[NewEvent]) -> list[AddedEvent]:
        """Write events; those that were written before stay as they are. `refresh_mine` has to follow.

        Returns:
            Those that were not there before.
        """
        rows = [
            {
                "kind": event.kind,
                "cve_id": event.cve_id,
                "machine": event.machine,
                "moment": event.moment,
                "happened_at": event.happened_at,
                "reason": event.reason,
                "epss_before": event.epss_before,
                "epss_after": event.epss_after,
                "read_at": event.happened_at if event.is_read else None,
            }
            for event in new
        ]
        if not rows:
            return []
        added = upsert(self._connection, events).on_conflict_do_nothing().returning(_ROW.id, _ROW.kind)
        return [AddedEvent(row.id, EventKind(row.kind)) for row in self._connection.execute(added, rows)]

    def refresh_mine(self, watched: Iterable[WatchedTerms], cve_ids: Collection[str] | None = None) -> None:
        """Determine anew which events of these vulnerabilities are `mine`, and by the watchlist; None: of all."""
        lock_events(self._connection)
        found = exists().where(_FINDING.cve_id == _ROW.cve_id, is_concerning).where(is_affected)
        numbers = watched_numbers(self._connection, watched)
        is_watched: ColumnElement[bool] = false()
        if numbers is not None:
            is_watched = exists().where(_VULNERABILITY.cve_id == _ROW.cve_id, _VULNERABILITY.id.in_(numbers))
        is_mine = or_(_ROW.kind == EventKind.RESOLVED, found, is_watched)
        differs = or_(_ROW.is_mine != is_mine, _ROW.is_watched != is_watched)
        changed = update(events).where(differs).values(is_mine=is_mine, is_watched=is_watched)
        if cve_ids is not None:
            changed = changed.where(one_of(self._connection, _ROW.cve_id, cve_ids))
        self._connection.execute(changed)

    def unread_of(self, kind: EventKind, cve_ids: Collection[str]) -> set[str]:
        """Those of the vulnerabilities that have an unread event of a kind that is `mine`.

        None of them gets one from another transaction until this one ends.
        """
        lock_events(self._connection)
        chosen = (_ROW.kind == kind, unread_and_mine, one_of(self._connection, _ROW.cve_id, cve_ids))
        return set(self._connection.execute(select(_ROW.cve_id).where(*chosen)).scalars())

    def withdraw_resolved(self, scope: FindingScope) -> None:
        """Delete `resolved` events of an inventory whose new programs turn out to be affected as well."""
        still = (
            select(_FINDING.cve_id, _FINDING.machine, _INSTALLED.first_seen_at)
            .join(program_matches, is_affected)
            .join(
                machine_programs,
                (_INSTALLED.machine == _FINDING.machine) & (_INSTALLED.program_id == _FINDING.program_id),
            )
            .where(scope.contains(_FINDING.machine, _FINDING.program_id), _FINDING.state != FindingState.RESOLVED)
        )
        place = tuple_(_ROW.cve_id, _ROW.machine, _ROW.happened_at)
        self._connection.execute(delete(events).where(_ROW.kind == EventKind.RESOLVED, place.in_(still)))

    def delete_of_machine(self, machine: int) -> None:
        self._connection.execute(delete(events).where(_ROW.machine == machine))

    def delete_older(self, moment: datetime) -> int:
        """Delete events older than the moment, read or not, and return their number."""
        return self._connection.execute(delete(events).where(_ROW.happened_at < moment)).rowcount

    # ---- marking

    def mark(self, ids: Collection[int], read_at: datetime | None) -> tuple[list[int], list[int]]:
        """Mark events as read at a moment, or as unread. Returns those that it changed, and unknown ones."""
        known = set(self._connection.execute(select(_ROW.id).where(_ROW.id.in_(ids))).scalars())
        changed = self._mark(read_at, _ROW.id.in_(ids))
        return changed, sorted(set(ids) - known)

    def mark_up_to(self, last: int, scope: InboxScope, machine_id: str, read_at: datetime) -> list[int]:
        """Mark all events of a scope as read that are not newer than one. Returns those that it changed.

        Args:
            machine_id: The PC of the scope `pc`.
        """
        exploited = select(_VULNERABILITY.cve_id).where(_VULNERABILITY.exploited_in_the_wild)
        chosen = _ROW.cve_id.in_(exploited) if scope is InboxScope.EXPLOITED else in_scope(scope, machine_id)
        return self._mark(read_at, _ROW.id <= last, chosen)

    def _mark(self, read_at: datetime | None, *chosen: ColumnElement[bool]) -> list[int]:
        differs = _unread if read_at else ~_unread
        changed = update(events).where(*chosen, differs).values(read_at=read_at).returning(_ROW.id)
        return sorted(self._connection.execute(changed).scalars())

    # ---- reading

    def counts(self, machine_id: str) -> InboxCounts:
        """Count what is unread and concerns a PC."""
        counted = select(*_unread_counts(true())).select_from(joined)
        unread, exploited = self._connection.execute(counted.where(unread_and_mine, _concerns_pc(machine_id))).one()
        return InboxCounts(unread=unread, unread_exploited=exploited)

    def has(self, event_id: int) -> bool:
        return self._connection.execute(select(_ROW.id).where(_ROW.id == event_id)).first() is not None

    def page(self, query: InboxQuery) -> tuple[list[StoredEvent], EventTotals]:
        """One page, the newest first, and totals that do not depend on whether unread ones are asked for."""
        conditions = _conditions(query)
        totals = select(func.count(), func.count().filter(_unread), *_unread_counts(_unread))
        counted = self._connection.execute(totals.select_from(joined).where(*conditions)).one()
        if query.unread is not None:
            conditions.append(_unread if query.unread else ~_unread)
        rows = listed_events.where(*conditions).order_by(_ROW.id.desc())
        page = rows.offset((query.page - 1) * query.page_size).limit(query.page_size)
        return [StoredEvent._make(row) for row in self._connection.execute(page)], EventTotals(*counted)

    def rows_of(self, ids: Collection[int]) -> list[StoredEvent]:
        """Those of the events that are there, the oldest first."""
        rows = listed_events.where(one_of(self._connection, _ROW.id, ids)).order_by(_ROW.id)
        return [StoredEvent._make(row) for row in self._connection.execute(rows)]

    def watched_of(self, terms: WatchedTerms, cve_ids: Sequence[str]) -> set[str]:
        """Those of the vulnerabilities that a term matches."""
        numbers = watched_numbers(self._connection, [terms])
        if numbers is None:
            return set()
        rows = select(_VULNERABILITY.cve_id).where(one_of(self._connection, _VULNERABILITY.cve_id, cve_ids))
        is_watched = search_index_of(self._connection).is_in(numbers)
        return set(self._connection.execute(rows.where(is_watched)).scalars())


listed_events = select(
    _ROW.id,
    _ROW.kind,
    _ROW.happened_at,
    _ROW.cve_id,
    _ROW.machine,
    _ROW.reason,
    _ROW.epss_before,
    _ROW.epss_after,
    _ROW.read_at,
    _VULNERABILITY.title,
    _VULNERABILITY.severity,
    _is_exploited,
    _VULNERABILITY.cisa_due_date,
    _VULNERABILITY.priority_score,
).select_from(joined)
"""The columns of StoredEvent."""


def _unread_counts(unread: ColumnElement[bool]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Different vulnerabilities, and those that are known as exploited, among the unread events."""
    different = func.count(_ROW.cve_id.distinct())
    return different.filter(unread), different.filter(unread, _is_exploited, _ROW.kind != EventKind.RESOLVED)


def _conditions(query: InboxQuery) -> list[ColumnElement[bool]]:
    conditions = [in_scope(query.scope, query.machine_id)]
    if query.since is not None:
        conditions.append(_ROW.happened_at >= query.since)
    if query.kinds:
        conditions.append(_ROW.kind.in_(query.kinds))
    return conditions


def in_scope(scope: InboxScope, machine_id: str) -> ColumnElement[bool]:
    """Whether an event is in a scope, in a query of `joined`. machine_id: the PC of the scope `pc`."""
    match scope:
        case InboxScope.MINE:
            return _ROW.is_mine
        case InboxScope.PC:
            return and_(_ROW.is_mine, _concerns_pc(machine_id))
        case InboxScope.EXPLOITED:
            return _is_exploited
    return true()


def _concerns_pc(machine_id: str) -> ColumnElement[bool]:
    """Whether an event that is `mine` concerns a PC: by the watchlist, or by a machine whose inventory it sent.

    Where that is not known of a machine, it is every PC's. That a vulnerability was found on another machine is no
    news for a PC that had it before.
    """
    own = select(machines.c.number).where(is_of_pc(machine_id))
    is_new = or_(
        _FINDING.first_seen_at >= _ROW.happened_at,
        and_(_FINDING.state == FindingState.OPEN, _FINDING.changed_at >= _ROW.happened_at),
    )
    is_found = exists().where(_FINDING.cve_id == _ROW.cve_id, is_concerning, _FINDING.machine.in_(own))
    affects = is_found.where(is_affected, or_(_ROW.kind != EventKind.FINDING, is_new))
    return or_(_ROW.is_watched, affects, and_(_ROW.kind == EventKind.RESOLVED, _ROW.machine.in_(own)))
