"""Routes for runs of tasks (start, read, cancel) and for the schedule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from backend.api.parameters import CronLine, Identifier, RunFilters
from backend.api.roles import Router, needs
from backend.contract.access import AccessRole
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
from backend.services.runs import history, schedule
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database

_STARTED_MESSAGES = {
    TaskName.UPDATE: "The update has been queued. The first one takes 10 to 30 minutes.",
    TaskName.CLEAN_CACHE: "The cleanup has been queued.",
    TaskName.UPDATE_STATS: "The computation of the statistics has been queued.",
    TaskName.TEST: "The test task has been queued.",
    TaskName.REPORT: "The report has been queued.",
}
_ACTIVE_MESSAGES = {TaskName.REPORT: "The report is already queued or running."}
_CANCEL_MESSAGES = {
    RunState.REVOKED: "The run was cancelled.",
    RunState.STARTED: "The run will stop at its next checkpoint.",
}


def router(
    database: Database, queue: TaskQueue, clock: Callable[[], datetime], zone: Callable[[], tzinfo]
) -> APIRouter:
    """Build the routes.

    Args:
        zone: Returns the time zone of this machine, in which cron lines are read.
    """
    routes = Router()
    routes.include_router(_schedule_routes(database, clock, zone))
    routes.include_router(_start_routes(database, queue))
    routes.include_router(_run_routes(database, queue))
    return routes


def _start_routes(database: Database, queue: TaskQueue) -> APIRouter:
    routes = Router(prefix="/tasks", tags=["tasks"])

    def enqueue(task: TaskName, response: Response) -> TaskAccepted:
        enqueued = queue.enqueue(task, Trigger.API)
        if not enqueued.already_running:
            return TaskAccepted(task_id=enqueued.task_id, status=RunState.PENDING, message=_STARTED_MESSAGES[task])
        response.status_code = status.HTTP_200_OK
        with database.reading() as connection:
            active = history.get_run(connection, enqueued.task_id)
        return TaskAccepted(
            task_id=active.task_id,
            status=active.status,
            already_running=True,
            message=_ACTIVE_MESSAGES.get(task, "An update is already queued or running."),
        )

    accepting = partial(routes.post, status_code=status.HTTP_202_ACCEPTED, response_model_exclude_defaults=True)

    @accepting(
        "/update-vulnerabilities",
        responses={
            status.HTTP_200_OK: {"model": TaskAccepted, "description": "An update is queued or running already"}
        },
    )
    @needs(AccessRole.ADMINISTER)
    def update_vulnerabilities(response: Response) -> TaskAccepted:
        """Update all vulnerabilities. If an update is queued or running, answers 200 with the id of that run."""
        return enqueue(TaskName.UPDATE, response)

    @accepting("/clean-cache")
    @needs(AccessRole.ADMINISTER)
    def clean_cache(response: Response) -> TaskAccepted:
        """Delete expired search results, runs and downloads."""
        return enqueue(TaskName.CLEAN_CACHE, response)

    @accepting("/update-stats")
    @needs(AccessRole.ADMINISTER)
    def update_statistics(response: Response) -> TaskAccepted:
        """Compute the statistics."""
        return enqueue(TaskName.UPDATE_STATS, response)

    @accepting(
        "/write-report",
        responses={
            status.HTTP_200_OK: {"model": TaskAccepted, "description": "The report is queued or running already"}
        },
    )
    @needs(AccessRole.ADMINISTER)
    def write_report(response: Response) -> TaskAccepted:
        """Write the report of what happened since the last one into its folder."""
        return enqueue(TaskName.REPORT, response)

    @accepting("/test")
    @needs(AccessRole.ADMINISTER)
    def run_test_task(response: Response) -> TaskAccepted:
        """Run a short test task through broker, worker and database."""
        return enqueue(TaskName.TEST, response)

    return routes


def _run_routes(database: Database, queue: TaskQueue) -> APIRouter:
    routes = Router(prefix="/tasks", tags=["tasks"])

    @routes.get("")
    @needs(AccessRole.READ)
    def list_runs(filters: Annotated[RunFilters, Query()]) -> TaskPage:
        """Run history, newest first."""
        with database.reading() as connection:
            selected = filters.state, filters.name, filters.trigger
            return history.list_runs(connection, *selected, page=filters.page, page_size=filters.page_size)

    @routes.get("/{task_id}")
    @needs(AccessRole.READ)
    def get_run(task_id: Annotated[Identifier, Path()]) -> TaskRun:
        """State, progress and result of one run."""
        with database.reading() as connection:
            return history.get_run(connection, task_id)

    @routes.post("/{task_id}/cancel")
    @needs(AccessRole.ADMINISTER)
    def cancel_run(task_id: Annotated[Identifier, Path()]) -> TaskCancelled:
        """Cancel a waiting run, or ask a running one to stop. A finished run stays as it is."""
        state = queue.cancel(task_id)
        message = _CANCEL_MESSAGES.get(state, "The run had already finished.")
        return TaskCancelled(task_id=task_id, status=state, message=message)

    return routes


def _schedule_routes(database: Database, clock: Callable[[], datetime], zone: Callable[[], tzinfo]) -> APIRouter:
    routes = Router(prefix="/tasks/scheduled", tags=["schedule"])

    @routes.get("/list")
    @needs(AccessRole.READ)
    def list_schedule() -> ScheduleList:
        """All entries with their last and next run. During a pause, `next_run_at` is not before its end."""
        with database.reading() as connection:
            return schedule.list_entries(connection, clock())

    @routes.get("/preview")
    @needs(AccessRole.READ)
    def preview_schedule(
        line: Annotated[CronLine, Query(alias="schedule", description="Cron line of five fields")],
    ) -> SchedulePreview:
        """Describe a cron line and list its next five runs. Changes nothing."""
        return schedule.preview(line, clock(), zone())

    @routes.put("/pause")
    @needs(AccessRole.ADMINISTER)
    def pause_schedule(wanted: PauseWanted) -> SchedulePause:
        """Pause the schedule for all programs that share the database. Runs requested by hand still start."""
        with database.transaction() as connection:
            return schedule.pause(connection, wanted, clock())

    @routes.delete("/pause")
    @needs(AccessRole.ADMINISTER)
    def resume_schedule() -> SchedulePause:
        """End the pause. An entry that came due during the pause runs once."""
        with database.transaction() as connection:
            return schedule.resume(connection)

    @routes.patch("/{name}")
    @needs(AccessRole.ADMINISTER)
    def change_entry(name: Annotated[Identifier, Path()], change: ScheduleChange) -> ScheduledTask:
        """Change the cron line of an entry, or switch it on or off. Takes effect within a few seconds."""
        with database.transaction() as connection:
            return schedule.change_entry(connection, name, change, clock())

    @routes.post("/{name}/reset")
    @needs(AccessRole.ADMINISTER)
    def reset_entry(name: Annotated[Identifier, Path()]) -> ScheduledTask:
        """Restore the default cron line of an entry and switch it on."""
        with database.transaction() as connection:
            return schedule.reset_entry(connection, name, clock())

    return routes
