"""Who is dead and which messages are lost, judged by what one observer sees over time. Pure; monotonic seconds come in.

Clocks of different machines are never compared: a heartbeat is a counter that moves, and silence is measured by the
observer's own clock, and only while it could look (after an outage of the database nobody is dead just because nobody
could write).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Set
from dataclasses import dataclass, field

SILENCE = 30.0
LOCAL_SILENCE = 5.0
"""Seconds without a heartbeat until a worker is dead; less where its process is known to be gone."""
GAP = 10.0
"""Two looks further apart than this do not add up to a watch without a break."""
UNTAKEN = 60.0
"""Seconds that a message may wait while a worker of its queue is idle."""


@dataclass(frozen=True, slots=True)
class HeartbeatReading:
    """What one look at a worker's row says. `gone`: its process is of this machine and does not exist."""

    name: str
    beats: int
    gone: bool = False


@dataclass
class Timers:
    """How long each of several things has been the case without a break."""

    _since: dict[Hashable, float] = field(default_factory=dict)
    _looked: float | None = None

    def look(self, things: Iterable[Hashable], now: float) -> dict[Hashable, float]:
        """Seconds for each thing that is the case now. What is not named any more starts from nothing the next time."""
        if self._looked is None or now - self._looked > GAP:
            self._since = {}
        self._looked = now
        self._since = {thing: self._since.get(thing, now) for thing in things}
        return {thing: now - since for thing, since in self._since.items()}


class DeathWatch:
    def __init__(self, local_silence: float = LOCAL_SILENCE) -> None:
        self._silent, self._local_silence = Timers(), local_silence

    def dead(self, sightings: Collection[HeartbeatReading], now: float) -> Set[str]:
        """Names of the workers that will not come back, each as long as it is sighted unchanged."""
        seconds = self._silent.look([(sighting.name, sighting.beats) for sighting in sightings], now)
        return {
            sighting.name
            for sighting in sightings
            if seconds[sighting.name, sighting.beats] >= (self._local_silence if sighting.gone else SILENCE)
        }


class LimitWatch:
    """Adds up how long runs were seen running; the machine's sleep does not count."""

    def __init__(self, limit: float) -> None:
        self._limit, self._ages, self._looked = limit, dict[Hashable, float](), 0.0

    def overdue(self, runs: Iterable[Hashable], now: float) -> Set[Hashable]:
        step, self._looked = min(now - self._looked, GAP), now
        self._ages = {run: self._ages[run] + step if run in self._ages else 0.0 for run in runs}
        return {run for run, age in self._ages.items() if age > self._limit}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that was handed to the broker and not begun. `published` tells one publication from the next."""

    task_id: str
    queue: str
    published: Hashable


class LostMessageDetector:
    """A message that an idle worker does not take is lost: the broker was emptied, or a worker died with it."""

    def __init__(self) -> None:
        self._waiting = Timers()

    def lost(self, runs: Iterable[Waiting], idle_queues: Collection[str], now: float) -> Set[str]:
        seconds = self._waiting.look([run for run in runs if run.queue in idle_queues], now)
        return {run.task_id for run, waited in seconds.items() if isinstance(run, Waiting) and waited >= UNTAKEN}
