"""The workers, as their heartbeats tell of them."""

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
    """What a worker is at."""

    task_id: str
    name: str
    started_at: Instant | None = None
    progress_at: Instant | None = None  # when it last moved


class WorkerStatus(Wire):
    name: str
    active_tasks: int
    registered_tasks: int
    stats: WorkerStats
    queues: tuple[str, ...]
    current_task: WorkerTask | None = None
    heartbeat_age_s: float


class BeatStatus(Wire):
    """A process that keeps the schedule. Several are no harm: each run is asked for once."""

    name: str
    host: str
    pid: int


class WaitingTask(Wire):
    task_id: str
    queue: str


class WorkersStatus(Wire):
    status: WorkersState
    message: str
    """The state in a sentence."""
    workers: tuple[WorkerStatus, ...]
    total_workers: int
    beats: tuple[BeatStatus, ...] = ()
    waiting: tuple[WaitingTask, ...] = ()
    """What the broker was told of and nobody has begun, oldest first, the first few hundred."""
