"""Routes for what several machines have in common."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.parameters import ProgramFilters, ProgramId
from backend.api.roles import Router, needs
from backend.contract.access import AccessRole
from backend.contract.team import CommonProgramPage, ProgramMachines
from backend.services.exposure.team import list_programs, machines_with
from backend.store.engine import Database


def router(database: Database) -> APIRouter:
    routes = Router(prefix="/programs", tags=["exposure"])

    @routes.get("")
    @needs(AccessRole.READ)
    def get_programs(filters: Annotated[ProgramFilters, Query()]) -> CommonProgramPage:
        """The programs of all machines, each version once, with the number of machines; the exploited ones first."""
        with database.reading() as connection:
            return list_programs(connection, filters.query())

    @routes.get("/{program_id}/machines")
    @needs(AccessRole.READ)
    def get_program_machines(program_id: ProgramId) -> ProgramMachines:
        """The machines that have a program, by name."""
        with database.reading() as connection:
            return machines_with(connection, program_id)

    return routes
