"""When tasks run by themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.parameters import Identifier
from backend.contract.schedule import ScheduleChange, ScheduledTask, ScheduleList
from backend.services.timetable import change_entry, list_entries, reset_entry
from backend.store.engine import Database


def router(database: Database) -> APIRouter:
    routes = APIRouter(prefix="/tasks/scheduled", tags=["schedule"])

    @routes.get("/list")
    def entries() -> ScheduleList:
        """All entries with their last and next run."""
        with database.reading() as connection:
            found = list_entries(connection)
        return ScheduleList(scheduled_tasks=found, total=len(found))

    @routes.patch("/{name}")
    def change(name: Annotated[Identifier, Path()], wanted: ScheduleChange) -> ScheduledTask:
        """A new cron line, or on and off; beat follows at once."""
        with database.transaction() as connection:
            return change_entry(connection, name, wanted)

    @routes.post("/{name}/reset")
    def reset(name: Annotated[Identifier, Path()]) -> ScheduledTask:
        """The program's own line again, switched on."""
        with database.transaction() as connection:
            return reset_entry(connection, name)

    return routes
