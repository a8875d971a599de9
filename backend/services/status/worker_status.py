"""Status of the workers, read from their heartbeats.

A worker with the solo pool does not answer Celery's remote control while it runs a task, but its heartbeat continues.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from backend.contract.errors import StoreUnavailable
from backend.contract.names import Role
from backend.contract.workers import (
    BeatStatus,
    WaitingTask,
    WorkersState,
    WorkersStatus,
    WorkerStats,
    WorkerStatus,
    WorkerTask,
)
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository, StoredRun
from backend.store.repositories.workers import WorkerRepository, WorkerRow

HEARTBEAT_TIMEOUT = timedelta(seconds=30)
"""Age of the last heartbeat from which a process counts as dead."""
STUCK_AFTER = timedelta(minutes=10)
UNTAKEN_AFTER = timedelta(seconds=60)
"""A run that waits longer, although a worker of its queue is idle, did not reach that worker."""

_MESSAGES = {
    WorkersState.HEALTHY: "All workers are ready.",
    WorkersState.BUSY: "Workers are running tasks.",
    WorkersState.NO_WORKERS: "No worker is running.",
}


def live_processes(connection: Connection, role: Role, now: datetime) -> Sequence[WorkerRow]:
    """Return the processes of a role whose heartbeat is recent."""
    return [row for row in _live_rows(connection, now) if row.role is role]


def workers_status(database: Database, now: datetime) -> WorkersStatus:
    """Return the status of the workers.

    Raises:
        StoreUnavailable: The database takes no writes at present, so that the heartbeats say nothing.
    """
    with database.reading() as connection:
        found = read_workers(connection, now)
        silent = not (found.workers and found.beats) and bool(WorkerRepository(connection).all())
    if silent and database.is_locked():
        raise StoreUnavailable(
            "The database is busy",
            "Another program, or a long step of an update, has locked it for more than half a minute.",
            "Work continues as soon as it is released. If that takes long, close database tools that have it open.",
        )
    return found


def read_workers(connection: Connection, now: datetime) -> WorkersStatus:
    live = _live_rows(connection, now)
    rows, runs = [row for row in live if row.role is Role.WORKER], RunRepository(connection).waiting()
    state, message = _state(rows, runs, now)
    return WorkersStatus(
        status=state,
        message=message,
        workers=[_worker_status(row, now) for row in rows],
        total_workers=len(rows),
        beats=[BeatStatus(name=row.name, host=row.host, pid=row.pid) for row in live if row.role is Role.BEAT],
        waiting=[WaitingTask(task_id=run.task_id, queue=run.queue) for run in runs if run.published_at],
    )


def _live_rows(connection: Connection, now: datetime) -> Sequence[WorkerRow]:
    return [row for row in WorkerRepository(connection).all() if now - row.heartbeat_at <= HEARTBEAT_TIMEOUT]


def stuck_worker(rows: Sequence[WorkerRow], now: datetime) -> WorkerRow | None:
    """Return a worker whose task has made no progress for STUCK_AFTER."""
    return next(
        (
            row
            for row in rows
            if (since := row.progress_at or row.task_started_at) is not None
            and row.current_task_id
            and now - since > STUCK_AFTER
        ),
        None,
    )


def untaken_run(rows: Sequence[WorkerRow], waiting: Sequence[StoredRun], now: datetime) -> StoredRun | None:
    """Return a run that waits although a worker of its queue is idle."""
    idle = {queue for row in rows if not row.current_task_id for queue in row.queues}
    return next((run for run in waiting if run.queue in idle and now - run.queued_at > UNTAKEN_AFTER), None)


def _state(rows: Sequence[WorkerRow], waiting: Sequence[StoredRun], now: datetime) -> tuple[WorkersState, str]:
    if not rows:
        return WorkersState.NO_WORKERS, _MESSAGES[WorkersState.NO_WORKERS]
    if stuck := stuck_worker(rows, now):
        return WorkersState.STALLED, f"The task of {stuck.name} has made no progress for more than 10 minutes."
    if run := untaken_run(rows, waiting, now):
        return WorkersState.STALLED, f"A task is waiting in the queue {run.queue} although a worker is idle."
    state = WorkersState.BUSY if any(row.current_task_id for row in rows) else WorkersState.HEALTHY
    return state, _MESSAGES[state]


def _worker_status(row: WorkerRow, now: datetime) -> WorkerStatus:
    task = None
    if row.current_task_id and row.current_task_name:
        task = WorkerTask(
            task_id=row.current_task_id,
            name=row.current_task_name,
            started_at=row.task_started_at,
            progress_at=row.progress_at,
        )
    return WorkerStatus(
        name=row.name,
        active_tasks=int(task is not None),
        registered_tasks=len(row.registered_tasks),
        stats=WorkerStats(
            host=row.host,
            pid=row.pid,
            version=row.version,
            started_at=row.started_at,
            tasks_done=row.tasks_done,
            tasks_failed=row.tasks_failed,
            memory_bytes=row.memory_bytes,
        ),
        queues=row.queues,
        current_task=task,
        heartbeat_age_s=round(max(0.0, (now - row.heartbeat_at).total_seconds()), 1),
    )
