"""When tasks run by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.api.parameters import Identifier, Text
from backend.contract.schedule import (
    PauseWanted,
    ScheduleChange,
    ScheduledTask,
    ScheduleList,
    SchedulePause,
    SchedulePreview,
)
from backend.services.runs.schedule import change_entry, list_entries, pause, preview, reset_entry, resume
from backend.store.engine import Database


def schedule_router(database: Database, clock: Callable[[], datetime], zone: Callable[[], tzinfo]) -> APIRouter:
    """zone: of this machine, in which cron lines are read."""
    routes = APIRouter(prefix="/tasks/scheduled", tags=["schedule"])

    @routes.get("/list")
    def entries() -> ScheduleList:
        """All entries with their last and next run; while paused, the first moment at which it can really happen."""
        with database.reading() as connection:
            return list_entries(connection, clock())

    @routes.get("/preview")
    def previewed(schedule: Annotated[Text, Query(description="a cron line of five fields")]) -> SchedulePreview:
        """What a cron line means, in words and in its next five runs. Changes nothing."""
        return preview(schedule, clock(), zone())

    @routes.put("/pause")
    def begin_pause(wanted: PauseWanted) -> SchedulePause:
        """Nothing runs by itself any more, for everyone who shares the database; what is asked for by hand does."""
        with database.transaction() as connection:
            return pause(connection, wanted, clock())

    @routes.delete("/pause")
    def end_pause() -> SchedulePause:
        """The schedule goes on; an entry that was due meanwhile runs once."""
        with database.transaction() as connection:
            return resume(connection)

    @routes.patch("/{name}")
    def change(name: Annotated[Identifier, Path()], wanted: ScheduleChange) -> ScheduledTask:
        """A new cron line, or on and off; beat follows at once."""
        with database.transaction() as connection:
            return change_entry(connection, name, wanted, clock())

    @routes.post("/{name}/reset")
    def reset(name: Annotated[Identifier, Path()]) -> ScheduledTask:
        """The program's own line again, switched on."""
        with database.transaction() as connection:
            return reset_entry(connection, name, clock())

    return routes
