"""Detect dead workers, overdue runs and lost messages from repeated observations. Pure; times are monotonic seconds.

Clocks of different machines are never compared: a heartbeat is a counter, and the observer measures with its own
clock how long it has not changed. Time without observations does not count: after an outage of the database all
counters are old, because no process could write.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Set
from dataclasses import dataclass, field

SILENCE = 30.0
LOCAL_SILENCE = 5.0
"""Seconds without a heartbeat until a worker is dead, and those where its process is known to have ended."""
MAX_GAP = 10.0
"""Longest time in seconds between two observations; a longer one interrupts the measurement."""
UNTAKEN = 60.0
"""Seconds that a message may wait while a worker of its queue is idle."""


@dataclass(frozen=True, slots=True)
class HeartbeatReading:
    """One observation of a worker's row."""

    name: str
    beats: int
    ended: bool = False  # its process was on this machine and has ended


@dataclass
class Timers:
    """Measures how long each of several conditions has held without interruption."""

    _since: dict[Hashable, float] = field(default_factory=dict)
    _updated: float | None = None

    def update(self, conditions: Iterable[Hashable], now: float) -> dict[Hashable, float]:
        """Return for each condition that holds now the seconds since it began to hold."""
        if self._updated is None or now - self._updated > MAX_GAP:
            self._since = {}
        self._updated = now
        self._since = {condition: self._since.get(condition, now) for condition in conditions}
        return {condition: now - since for condition, since in self._since.items()}


class DeadWorkerDetector:
    """Finds workers whose heartbeat stands still. silence, local_silence: see the constants."""

    def __init__(self, silence: float = SILENCE, local_silence: float = LOCAL_SILENCE) -> None:
        self._silent, self._silence, self._local_silence = Timers(), silence, local_silence

    def dead(self, readings: Collection[HeartbeatReading], now: float) -> Set[str]:
        """Return the names of the dead workers, at each call for as long as their reading does not change."""
        seconds = self._silent.update([(reading.name, reading.beats) for reading in readings], now)
        return {
            reading.name
            for reading in readings
            if seconds[reading.name, reading.beats] >= (self._local_silence if reading.ended else self._silence)
        }


class OverdueRunDetector:
    """Adds up how long runs have been observed running; the machine's sleep does not count."""

    def __init__(self, limit: float) -> None:
        self._limit, self._ages, self._updated = limit, dict[Hashable, float](), 0.0

    def overdue(self, runs: Iterable[Hashable], now: float) -> Set[Hashable]:
        step, self._updated = min(now - self._updated, MAX_GAP), now
        self._ages = {run: self._ages[run] + step if run in self._ages else 0.0 for run in runs}
        return {run for run, age in self._ages.items() if age > self._limit}


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that was published to the broker and not started."""

    task_id: str
    queue: str
    published: Hashable  # distinguishes one publication from the next


class LostMessageDetector:
    """Detects messages that an idle worker does not receive: the broker was emptied, or a worker died with them."""

    def __init__(self) -> None:
        self._waiting = Timers()

    def lost(self, runs: Iterable[WaitingRun], idle_queues: Collection[str], now: float) -> Set[str]:
        seconds = self._waiting.update([run for run in runs if run.queue in idle_queues], now)
        return {run.task_id for run, waited in seconds.items() if isinstance(run, WaitingRun) and waited >= UNTAKEN}
