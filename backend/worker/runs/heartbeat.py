"""The heartbeat of a process: a thread that writes liveness and progress, and reads requests to cancel the run.

A worker with the solo pool handles no messages while it runs a task. So this thread reports its progress, and ends a
run that ignores its limits. The module also identifies processes, and detects those of this machine that have ended.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import psutil
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from backend.contract.errors import OpenThreatError
from backend.contract.wire import utc_now
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from backend.store.retry import OutageLog
from backend.system.machine import host_name
from backend.worker.runs.checkpoint import HARD_LIMIT, RunContext

BUSY_INTERVAL = 1.0
IDLE_INTERVAL = 5.0
"""Seconds between two heartbeats, with and without a run. Without one there is no progress to write."""
START_TIME_TOLERANCE = 5.0
"""Seconds by which two readings of a process's start time may differ: the system corrects the clock behind it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """Identifies a process among all machines that share the database."""

    name: str  # such as "slow@host:1234"
    host: str
    pid: int
    process_started: float  # start time in seconds since 1970; differs when a pid is used again


def this_process(kinds: Sequence[str]) -> ProcessIdentity:
    """Return the identity of this process.

    Args:
        kinds: The queues of a worker, or the role of another process.
    """
    process, host = psutil.Process(), host_name()
    return ProcessIdentity(f"{','.join(kinds)}@{host}:{process.pid}", host, process.pid, process.create_time())


def has_ended(host: str, pid: int, process_started: float) -> bool:
    """Return whether a process has certainly ended: it is on this machine, and its pid is free or reused."""
    if host != host_name():
        return False
    try:
        process = psutil.Process(pid)
        return (
            process.status() == psutil.STATUS_ZOMBIE
            or abs(process.create_time() - process_started) > START_TIME_TOLERANCE
        )
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def memory_bytes() -> int:
    """Return the resident memory of this process."""
    return int(psutil.Process(os.getpid()).memory_info().rss)


class Heartbeat:
    """Updates the row of this process in the table `workers`.

    Args:
        row: The first state of the row.
        overdue: Called when a run is past the hard limit. It should end the process.
        hard_limit: Seconds that a run may take.
    """

    def __init__(
        self, database: Database, row: WorkerRow, overdue: Callable[[RunContext], None], hard_limit: float = HARD_LIMIT
    ) -> None:
        self._database, self._row, self._overdue, self._hard_limit = database, row, overdue, hard_limit
        self._context: RunContext | None = None
        self._first_memory = 0
        self._health = OutageLog("the database", log)
        self._stopped, self._wake, self._lock = False, threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and delete the row, if the database can be reached."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        try:
            with self._database.transaction() as connection:
                WorkerRepository(connection).remove(self._row.name)
        except OpenThreatError as error:
            self._health.failed(error)

    @property
    def tasks_done(self) -> int:
        return self._row.tasks_done

    @property
    def memory_growth(self) -> int:
        """Resident memory in bytes above that at the first heartbeat."""
        return memory_bytes() - self._first_memory

    def begin(self, context: RunContext, task_name: str, at: datetime) -> None:
        """Set the run of the row and write it at once. Called by the thread that runs tasks."""
        with self._lock:
            self._context = context
            self._row = replace(
                self._row, current_task_id=context.id, current_task_name=task_name, task_started_at=at, progress_at=at
            )
        self._wake.set()

    def end(self, *, failed: bool) -> None:
        with self._lock:
            self._context = None
            self._row = replace(
                self._row,
                current_task_id=None,
                current_task_name=None,
                task_started_at=None,
                progress_at=None,
                tasks_done=self._row.tasks_done + 1,
                tasks_failed=self._row.tasks_failed + failed,
            )
        self._wake.set()

    def beat(self) -> bool:
        """Write a heartbeat now. Returns False while the database cannot be reached, which is logged once."""
        with self._lock:
            context = self._context
            version, progress = context.unsent() if context else (0, None)
            now, memory = utc_now(), memory_bytes()
            self._first_memory = self._first_memory or memory
            row = replace(self._row, beats=self._row.beats + 1, heartbeat_at=now, memory_bytes=memory)
            if progress is not None:
                row = replace(row, progress_at=now)
            try:
                if self._database.writes_in_server:  # a newer program on another PC may have migrated it
                    self._database.check_schema()
                with self._database.transaction() as connection:
                    WorkerRepository(connection).put(row)
                    if context:
                        _write_progress(connection, context, progress)
            except (OpenThreatError, SQLAlchemyError) as error:  # the thread must go on: without it the worker is dead
                self._health.failed(error)
                return False
            self._row = row
            if context:
                context.mark_sent(version)
        self._health.succeeded()
        return True

    def _loop(self) -> None:
        while True:
            self._wake.wait(BUSY_INTERVAL if self._context else IDLE_INTERVAL)
            self._wake.clear()
            if self._stopped:
                return
            if context := self._context:
                context.tick(time.monotonic())
                if context.age > self._hard_limit:
                    self._overdue(context)
            self.beat()


def _write_progress(connection: Connection, context: RunContext, progress: str | None) -> None:
    cancel_requested = RunRepository(connection).record_progress(context.lease, progress)
    if cancel_requested is None:
        context.mark_lost()
    elif cancel_requested:
        context.cancel()
