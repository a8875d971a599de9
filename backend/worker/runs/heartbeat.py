"""The worker's pulse: a thread that writes liveness and progress and brings back what others ask of the run.

A solo worker is deaf while it works, so this thread is the only one that can tell, and the only one that can end a run
that ignores its limits.

Which process this is, and whether another one on this machine still lives.
"""

from __future__ import annotations

import logging
import os
import platform
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
from backend.worker.runs.checkpoint import HARD_LIMIT, RunContext

SAME_START = 5.0
"""Seconds by which two readings of one process's start time may differ: it comes from a clock that is corrected."""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """`name` is "slow@host:pid"; `process_started` is the system's start time of the pid in seconds since 1970."""

    name: str
    host: str
    pid: int
    process_started: float


def this_process(kinds: Sequence[str]) -> ProcessIdentity:
    """kinds: the queues of a worker, or the role of another process."""
    process, host = psutil.Process(), platform.node() or "localhost"
    return ProcessIdentity(f"{','.join(kinds)}@{host}:{process.pid}", host, process.pid, process.create_time())


def is_gone(host: str, pid: int, process_started: float) -> bool:
    """True only when that process cannot live: it is of this machine, and its pid is free or somebody else's."""
    if host != (platform.node() or "localhost"):
        return False
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or abs(process.create_time() - process_started) > SAME_START
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def memory_bytes() -> int:
    """Resident memory of this process."""
    return int(psutil.Process(os.getpid()).memory_info().rss)


BUSY_INTERVAL = 1.0
IDLE_INTERVAL = 5.0
"""Seconds between two beats. Who has no run has no news, and need only stay clear of being taken for dead."""

log = logging.getLogger(__name__)


class Heartbeat:
    """Keeps one row of `workers` fresh. `overdue` is called when a run is past the hard limit; it should not return."""

    def __init__(
        self, database: Database, row: WorkerRow, overdue: Callable[[RunContext], None], hard_limit: float = HARD_LIMIT
    ) -> None:
        self._database, self._row, self._overdue, self._hard_limit = database, row, overdue, hard_limit
        self._watch: RunContext | None = None
        self._first_held = 0
        self._health = OutageLog("the database", log)
        self._over, self._news, self._writing = False, threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and takes the row out, if the database is there."""
        self._over = True
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        try:
            with self._database.transaction() as connection:
                WorkerRepository(connection).remove(self._row.name)
        except OpenThreatError as error:
            self._health.ill(error)

    @property
    def tasks_done(self) -> int:
        return self._row.tasks_done

    @property
    def grown_bytes(self) -> int:
        """What the process holds now, above what it held at its first beat."""
        return memory_bytes() - self._first_held

    def begin(self, watch: RunContext, task_name: str, at: datetime) -> None:
        """From here on the row names this run, which is written at once. Called by the thread that runs tasks."""
        with self._writing:
            self._watch = watch
            self._row = replace(
                self._row, current_task_id=watch.id, current_task_name=task_name, task_started_at=at, progress_at=at
            )
        self._news.set()

    def end(self, *, failed: bool) -> None:
        with self._writing:
            self._watch = None
            self._row = replace(
                self._row,
                current_task_id=None,
                current_task_name=None,
                task_started_at=None,
                progress_at=None,
                tasks_done=self._row.tasks_done + 1,
                tasks_failed=self._row.tasks_failed + failed,
            )
        self._news.set()

    def beat(self) -> bool:
        """One beat, now. False: the database is away (which is logged once)."""
        with self._writing:
            watch = self._watch
            version, progress = watch.news() if watch else (0, None)
            now, held = utc_now(), memory_bytes()
            self._first_held = self._first_held or held
            row = replace(self._row, beats=self._row.beats + 1, heartbeat_at=now, memory_bytes=held)
            if progress is not None:
                row = replace(row, progress_at=now)
            try:
                with self._database.transaction() as connection:
                    WorkerRepository(connection).put(row)
                    if watch:
                        _exchange(connection, watch, progress)
            except (OpenThreatError, SQLAlchemyError) as error:  # a worker without a pulse would be taken for dead
                self._health.ill(error)
                return False
            self._row = row
            if watch:
                watch.told(version)
        self._health.well()
        return True

    def _keep_beating(self) -> None:
        while True:
            self._news.wait(BUSY_INTERVAL if self._watch else IDLE_INTERVAL)
            self._news.clear()
            if self._over:
                return
            if watch := self._watch:
                watch.tick(time.monotonic())
                if watch.age > self._hard_limit:
                    self._overdue(watch)
            self.beat()


def _exchange(connection: Connection, watch: RunContext, progress: str | None) -> None:
    cancel_requested = RunRepository(connection).record_progress(watch.hold, progress)
    if cancel_requested is None:
        watch.lose()
    elif cancel_requested:
        watch.cancel()
