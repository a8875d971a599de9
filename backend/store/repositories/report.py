"""What happened in a period, for reports: findings that began and ended, events, and due dates that have passed.

The history of findings is complete; of events the report takes only those that are not about findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

from backend.contract.exposure import FindingState
from backend.contract.inbox import EventKind
from backend.contract.inventory import FindingVerdict
from backend.contract.names import RunState, TaskName
from backend.domain.search import WatchedTerms
from backend.store.dialects.interface import Columns
from backend.store.exposure_tables import (
    events,
    finding_history,
    findings,
    machine_programs,
    machines,
    program_matches,
    programs,
)
from backend.store.repositories.concern import concerns, is_affected, is_concerning
from backend.store.repositories.events import StoredEvent, listed_events
from backend.store.tables import task_runs, vulnerabilities

_FINDING, _CHANGE, _MATCH, _INSTALLED = findings.c, finding_history.c, program_matches.c, machine_programs.c
_VULNERABILITY, _EVENT = vulnerabilities.c, events.c
_RESOLVED = FindingState.RESOLVED
_NOT_OF_FINDINGS = (EventKind.EXPLOITED, EventKind.CRITICAL, EventKind.EPSS_ROSE, EventKind.DUE_SOON)
_STAMPING = (TaskName.UPDATE, TaskName.MANUAL_UPDATE, TaskName.LOAD_BUNDLE, TaskName.MATCH)
_is_exploited = func.coalesce(_VULNERABILITY.exploited_in_the_wild, false())


@dataclass(frozen=True, slots=True)
class Span:
    """A period from `since`, inclusive, to `until`, exclusive, on one machine, by its number, or on all (None).

    exploited: only what is known as exploited.
    """

    since: datetime
    until: datetime
    machine: int | None = None
    exploited: bool = False

    def contains(self, moment: ColumnElement[datetime]) -> ColumnElement[bool]:
        return and_(moment >= self.since, moment < self.until)

    @property
    def chosen(self) -> ColumnElement[bool]:
        """Whether a finding with its vulnerability belongs to it."""
        on_machine = true() if self.machine is None else _FINDING.machine == self.machine
        return and_(on_machine, _is_exploited if self.exploited else true())


class FindingRow(NamedTuple):
    """A finding that began or ended.

    continues: the machine was affected before it began, or is so after its end.
    """

    happened_at: datetime
    finding_id: int
    machine: str
    program: str
    entry: str
    cve_id: str
    title: str | None
    severity: str | None
    exploited: bool
    due_date: date | None
    priority_score: float | None
    verdict: str | None
    fixed_in: str | None
    state: str
    reason: str
    continues: bool


class OverdueRow(NamedTuple):
    cve_id: str
    title: str
    due_date: date
    machine: str | None
    program: str | None
    entry: str | None
    fixed_in: str | None


class ReportRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begun(self, span: Span) -> list[FindingRow]:
        """The findings that were new, or were found again after they had ended."""
        first = _begun.where(span.contains(_FIRST))
        return [*self._found(first, span), *self._found(_begun_again.where(span.contains(_CHANGE.changed_at)), span)]

    def ended(self, span: Span) -> list[FindingRow]:
        """The findings that ended, each with its reason."""
        return self._found(_ended.where(span.contains(_CHANGE.changed_at)), span)

    def events(self, span: Span, *, mine: bool) -> list[StoredEvent]:
        """The events that are not about findings.

        Args:
            mine: Only of what is in the scope `mine`, or was until it ended in or after the period.
        """
        chosen = (span.contains(_EVENT.happened_at), _EVENT.kind.in_(_NOT_OF_FINDINGS))
        query = listed_events.where(*chosen, *_chosen_events(span, mine=mine)).order_by(_EVENT.id)
        return [StoredEvent._make(row) for row in self._connection.execute(query)]

    def open(self, span: Span) -> int:
        """How many vulnerabilities affect a machine now, and are not ignored."""
        joined = findings.join(program_matches, is_affected).outerjoin(vulnerabilities, _is_of)
        query = select(func.count(_FINDING.cve_id.distinct())).select_from(joined).where(is_concerning, span.chosen)
        return self._connection.execute(query).scalar_one()

    def overdue(self, before: date, watched: Iterable[WatchedTerms], machine: int | None) -> list[OverdueRow]:
        """What concerns the users, or affects a machine, and was due before a day; the longest due first."""
        on_machine = is_concerning if machine is None else and_(is_concerning, _FINDING.machine == machine)
        affecting = (
            select(_FINDING.cve_id, _FINDING.machine, _FINDING.program_id, _MATCH.fixed_in)
            .join(program_matches, is_affected)
            .where(on_machine)
            .subquery()
        )
        concerned = concerns(self._connection, watched) if machine is None else affecting.c.cve_id.is_not(None)
        joined = (
            vulnerabilities.outerjoin(affecting, affecting.c.cve_id == _VULNERABILITY.cve_id)
            .outerjoin(machines, machines.c.number == affecting.c.machine)
            .outerjoin(programs, programs.c.id == affecting.c.program_id)
        )
        query = (
            select(
                _VULNERABILITY.cve_id,
                _VULNERABILITY.title,
                _VULNERABILITY.cisa_due_date,
                machines.c.name,
                programs.c.name,
                programs.c.entry,
                affecting.c.fixed_in,
            )
            .select_from(joined)
            .where(_VULNERABILITY.exploited_in_the_wild, _VULNERABILITY.cisa_due_date < before, concerned)
            .order_by(_VULNERABILITY.cisa_due_date, _VULNERABILITY.cve_id, machines.c.name, programs.c.name)
        )
        return [OverdueRow(*row) for row in self._connection.execute(query)]

    def stamping_since(self, own_run: str) -> datetime | None:
        """When the oldest run began that is writing findings or events now; None if none is."""
        query = select(func.min(task_runs.c.started_at)).where(
            task_runs.c.state == RunState.STARTED, task_runs.c.name.in_(_STAMPING), task_runs.c.task_id != own_run
        )
        return self._connection.execute(query).scalar()

    def _found(self, query: Select[*Columns], span: Span) -> list[FindingRow]:
        rows = self._connection.execute(query.where(span.chosen).order_by(_FINDING.id))
        return [FindingRow._make(row) for row in rows]


def _was_affected(moment: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether another program made the machine affected before a finding began: until the same inventory, or still."""
    other, match = findings.alias("other"), program_matches.alias("other_match")
    installed_at = (
        select(_INSTALLED.first_seen_at)
        .where(_INSTALLED.machine == _FINDING.machine, _INSTALLED.program_id == _FINDING.program_id)
        .correlate(findings)
        .scalar_subquery()
    )
    is_affected_still = exists().where(
        match.c.program_id == other.c.program_id,
        match.c.cve_id == other.c.cve_id,
        match.c.verdict == FindingVerdict.AFFECTED,
        other.c.state != _RESOLVED,
    )
    return exists().where(
        other.c.machine == _FINDING.machine,
        other.c.cve_id == _FINDING.cve_id,
        other.c.id != _FINDING.id,
        other.c.first_seen_at < moment,
        or_(is_affected_still, other.c.resolved_at >= func.coalesce(installed_at, moment)),
    )


