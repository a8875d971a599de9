"""Progress and stop requests of a running task, exchanged with the heartbeat thread without database queries."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import RunCancelled, RunInterrupted, RunLost, TimeLimitExceeded
from backend.contract.names import Source
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.store.repositories.runs import Lease, RunRepository
from backend.worker.process import StopRequest

SOFT_LIMIT = 3300.0
"""Seconds after which `checkpoint` ends a run."""
HARD_LIMIT = 3600.0
"""Seconds after which a run that has not ended is ended together with its process."""

SLEEP_STEP = 0.2
"""Longest time in seconds between two checks for a stop request during `sleep`."""
MAX_TICK = 10.0
"""A longer gap in seconds between two heartbeats means that the machine slept. It does not count for the limits."""


class _StoredProgress(msgspec.Struct):
    """contract.tasks.Progress as the ledger stores it."""

    phase: RunPhase = RunPhase.UNKNOWN
    step: int = 0
    steps: int = 0
    unit: ProgressUnit = ProgressUnit.RECORDS
    done: int = 0
    total: int | None = None
    message: str = ""
    share: float | None = None
    left_s: float | None = None
    sources: dict[Source, msgspec.Raw] = msgspec.field(default_factory=dict)


@dataclass
class RunContext:
    """services.runs.queue.Run for one attempt.

    The task's thread reports progress and checks for stop requests; the heartbeat's thread writes the progress to the
    ledger and sets the requests.
    """

    lease: Lease
    stopping: StopRequest
    soft_limit: float = SOFT_LIMIT
    _progress: _StoredProgress = field(default_factory=_StoredProgress)
    _version: int = 0
    _sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cancelled: bool = False
    _lost: bool = False
    _age: float = 0.0
    _ticked: float | None = None

    @property
    def id(self) -> str:
        return self.lease.task_id

    # ---- called by the task's thread

    def checkpoint(self) -> None:
        if self._lost:
            raise RunLost("Taken over", "Another worker has taken over this run because this one had no heartbeat.")
        if self._cancelled:
            raise RunCancelled("Cancelled", "The run was cancelled by request.")
        if self.stopping:
            raise RunInterrupted("Interrupted", "The program is stopping. The run continues at the next start.")
        if self._age > self.soft_limit:
            raise TimeLimitExceeded(
                "Time limit exceeded",
                f"The run did not end within {self.soft_limit / 60:.0f} minutes.",
                "What it has written stays. The next run continues from there.",
            )

    def sleep(self, seconds: float) -> None:
        while seconds > 0:
            self.checkpoint()
            time.sleep(min(seconds, SLEEP_STEP))
            seconds -= SLEEP_STEP
        self.checkpoint()

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
    ) -> None:
        with self._lock:
            self._progress.phase, self._progress.done, self._progress.total = phase, done, total
            self._progress.message, self._progress.unit = message, unit
            self._version += 1

    def whole(self, share: float, left_s: float | None) -> None:
        with self._lock:
            self._progress.share, self._progress.left_s = round(share, 4), left_s and round(left_s)
            self._version += 1

    def begin_step(self, step: int, steps: int) -> None:
        with self._lock:
            self._progress.step, self._progress.steps = step, steps
            self._version += 1

    def source(self, source: Source, **facts: object) -> None:
        entry = msgspec.Raw(msgspec.json.encode(facts))
        with self._lock:
            self._progress.sources[source] = entry
            self._version += 1

    def fence(self, connection: Connection) -> None:
        if not RunRepository(connection).holds(self.lease):
            self._lost = True
            self.checkpoint()

    # ---- called by the heartbeat's thread

    @property
    def age(self) -> float:
        """Seconds that the run has taken, without the machine's sleep."""
        return self._age

    def tick(self, now: float) -> None:
        """Add the time since the last call to the age.

        Args:
            now: Monotonic seconds.
        """
        if self._ticked is not None:
            self._age += min(now - self._ticked, MAX_TICK)
        self._ticked = now

    def unsent(self) -> tuple[int, str | None]:
        """Return the version of the progress and, unless `mark_sent` has confirmed it, the progress as JSON."""
        with self._lock:
            changed = self._version != self._sent
            return self._version, msgspec.json.encode(self._progress).decode() if changed else None

    def mark_sent(self, version: int) -> None:
        self._sent = version

    def encoded(self) -> str:
        """Return the progress as JSON, for the final row of the run."""
        with self._lock:
            return msgspec.json.encode(self._progress).decode()

    def cancel(self) -> None:
        self._cancelled = True

    def mark_lost(self) -> None:
        self._lost = True
