"""Who works and how it goes, by heartbeats: a solo worker answers nobody while it works, but its heart goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

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
from backend.store.repositories.runs import RunRepository, StoredRun
from backend.store.repositories.workers import WorkerRepository, WorkerRow

FRESH = timedelta(seconds=30)
"""A process whose last heartbeat is older is taken for dead."""
NO_PROGRESS = timedelta(minutes=10)
LEFT_LYING = timedelta(seconds=60)
"""A run that waits longer while a worker of its queue is idle did not reach that worker."""

_SENTENCES = {
    WorkersState.HEALTHY: "All workers are ready.",
    WorkersState.BUSY: "Work is being done.",
    WorkersState.NO_WORKERS: "No worker is running.",
}


def present(connection: Connection, role: Role, now: datetime) -> Sequence[WorkerRow]:
    """The processes of a role that are alive."""
    return [row for row in _present(connection, now) if row.role is role]


def workers_status(connection: Connection, now: datetime) -> WorkersStatus:
    there = _present(connection, now)
    rows, runs = [row for row in there if row.role is Role.WORKER], RunRepository(connection).waiting()
    state, message = _state(rows, runs, now)
    return WorkersStatus(
        status=state,
        message=message,
        workers=[_worker(row, now) for row in rows],
        total_workers=len(rows),
        beats=[BeatStatus(name=row.name, host=row.host, pid=row.pid) for row in there if row.role is Role.BEAT],
        waiting=[WaitingTask(task_id=run.task_id, queue=run.queue) for run in runs if run.published_at],
    )


def _present(connection: Connection, now: datetime) -> Sequence[WorkerRow]:
    return [row for row in WorkerRepository(connection).all() if now - row.heartbeat_at <= FRESH]


def stuck_worker(rows: Sequence[WorkerRow], now: datetime) -> WorkerRow | None:
    """One that lives and has a task, but has not moved for too long."""
    return next(
        (
            row
            for row in rows
            if (since := row.progress_at or row.task_started_at) is not None
            and row.current_task_id
            and now - since > NO_PROGRESS
        ),
        None,
    )


def left_lying(rows: Sequence[WorkerRow], waiting: Sequence[StoredRun], now: datetime) -> StoredRun | None:
    """A run that an idle worker should have begun."""
    idle = {queue for row in rows if not row.current_task_id for queue in row.queues}
    return next((run for run in waiting if run.queue in idle and now - run.queued_at > LEFT_LYING), None)


def _state(rows: Sequence[WorkerRow], waiting: Sequence[StoredRun], now: datetime) -> tuple[WorkersState, str]:
    if not rows:
        return WorkersState.NO_WORKERS, _SENTENCES[WorkersState.NO_WORKERS]
    if stuck := stuck_worker(rows, now):
        return WorkersState.STALLED, f"{stuck.name} has a task but has not moved for more than 10 minutes."
    if run := left_lying(rows, waiting, now):
        return WorkersState.STALLED, f"A run has been waiting in the queue {run.queue} although a worker is idle."
    state = WorkersState.BUSY if any(row.current_task_id for row in rows) else WorkersState.HEALTHY
    return state, _SENTENCES[state]


def _worker(row: WorkerRow, now: datetime) -> WorkerStatus:
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
