"""How a running task tells how far it is and learns that it should stop, without a query of its own."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import RunCancelled, RunInterrupted, RunLost, TimeLimitExceeded
from backend.contract.names import Source
from backend.store.repositories.runs import Lease, RunRepository
from backend.worker.process import Stopping

SOFT_LIMIT = 3300.0
"""Seconds after which a run is asked to end."""
HARD_LIMIT = 3600.0
"""Seconds after which a run that did not end is ended with its process."""

STEP = 0.2
"""Longest time in seconds that a sleeping task is deaf."""
LONGEST_TICK = 10.0
"""A longer gap between two heartbeats means that the machine slept; that time is not the run's."""


class _Standing(msgspec.Struct):
    """contract.tasks.Progress, as the ledger keeps it."""

    phase: str = ""
    done: int = 0
    total: int | None = None
    message: str = ""
    sources: dict[Source, msgspec.Raw] = msgspec.field(default_factory=dict)


@dataclass
class RunContext:
    """services.run.Run for one attempt. The task's thread reports, the heartbeat's thread fetches and brings orders."""

    hold: Lease
    stopping: Stopping
    soft_limit: float = SOFT_LIMIT
    _standing: _Standing = field(default_factory=_Standing)
    _version: int = 0
    _sent: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cancelled: bool = False
    _lost: bool = False
    _age: float = 0.0
    _ticked: float | None = None

    @property
    def id(self) -> str:
        return self.hold.task_id

    # ---- the task's side

    def checkpoint(self) -> None:
        if self._lost:
            raise RunLost("Taken over", "Another worker was given this run while this one was silent.")
        if self._cancelled:
            raise RunCancelled("Cancelled", "Somebody asked for this run to be cancelled.")
        if self.stopping:
            raise RunInterrupted("Interrupted", "The program is stopping; the run continues at the next start.")
        if self._age > self.soft_limit:
            raise TimeLimitExceeded(
                "Took too long",
                f"The run did not end within {self.soft_limit / 60:.0f} minutes.",
                "What it wrote is kept and the next run goes on from there.",
            )

    def sleep(self, seconds: float) -> None:
        while seconds > 0:
            self.checkpoint()
            time.sleep(min(seconds, STEP))
            seconds -= STEP
        self.checkpoint()

    def progress(self, phase: str, done: int, total: int | None, message: str = "") -> None:
        with self._lock:
            self._standing.phase, self._standing.done = phase, done
            self._standing.total, self._standing.message = total, message
            self._version += 1

    def source(self, source: Source, **facts: object) -> None:
        told = msgspec.Raw(msgspec.json.encode(facts))
        with self._lock:
            self._standing.sources[source] = told
            self._version += 1

    def fence(self, connection: Connection) -> None:
        if not RunRepository(connection).holds(self.hold):
            self._lost = True
            self.checkpoint()

    # ---- the heartbeat's side

    @property
    def age(self) -> float:
        """Seconds it has been running, without the machine's sleep."""
        return self._age

    def tick(self, now: float) -> None:
        """now: monotonic seconds."""
        if self._ticked is not None:
            self._age += min(now - self._ticked, LONGEST_TICK)
        self._ticked = now

    def news(self) -> tuple[int, str | None]:
        """The standing as JSON and its number, to be given back to `told`; None when it was told already."""
        with self._lock:
            changed = self._version != self._sent
            return self._version, msgspec.json.encode(self._standing).decode() if changed else None

    def told(self, version: int) -> None:
        self._sent = version

    def last_word(self) -> str:
        """The standing as JSON, for the row that stays."""
        with self._lock:
            return msgspec.json.encode(self._standing).decode()

    def cancel(self) -> None:
        self._cancelled = True

    def lose(self) -> None:
        self._lost = True
