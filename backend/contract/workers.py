"""State of the workers and of beat, as reported by their heartbeats."""

from __future__ import annotations

from enum import StrEnum

from backend.contract.wire import Instant, Wire


class WorkersState(StrEnum):
    HEALTHY = "healthy"
    BUSY = "busy"
    STALLED = "stalled"
    NO_WORKERS = "no_workers"


class WorkerStats(Wire):
    host: str
    pid: int
    version: str
    started_at: Instant
    tasks_done: int
    tasks_failed: int
    memory_bytes: int | None = None


class WorkerTask(Wire):
    """The task that a worker is running."""

    task_id: str
    name: str
    started_at: Instant | None = None
    progress_at: Instant | None = None  # when its progress last changed


class WorkerStatus(Wire):
    name: str
    active_tasks: int
    registered_tasks: int
    stats: WorkerStats
    queues: tuple[str, ...]
    current_task: WorkerTask | None = None
    heartbeat_age_s: float


class BeatStatus(Wire):
    """A beat process. Several may run: each scheduled run is enqueued once."""

    name: str
    host: str
    pid: int


class WaitingTask(Wire):
    task_id: str
    queue: str


class WorkersStatus(Wire):
    status: WorkersState
    message: str
    """`status` as a sentence."""
    workers: tuple[WorkerStatus, ...]
    total_workers: int
    beats: tuple[BeatStatus, ...] = ()
    waiting: tuple[WaitingTask, ...] = ()
    """Runs that were published to the broker and not started, oldest first, at most a few hundred."""
