"""Findings: the vulnerabilities of the programs on machines, their triage and their history.

They follow from what is installed and from the matches of programs: `add` adds new ones and opens again those that came
back, `gone` finds those that no longer follow. Both may be repeated after an interruption.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from backend.contract.access import Actor, actor_of
from backend.contract.exposure import FindingState
from backend.contract.inventory import FindingVerdict
from backend.store.dialects.bulk import one_of, upsert
from backend.store.exposure_tables import (
    finding_history,
    findings,
    machine_programs,
    machines,
    program_matches,
    programs,
)
from backend.store.repositories.concern import is_of_pc
from backend.store.tables import vulnerabilities

_ROW, _INSTALLED, _MATCH, _PROGRAM = findings.c, machine_programs.c, program_matches.c, programs.c
_RESOLVED = FindingState.RESOLVED
_is_of = and_(_MATCH.program_id == _ROW.program_id, _MATCH.cve_id == _ROW.cve_id)
_is_there = exists().where(
    _INSTALLED.machine == _ROW.machine,
    _INSTALLED.program_id == _ROW.program_id,
    _MATCH.program_id == _ROW.program_id,
    _MATCH.cve_id == _ROW.cve_id,
)


@dataclass(frozen=True, slots=True)
class FindingScope:
    """The findings of one machine, or those of some programs on the machines with these numbers.

    first, end: the first number, and the first one that is not among them; None: there is no last one.
    """

    machine: int | None = None
    programs: Collection[int] = ()
    first: int = 0
    end: int | None = None

    def contains(self, machine: ColumnElement[int], program_id: ColumnElement[int]) -> ColumnElement[bool]:
        if self.machine is not None:
            return machine == self.machine
        inside = and_(program_id.in_(self.programs), machine >= self.first)
        return inside if self.end is None else and_(inside, machine < self.end)


@dataclass(frozen=True, slots=True)
class GoneFinding:
    """A finding that no longer follows from anything.

    is_installed: the program is still on the machine. verdict: of the stored match; None where there is none any more.
    """

    id: int
    machine: int
    program_id: int
    cve_id: str
    state: str
    is_installed: bool
    verdict: str | None


@dataclass(frozen=True, slots=True)
class StoredTriage:
    id: int
    cve_id: str
    state: str
    note: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FindingQuery:
    """Which findings; "" and None: all. Without a state, those that are not resolved.

    of_pc: the id of a PC: those on machines whose inventories it sent.
    """

    machine: str = ""
    of_pc: str | None = None
    program: int | None = None
    software: str = ""
    cve_id: tuple[str, ...] = ()
    verdict: str | None = None
    state: str | None = None
    exploited: bool | None = None
    severity: tuple[str, ...] = ()
    page: int = 1
    page_size: int = 50


class FindingRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ---- following from inventories and matches

    def add(self, scope: FindingScope, now: datetime) -> list[int]:
        """Add the findings that follow from inventories and matches, and open again those that were resolved.

        Returns:
            The numbers of both.
        """
        reopened = select(
            _ROW.id, literal(now, _ROW.changed_at.type), literal(str(FindingState.OPEN)), literal("Found again.")
        ).where(_ROW.state == _RESOLVED, _is_there, scope.contains(_ROW.machine, _ROW.program_id))
        self._connection.execute(
            insert(finding_history).from_select(["finding_id", "changed_at", "state", "note"], reopened)
        )
        at = literal(now, _ROW.changed_at.type)
        following = (
            select(_INSTALLED.machine, _INSTALLED.program_id, _MATCH.cve_id, literal(str(FindingState.OPEN)), at, at)
            .join_from(machine_programs, program_matches, _MATCH.program_id == _INSTALLED.program_id)
            .where(scope.contains(_INSTALLED.machine, _INSTALLED.program_id))
        )
        columns = ["machine", "program_id", "cve_id", "state", "first_seen_at", "changed_at"]
        written = upsert(self._connection, findings).from_select(columns, following)
        opened = written.on_conflict_do_update(
            index_elements=["program_id", "cve_id", "machine"],
            set_={"state": FindingState.OPEN, "changed_at": now, "resolved_at": None},
            where=_ROW.state == _RESOLVED,
        )
        return list(self._connection.execute(opened.returning(_ROW.id)).scalars())

    def mark_changed(self, finding_ids: Collection[int], now: datetime) -> None:
        """Note that the contents of findings have changed now."""
        changed = update(findings).where(one_of(self._connection, _ROW.id, finding_ids)).values(changed_at=now)
        self._connection.execute(changed)

    def gone(self, scope: FindingScope) -> list[GoneFinding]:
        """The findings that no longer follow."""
        installed = exists().where(_INSTALLED.machine == _ROW.machine, _INSTALLED.program_id == _ROW.program_id)
        query = select(_ROW.id, _ROW.machine, _ROW.program_id, _ROW.cve_id, _ROW.state, installed, _MATCH.verdict)
        rows = self._connection.execute(
            query.select_from(findings)
            .outerjoin(program_matches, _is_of)
            .where(scope.contains(_ROW.machine, _ROW.program_id), _ROW.state != _RESOLVED, ~_is_there)
        )
        return [GoneFinding(*row) for row in rows]

    def resolve(self, reasons: Sequence[tuple[int, str]], now: datetime) -> None:
        """Resolve findings, each with its reason."""
        if not reasons:
            return
        ended = update(findings).where(one_of(self._connection, _ROW.id, [number for number, _ in reasons]))
        self._connection.execute(ended.values(state=_RESOLVED, changed_at=now, resolved_at=now, until=None))
        self._connection.execute(
            insert(finding_history),
            [
                {"finding_id": number, "changed_at": now, "state": _RESOLVED, "note": reason}
                for number, reason in reasons
            ],
        )

    def open_expired(self, now: datetime) -> list[str]:
        """Open again what was ignored until now, and return the vulnerabilities."""
        expired = and_(_ROW.state == FindingState.IGNORED, _ROW.until <= now)
        at = literal(now, _ROW.changed_at.type)
        history = select(_ROW.id, at, literal(str(FindingState.OPEN)), literal("Ignored until now.")).where(expired)
        self._connection.execute(
            insert(finding_history).from_select(["finding_id", "changed_at", "state", "note"], history)
        )
        opened = update(findings).where(expired).values(state=FindingState.OPEN, until=None, changed_at=now)
        return list(self._connection.execute(opened.returning(_ROW.cve_id)).scalars())

    # ---- triage

    def triage_of(self, finding_ids: Collection[int]) -> list[StoredTriage]:
        """The triage of findings; those that do not exist or are resolved are absent."""
        query = select(_ROW.id, _ROW.cve_id, _ROW.state, _ROW.note, _ROW.until).order_by(_ROW.id)
        chosen = query.where(_ROW.id.in_(finding_ids), _ROW.state != _RESOLVED)
        return [StoredTriage(*row) for row in self._connection.execute(chosen)]

    def set_triage(
        self,
        finding_ids: Collection[int],
        state: FindingState,
        note: str | None,
        until: datetime | None,
        by: Actor,
        now: datetime,
    ) -> None:
        """Set the triage of findings that exist and are not resolved. note: None: each keeps its own.

        `changed_at` stays: what a person decides is no news of the finding.
        """
        chosen = _ROW.id.in_(finding_ids)
        kept = _ROW.note if note is None else note
        changed = update(findings).where(chosen).values(state=state, note=kept, until=until)
        self._connection.execute(changed)
        by_whom = literal(by.user).label("by_user"), literal(by.machine).label("by_machine")
        at = literal(now, _ROW.changed_at.type)
        history = select(_ROW.id, at, _ROW.state, _ROW.note, *by_whom).where(chosen).order_by(_ROW.id)
        columns = ["finding_id", "changed_at", "state", "note", "by_user", "by_machine"]
        self._connection.execute(insert(finding_history).from_select(columns, history))

    def history(self, finding_id: int) -> list[tuple[datetime, str, str, Actor | None]]:
        """Moment, state, note and author of each change, the oldest first."""
        c = finding_history.c
        columns = select(c.changed_at, c.state, c.note, c.by_user, c.by_machine)
        rows = self._connection.execute(columns.where(c.finding_id == finding_id).order_by(c.id))
        return [(at, state, note, actor_of(user, machine)) for at, state, note, user, machine in rows]

    # ---- reading

    def page(self, query: FindingQuery) -> tuple[list[dict[str, object]], int]:
        """The findings of a page, the most urgent ones first, and their total."""
        conditions = _conditions(query)
        rows = _listed.where(*conditions).order_by(*_URGENCY)
        page = rows.offset((query.page - 1) * query.page_size).limit(query.page_size)
        total = select(func.count()).select_from(_joined).where(*conditions)
        return (
            [dict(row) for row in self._connection.execute(page).mappings()],
            self._connection.execute(total).scalar_one(),
        )

    def get(self, finding_id: int) -> dict[str, object] | None:
        row = self._connection.execute(_listed.where(_ROW.id == finding_id)).mappings().first()
        return dict(row) if row else None

    def counts(self) -> dict[int, dict[str, int]]:
        """By machine, how many findings are affected, undetermined, and affected and exploited."""
        is_exploited = vulnerabilities.c.exploited_in_the_wild.is_(True) & (_MATCH.verdict == FindingVerdict.AFFECTED)
        exploited = func.sum(case((is_exploited, 1), else_=0))
        query = (
            select(_ROW.machine, _MATCH.verdict, func.count(), exploited)
            .select_from(_joined)
            .where(_ROW.state != _RESOLVED, _MATCH.verdict.is_not(None))
            .group_by(_ROW.machine, _MATCH.verdict)
        )
        found: dict[int, dict[str, int]] = {}
        for machine, verdict, count, exploited_count in self._connection.execute(query):
            counted = found.setdefault(machine, {"exploited": 0})
            counted[verdict] = count
            counted["exploited"] += exploited_count or 0
        return found


_joined = (
    findings.join(machines, machines.c.number == _ROW.machine)
    .join(programs, _PROGRAM.id == _ROW.program_id)
    .outerjoin(program_matches, _is_of)
    .outerjoin(vulnerabilities, vulnerabilities.c.cve_id == _ROW.cve_id)
)
_resolution = (
    select(finding_history.c.note)
    .where(finding_history.c.finding_id == _ROW.id, finding_history.c.state == _RESOLVED)
    .order_by(finding_history.c.id.desc())
    .limit(1)
    .correlate(findings)
    .scalar_subquery()
)
_listed = select(
    _ROW.id,
    machines.c.id.label("machine"),
    machines.c.name.label("machine_name"),
    _PROGRAM.name.label("software"),
    _PROGRAM.entry,
    _PROGRAM.product,
    _ROW.cve_id,
    vulnerabilities.c.title,
    vulnerabilities.c.severity,
    vulnerabilities.c.exploited_in_the_wild,
    vulnerabilities.c.priority_score,
    _MATCH.verdict,
    _MATCH.reason,
    _MATCH.fixed_in,
    _MATCH.source,
    _ROW.state,
    _ROW.note,
    _ROW.until,
    _ROW.first_seen_at,
    _ROW.resolved_at,
    case((_ROW.state == _RESOLVED, _resolution)).label("resolution"),
).select_from(_joined)
_URGENCY = (
    func.coalesce(vulnerabilities.c.exploited_in_the_wild, false()).desc(),
    func.coalesce(_MATCH.verdict, "").asc(),  # "affected" before "cannot_tell"
    func.coalesce(vulnerabilities.c.priority_score, 0.0).desc(),
    _ROW.id,
)


def _conditions(query: FindingQuery) -> list[ColumnElement[bool]]:
    state = _ROW.state == query.state if query.state else _ROW.state != _RESOLVED
    conditions: list[ColumnElement[bool]] = [state]
    if query.machine:
        conditions.append(or_(machines.c.id == query.machine, machines.c.name == query.machine))
    if query.of_pc is not None:
        conditions.append(is_of_pc(query.of_pc))
    if query.program is not None:
        conditions.append(_ROW.program_id == query.program)
    if query.software:
        conditions.append(func.lower(_PROGRAM.name).contains(query.software.lower(), autoescape=True))
    if query.cve_id:
        conditions.append(_ROW.cve_id.in_(query.cve_id))
    if query.verdict:
        conditions.append(_MATCH.verdict == query.verdict)
    if query.exploited is not None:
        conditions.append(vulnerabilities.c.exploited_in_the_wild.is_(query.exploited))
    if query.severity:
        conditions.append(vulnerabilities.c.severity.in_(query.severity))
    return conditions
