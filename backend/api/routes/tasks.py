"""Asking for runs, looking at them, stopping them.

When tasks run by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from backend.api.parameters import Identifier, RunFilters, Text
from backend.contract.names import RunState, TaskName, Trigger
from backend.contract.schedule import (
    PauseWanted,
    ScheduleChange,
    ScheduledTask,
    ScheduleList,
    SchedulePause,
    SchedulePreview,
)
from backend.contract.tasks import TaskAccepted, TaskCancelled, TaskPage, TaskRun
from backend.services.runs.history import get_run, list_runs
from backend.services.runs.queue import TaskQueue
from backend.services.runs.schedule import change_entry, list_entries, pause, preview, reset_entry, resume
from backend.store.engine import Database

_REQUESTS = {
    "update-vulnerabilities": (TaskName.UPDATE, "The update is on its way; the first one takes 10 to 30 minutes."),
    "clean-cache": (TaskName.CLEAN_CACHE, "Old cache entries and run history are being removed."),
    "update-stats": (TaskName.UPDATE_STATS, "The statistics are being computed."),
    "test": (TaskName.TEST, "The test task is on its way."),
}
_CANCELLED = {
    RunState.REVOKED: "The run was cancelled.",
    RunState.STARTED: "The run was asked to stop; it does so at its next step.",
}


def router(database: Database, queue: TaskQueue) -> APIRouter:
    routes = APIRouter(prefix="/tasks", tags=["tasks"])

    def request(task: TaskName, message: str, response: Response) -> TaskAccepted:
        enqueued = queue.enqueue(task, Trigger.API)
        if not enqueued.already_running:
            return TaskAccepted(task_id=enqueued.task_id, status=RunState.PENDING, message=message)
        response.status_code = status.HTTP_200_OK
        with database.reading() as connection:
            running = get_run(connection, enqueued.task_id)
        return TaskAccepted(
            task_id=running.task_id,
            status=running.status,
            already_running=True,
            message="An update is already under way.",
        )

    for address, (task, message) in _REQUESTS.items():

        def ask(response: Response, task: TaskName = task, message: str = message) -> TaskAccepted:
            return request(task, message, response)

        routes.post(f"/{address}", status_code=status.HTTP_202_ACCEPTED, response_model_exclude_defaults=True)(ask)

    @routes.get("")
    def history(filters: Annotated[RunFilters, Query()]) -> TaskPage:
        """The run history, newest first."""
        with database.reading() as connection:
            wanted = filters.state, filters.name, filters.trigger
            return list_runs(connection, *wanted, page=filters.page, page_size=filters.page_size)

    @routes.get("/{task_id}")
    def run(task_id: Annotated[Identifier, Path()]) -> TaskRun:
        """One run: where it stands, or how it ended."""
        with database.reading() as connection:
            return get_run(connection, task_id)

    @routes.post("/{task_id}/cancel")
    def cancel(task_id: Annotated[Identifier, Path()]) -> TaskCancelled:
        """A waiting run is cancelled at once, a running one is asked to stop; one that is over stays as it is."""
        state = queue.cancel(task_id)
        return TaskCancelled(task_id=task_id, status=state, message=_CANCELLED.get(state, "The run was over already."))

    return routes


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
