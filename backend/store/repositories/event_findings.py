"""The findings that events name: the first few of each, and how many there are."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, select, tuple_

from backend.contract.exposure import FindingState
from backend.contract.inbox import MAX_ON_MACHINES
from backend.store.dialects.bulk import one_of
from backend.store.exposure_tables import findings, machines, program_matches, programs
from backend.store.repositories.concern import is_affected, is_of_pc

_FINDING = findings.c


class NamedFinding(NamedTuple):
    """A finding as an event names it, and how many there are with it. machine_number: machines.number."""

    cve_id: str
    machine_number: int
    finding_id: int
    machine_id: str
    machine: str
    program: str
    entry: str
    fixed_in: str | None
    state: str
    total: int


class EventFindingRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def findings_of(self, cve_ids: Collection[str], machine_id: str | None) -> list[NamedFinding]:
        """The first findings of each vulnerability whose programs are affected, the open ones first.

        Args:
            machine_id: A PC whose machines they are on; None: all machines.
        """
        chosen = [one_of(self._connection, _FINDING.cve_id, cve_ids)]
        if machine_id is not None:
            chosen.append(is_of_pc(machine_id))
        return self._named(*chosen, _FINDING.state != FindingState.RESOLVED, is_affected)

    def resolved_on(self, places: Collection[tuple[str, int]]) -> list[NamedFinding]:
        """The same of those that are resolved, by vulnerability and machine."""
        chosen = tuple_(_FINDING.cve_id, _FINDING.machine).in_(list(places))
        return self._named(chosen, _FINDING.state == FindingState.RESOLVED)

    def _named(self, *conditions: ColumnElement[bool]) -> list[NamedFinding]:
        state_rank = case({FindingState.OPEN: 0, FindingState.ACKNOWLEDGED: 1}, value=_FINDING.state, else_=2)
        order = (state_rank, func.lower(machines.c.name), func.lower(programs.c.name), _FINDING.id)
        of_one = (_FINDING.cve_id, case((_FINDING.state == FindingState.RESOLVED, _FINDING.machine), else_=0))
        ranked = (
            select(
                _FINDING.cve_id,
                _FINDING.machine,
                _FINDING.id,
                machines.c.id.label("machine_id"),
                machines.c.name.label("machine_name"),
                programs.c.name.label("program"),
                programs.c.entry,
                program_matches.c.fixed_in,
                _FINDING.state,
                func.count().over(partition_by=of_one).label("total"),
                func.row_number().over(partition_by=of_one, order_by=order).label("rank"),
            )
            .select_from(findings)
            .join(machines, machines.c.number == _FINDING.machine)
            .join(programs, programs.c.id == _FINDING.program_id)
            .outerjoin(program_matches, is_affected)
            .where(*conditions)
            .subquery()
        )
        *columns, rank = ranked.c
        first = select(*columns).where(rank <= MAX_ON_MACHINES).order_by(ranked.c.cve_id, rank)
        return [NamedFinding(*row) for row in self._connection.execute(first)]
