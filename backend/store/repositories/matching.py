"""The matching of programs: claimed by runs, written with what follows, and finished.

Programs stay due from the claim until all their findings follow from the new matches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, delete, func, or_, select, union_all, update

from backend.contract.exposure import FindingState
from backend.contract.names import RunState
from backend.store.dialects.bulk import insert_rows, like, one_of, staged, temporary_table
from backend.store.exposure_tables import (
    findings,
    machine_programs,
    products,
    program_matches,
    program_products,
    programs,
)
from backend.store.tables import task_runs

_PROGRAM, _INSTALLED = programs.c, machine_programs.c
_newest_product = select(func.coalesce(func.max(products.c.id), 0)).scalar_subquery()
is_due: ColumnElement[bool] = or_(
    _PROGRAM.wanted != _PROGRAM.matched,
    ~_PROGRAM.is_certain & (_PROGRAM.products_seen < _newest_product),
)
"""Whether a program has to be matched: it or its statements changed, or it may be one of the products added since."""


@dataclass(frozen=True, slots=True)
class DueProgram:
    """A program to be matched.

    wanted: which change the matching answers. product: that of the last matching. endings: as JSON, of a matching whose
    findings do not all follow yet.
    """

    id: int
    entry: str
    is_system: bool
    wanted: int
    product: str | None
    endings: str | None


@dataclass(frozen=True, slots=True)
class MatchedProgram:
    """The result of matching a program.

    matches: by CVE id verdict, reason, fixed version and source. endings: as JSON, why others do not match any more.
    """

    program: DueProgram
    product: str | None
    resolution: str
    is_certain: bool
    spellings: Collection[tuple[str, str]]
    matches: Mapping[str, tuple[str, str, str, str]]
    not_affected: int
    endings: str


class MatchingRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_due(self) -> int:
        return self._connection.execute(select(func.count()).select_from(programs).where(is_due)).scalar_one()

    def claim_due(self, run_id: str, limit: int) -> list[DueProgram]:
        """Claim programs for a run; those that another active run has claimed are left to it."""
        active = select(task_runs.c.task_id).where(task_runs.c.state == RunState.STARTED, task_runs.c.task_id != run_id)
        free = or_(_PROGRAM.claimed_by.is_(None), _PROGRAM.claimed_by.not_in(active))
        chosen = select(_PROGRAM.id).where(is_due, free).order_by(_PROGRAM.place, _PROGRAM.id).limit(limit)
        claimed = (
            update(programs)
            .where(_PROGRAM.id.in_(chosen.with_for_update(skip_locked=True, key_share=True)))
            .values(claimed_by=run_id)
            .returning(*(_PROGRAM[name] for name in DueProgram.__slots__))
        )
        return sorted((DueProgram(*row) for row in self._connection.execute(claimed)), key=lambda program: program.id)

    def newest_product(self) -> int:
        newest: int = self._connection.execute(select(_newest_product)).scalar_one()
        return newest

    def verdicts_of(self, program_ids: Collection[int]) -> dict[int, dict[str, str]]:
        """The verdicts of the stored matches, by program and CVE id."""
        query = select(program_matches.c.program_id, program_matches.c.cve_id, program_matches.c.verdict)
        found: dict[int, dict[str, str]] = {program: {} for program in program_ids}
        chosen = query.where(program_matches.c.program_id.in_(program_ids))
        for program, cve_id, verdict in self._connection.execute(chosen):
            found[program][cve_id] = verdict
        return found

    def put_matches(self, results: Sequence[MatchedProgram], products_seen: int) -> None:
        """Replace the matches of programs. They stay due until `finish_matching`.

        Inventories that bring them at the same time wait, or are waited for (see `install`).
        """
        numbers = [result.program.id for result in results]
        self._connection.execute(programs_in_order(self._connection, numbers).with_for_update())
        for table in (program_matches, program_products):
            self._connection.execute(delete(table).where(table.c.program_id.in_(numbers)))
        insert_rows(
            self._connection,
            program_matches,
            ("program_id", "cve_id", "verdict", "reason", "fixed_in", "source"),
            [(made.program.id, cve_id, *match) for made in results for cve_id, match in made.matches.items()],
        )
        insert_rows(
            self._connection,
            program_products,
            ("product_key", "vendor_key", "program_id"),
            [(product, vendor, made.program.id) for made in results for vendor, product in made.spellings],
        )
        rows = [
            (
                made.program.id,
                made.product,
                made.resolution,
                made.is_certain,
                products_seen,
                made.not_affected,
                made.endings,
            )
            for made in results
        ]
        with staged(self._connection, _results, _RESULT_COLUMNS, rows):
            self._connection.execute(_PUT_RESULTS)

    def findings_by_machine(self, program_ids: Collection[int]) -> list[tuple[int, int]]:
        """The numbers of machines, and how many findings of programs there are, or follow, on each."""
        following = (
            select(_INSTALLED.machine)
            .join(program_matches, program_matches.c.program_id == _INSTALLED.program_id)
            .where(one_of(self._connection, _INSTALLED.program_id, program_ids))
        )
        there = select(findings.c.machine).where(
            one_of(self._connection, findings.c.program_id, program_ids), findings.c.state != FindingState.RESOLVED
        )
        machine = union_all(following, there).subquery().c.machine
        query = select(machine, func.count()).group_by(machine).order_by(machine)
        return [(machine, count) for machine, count in self._connection.execute(query)]

    def endings_of(self, program_ids: Collection[int]) -> dict[int, str]:
        """Why matches of programs are gone, as JSON, as long as not all findings have followed."""
        query = select(_PROGRAM.id, _PROGRAM.endings).where(_PROGRAM.endings.is_not(None))
        chosen = query.where(one_of(self._connection, _PROGRAM.id, program_ids))
        return dict(self._connection.execute(chosen).all())

    def lock_programs(self, program_ids: Collection[int]) -> None:
        """Lock programs that `finish_matching` will write. An update locks them before the events, too."""
        self._connection.execute(programs_in_order(self._connection, program_ids).with_for_update(key_share=True))

    def finish_matching(self, matched: Collection[DueProgram]) -> None:
        """Note that all findings of programs follow from their matches, and which change these answer."""
        rows = [(program.id, program.wanted) for program in matched]
        with staged(self._connection, _finished, _FINISHED_COLUMNS, rows):
            self._connection.execute(_FINISH)


_RESULT_COLUMNS = ("id", "product", "resolution", "is_certain", "products_seen", "not_affected", "endings")
_results = temporary_table("incoming_results", *(like(_PROGRAM[name]) for name in _RESULT_COLUMNS))
_PUT_RESULTS = (  # in one statement: over a line with latency, one for each program takes most of the time
    update(programs)
    .where(_PROGRAM.id == _results.c.id)
    .values({name: _results.c[name] for name in _RESULT_COLUMNS[1:]})
)
_FINISHED_COLUMNS = ("id", "matched")
_finished = temporary_table("finished_programs", *(like(_PROGRAM[name]) for name in _FINISHED_COLUMNS))
_FINISH = (
    update(programs)
    .where(_PROGRAM.id == _finished.c.id)
    .values(matched=_finished.c.matched, claimed_by=None, endings=None)
)


def programs_in_order(connection: Connection, numbers: Collection[int]) -> Select[int]:
    """The query to lock programs with, all in the same order: of two transactions one waits, never both."""
    return select(_PROGRAM.id).where(one_of(connection, _PROGRAM.id, numbers)).order_by(_PROGRAM.id)
