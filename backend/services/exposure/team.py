"""What the machines of a team have in common: each program once, with the machines that have it."""

from __future__ import annotations

from sqlalchemy import Connection

from backend.contract.errors import NotFound
from backend.contract.inventory import SoftwareEntry
from backend.contract.names import API_PREFIX
from backend.contract.team import CommonProgram, CommonProgramPage, ProgramMachine, ProgramMachines
from backend.contract.wire import page_count
from backend.services.exposure.machine_exposure import system_entry
from backend.store.repositories.common_programs import CommonProgramRepository, ProgramCount, ProgramQuery

MOST_MACHINES = 500
"""Machines that one answer lists."""


def list_programs(connection: Connection, query: ProgramQuery) -> CommonProgramPage:
    """Return the programs of all machines, the exploited ones first."""
    found, total = CommonProgramRepository(connection).page(query)
    return CommonProgramPage(
        items=tuple(map(_program, found)),
        total=total,
        page=query.page,
        page_size=query.page_size,
        total_pages=page_count(total, query.page_size),
    )


def machines_with(connection: Connection, program: int) -> ProgramMachines:
    """Return the machines that have a program.

    Raises:
        NotFound: No program has this number.
    """
    store = CommonProgramRepository(connection)
    if not store.is_known(program):
        message = f"There is no program with the number {program}."
        raise NotFound("No such program", message, f"{API_PREFIX}/programs lists all of them.")
    found, total = store.machines_with(program, MOST_MACHINES)
    items = (
        ProgramMachine(id=machine, name=name, user=user, last_seen_at=seen, since=since)
        for machine, name, user, seen, since in found
    )
    return ProgramMachines(items=tuple(items), total=total)


def _program(found: ProgramCount) -> CommonProgram:
    return CommonProgram(
        id=found.id,
        software=system_entry(found.entry) if found.is_system else SoftwareEntry.model_validate_json(found.entry),
        is_system=found.is_system,
        machines=found.machines,
        affected=found.affected,
        exploited=found.exploited,
        worst=found.worst,
    )
