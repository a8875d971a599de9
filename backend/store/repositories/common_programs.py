"""The programs of all machines: how many have each, what is known of it, and which machines these are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from backend.contract.inventory import EntryKind, FindingVerdict
from backend.contract.names import Severity
from backend.store.exposure_tables import machine_programs, machines, program_matches, programs
from backend.store.tables import severity_rank, vulnerabilities

_PROGRAM, _INSTALLED, _MATCH, _ROW = programs.c, machine_programs.c, program_matches.c, vulnerabilities.c
_UPDATE = f'"kind":"{EntryKind.WINDOWS_UPDATE}"'  # as the entry's JSON has it


@dataclass(frozen=True, slots=True)
class ProgramQuery:
    """search: words of the name, or the beginning of the version; "": all."""

    search: str = ""
    page: int = 1
    page_size: int = 50


@dataclass(frozen=True, slots=True)
class ProgramCount:
    """entry: as JSON."""

    id: int
    entry: str
    is_system: bool
    machines: int
    affected: int
    exploited: int
    worst: Severity


_spread = (
    select(_INSTALLED.program_id, func.count().label("machines")).group_by(_INSTALLED.program_id).subquery("spread")
)
_known = (
    select(
        _MATCH.program_id,
        func.count().label("affected"),
        func.sum(case((_ROW.exploited_in_the_wild.is_(True), 1), else_=0)).label("exploited"),
        func.max(severity_rank).label("worst"),
    )
    .join(vulnerabilities, _ROW.cve_id == _MATCH.cve_id)
    .where(_MATCH.verdict == FindingVerdict.AFFECTED)
    .group_by(_MATCH.program_id)
    .subquery("known")
)
_affected, _exploited = func.coalesce(_known.c.affected, 0), func.coalesce(_known.c.exploited, 0)
_joined = programs.join(_spread, _spread.c.program_id == _PROGRAM.id).outerjoin(
    _known, _known.c.program_id == _PROGRAM.id
)


class CommonProgramRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, query: ProgramQuery) -> tuple[list[ProgramCount], int]:
        """The programs that machines have, without updates of Windows, the worst first; and their total."""
        conditions = _conditions(query)
        columns = select(
            _PROGRAM.id, _PROGRAM.entry, _PROGRAM.is_system, _spread.c.machines, _affected, _exploited, _known.c.worst
        )
        order = (_exploited.desc(), _affected.desc(), _spread.c.machines.desc(), func.lower(_PROGRAM.name), _PROGRAM.id)
        rows = columns.select_from(_joined).where(*conditions).order_by(*order)
        page = rows.offset((query.page - 1) * query.page_size).limit(query.page_size)
        total = select(func.count()).select_from(_joined).where(*conditions)
        return (
            [_count(*row) for row in self._connection.execute(page)],
            self._connection.execute(total).scalar_one(),
        )

    def is_known(self, program: int) -> bool:
        return self._connection.execute(select(_PROGRAM.id).where(_PROGRAM.id == program)).first() is not None

    def machines_with(self, program: int, limit: int) -> tuple[list[tuple[str, str, str, datetime, datetime]], int]:
        """Id, name, user, last sign and first sight of the program of the machines that have it; and their total."""
        found = machine_programs.join(machines, machines.c.number == _INSTALLED.machine)
        columns = select(
            machines.c.id, machines.c.name, machines.c.user, machines.c.last_seen_at, _INSTALLED.first_seen_at
        )
        rows = columns.select_from(found).where(_INSTALLED.program_id == program)
        listed = rows.order_by(func.lower(machines.c.name), machines.c.number).limit(limit)
        total = select(func.count()).select_from(machine_programs).where(_INSTALLED.program_id == program)
        found_rows = self._connection.execute(listed)
        return (
            [(machine, name, user, seen, since) for machine, name, user, seen, since in found_rows],
            self._connection.execute(total).scalar_one(),
        )


def _count(
    number: int, entry: str, is_system: bool, spread: int, affected: int, exploited: int, worst: int | None
) -> ProgramCount:
    severity = list(Severity)[worst] if worst is not None else Severity.UNKNOWN
    return ProgramCount(number, entry, bool(is_system), spread, affected, exploited, severity)


def _conditions(query: ProgramQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [~_PROGRAM.entry.contains(_UPDATE, autoescape=True)]
    return [*conditions, *map(_has_word, query.search.lower().split())]


def _has_word(word: str) -> ColumnElement[bool]:
    """Whether a word occurs in the name, or the version begins with it: "firefox 115" finds Firefox 115.0."""
    named = func.lower(_PROGRAM.name).contains(word, autoescape=True)
    return or_(named, func.lower(_PROGRAM.entry).contains(f'"version":"{word}', autoescape=True))