_is_of = _VULNERABILITY.cve_id == _FINDING.cve_id
_joined = (
    findings.join(machines, machines.c.number == _FINDING.machine)
    .join(programs, programs.c.id == _FINDING.program_id)
    .outerjoin(program_matches, (_MATCH.program_id == _FINDING.program_id) & (_MATCH.cve_id == _FINDING.cve_id))
    .outerjoin(vulnerabilities, _is_of)
)
_with_history = _joined.join(finding_history, _CHANGE.finding_id == _FINDING.id)
_FACTS = (
    _FINDING.id,
    machines.c.name.label("machine_name"),
    programs.c.name.label("program"),
    programs.c.entry,
    _FINDING.cve_id,
    _VULNERABILITY.title,
    _VULNERABILITY.severity,
    _is_exploited,
    _VULNERABILITY.cisa_due_date,
    _VULNERABILITY.priority_score,
    _MATCH.verdict,
    _MATCH.fixed_in,
    _FINDING.state,
)
_FIRST = _FINDING.first_seen_at
_begun = select(_FIRST, *_FACTS, literal(""), _was_affected(_FIRST)).select_from(_joined)
_before = finding_history.alias("before")
_state_before = (
    select(_before.c.state)
    .where(_before.c.finding_id == _CHANGE.finding_id, _before.c.id < _CHANGE.id)
    .order_by(_before.c.id.desc())
    .limit(1)
    .correlate(finding_history)
    .scalar_subquery()
)
_begun_again = (
    select(_CHANGE.changed_at, *_FACTS, literal(""), _was_affected(_CHANGE.changed_at))
    .select_from(_with_history)
    .where(_CHANGE.state == FindingState.OPEN, _state_before == _RESOLVED)
)
_is_over = exists().where(  # where no event says so, the machine is affected still, was not, or it was ignored
    _EVENT.kind == EventKind.RESOLVED,
    _EVENT.cve_id == _FINDING.cve_id,
    _EVENT.machine == _FINDING.machine,
    _EVENT.happened_at == _CHANGE.changed_at,
)
_ended = (
    select(_CHANGE.changed_at, *_FACTS, _CHANGE.note, ~_is_over)
    .select_from(_with_history)
    .where(_CHANGE.state == _RESOLVED)
)


def _chosen_events(span: Span, *, mine: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_is_exploited] if span.exploited else []
    ended = exists().where(_FINDING.cve_id == _EVENT.cve_id, _FINDING.resolved_at >= span.since)
    if span.machine is not None:
        of_machine = or_(_FINDING.state != _RESOLVED, _FINDING.resolved_at >= span.since)
        known = exists().where(_FINDING.cve_id == _EVENT.cve_id, _FINDING.machine == span.machine, of_machine)
        conditions.append(known)
    elif mine:
        conditions.append(or_(_EVENT.is_mine, ended))
    return conditions
