"""How far an update is as a whole: one share, weighted by what its parts took in the last runs, and the time left.

Parts are, for each source, its fetching (until its first page is there) and its reading, and the work after all
sources. Only the time counts that the update spends on a part, not what happens beside another one. A first load takes
very much longer than an increment, so both have durations of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import RunInterrupted
from backend.contract.names import Source
from backend.contract.tasks import ProgressUnit, RunPhase, SourceStage
from backend.services.runs.queue import Run
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.runs import Lease

_DURATIONS = "update_durations"
_FIRST, _LATER = "first", "later"
WORKED = 0.95
"""Share of a part when all that it counts is done: something follows that is not counted."""
KNOWN_FROM = 0.05
"""Share of the whole from which the time left is extrapolated, while there is no earlier run to take it from."""
SLOWEST, FASTEST = 4.0, 0.25
"""Bounds of how much slower or faster than the last run this one is taken to be."""


class Stage(StrEnum):
    FETCH = "fetch"
    READ = "read"
    MERGE = "merge"
    FINISH = "finish"


class Part(NamedTuple):
    """A part of an update. source: "" for the work after all sources."""

    stage: Stage
    source: str = ""
    first: bool = False

    @property
    def key(self) -> str:
        """Its name among the stored durations."""
        return "/".join(filter(None, (self.source, _FIRST if self.first else _LATER, self.stage)))


_USUAL: Mapping[bool, Mapping[Source, tuple[float, float]]] = {
    False: {
        Source.CISA: (1, 1),
        Source.EPSS: (2, 10),
        Source.MITRE: (3, 5),
        Source.NVD: (5, 15),
        Source.EUVD: (5, 30),
    },
    True: {
        Source.CISA: (1, 1),
        Source.EPSS: (2, 20),
        Source.MITRE: (60, 150),
        Source.NVD: (10, 240),
        Source.EUVD: (5, 120),
    },
}
"""Seconds of fetching and reading before any run is known: on two cores and 100 Mbit/s, 350,000 records."""
_USUAL_AFTER = {False: {Stage.MERGE: 1.0, Stage.FINISH: 5.0}, True: {Stage.MERGE: 200.0, Stage.FINISH: 15.0}}


def parts_of(first_loads: Mapping[Source, bool]) -> list[Part]:
    """The parts of an update. first_loads: the sources, and whether each is loaded for the first time."""
    any_first = any(first_loads.values())
    sources = [
        Part(stage, source, first) for source, first in first_loads.items() for stage in (Stage.FETCH, Stage.READ)
    ]
    return [*sources, Part(Stage.MERGE, first=any_first), Part(Stage.FINISH, first=any_first)]


def read_durations(connection: Connection) -> dict[str, float]:
    """The seconds of the parts in the last runs, by key."""
    stored = MetadataRepository(connection).get(_DURATIONS)
    return msgspec.json.decode(stored, type=dict[str, float]) if stored else {}


def write_durations(connection: Connection, taken: Mapping[Part, float]) -> None:
    """Add the durations of one run: each becomes the mean of the last runs, of which newer ones weigh more."""
    known = read_durations(connection)
    known |= {part.key: (known.get(part.key, seconds) + seconds) / 2 for part, seconds in taken.items()}
    MetadataRepository(connection).set(_DURATIONS, msgspec.json.encode(known).decode())


def _usual(part: Part) -> float:
    if part.source:
        return _USUAL[part.first][Source(part.source)][part.stage is Stage.READ]
    return _USUAL_AFTER[part.first][part.stage]


class UpdateProgress:
    """The progress of one update. May be reported to from several threads.

    Args:
        durations: by key, from the last runs; usual ones are taken for parts that are not among them.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        run: Run,
        parts: Iterable[Part],
        durations: Mapping[str, float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run, self._clock = run, clock
        self.parts = tuple(parts)
        self._expected = {part: durations.get(part.key, _usual(part)) for part in self.parts}
        self._is_known = all(part.key in durations for part in self._expected)
        self._reached = dict.fromkeys(self._expected, 0.0)
        self._share, self._began = 0.0, clock()
        self._current: Part | None = None
        self._since = self._began
        self._lock = threading.Lock()
        self.taken: dict[Part, float] = {}
        self.stopped = False

    def begin(self, part: Part) -> None:
        """Spend the time from now on on this part, until another one begins."""
        with self._lock:
            self._close()
            self._current = part

    def stop(self) -> None:
        """End the update: what still reports from other threads is stopped at its next checkpoint."""
        with self._lock:
            self._close()
            self.stopped = True

    def finish(self) -> None:
        """Report that all is done."""
        for part in self._expected:
            self.reach(part, 1.0)

    def _close(self) -> None:
        now = self._clock()
        if self._current is not None:
            self.taken[self._current] = self.taken.get(self._current, 0.0) + now - self._since
        self._current, self._since = None, now

    def reach(self, part: Part, share: float) -> None:
        """Report how far a part is, 0-1. A smaller share than before changes nothing."""
        with self._lock:
            self._reached[part] = max(self._reached[part], min(share, 1.0))
            whole = sum(self._expected.values())
            done = sum(seconds * self._reached[part] for part, seconds in self._expected.items())
            self._share = max(self._share, done / whole if whole else 0.0)
            self._run.whole(self._share, self._seconds_left(whole - done))  # within the lock, lest it goes back

    def is_current(self, source: str) -> bool:
        return self._current is not None and self._current.source == source

    def _seconds_left(self, expected: float) -> float | None:
        """The expected seconds at the pace of this run; None if neither the last runs nor this one tell them."""
        elapsed = self._clock() - self._began
        if not self._is_known:
            return elapsed * (1 - self._share) / self._share if self._share >= KNOWN_FROM else None
        usual = sum(self._expected.values()) - expected
        pace = elapsed / usual if usual and self._share >= KNOWN_FROM else 1.0
        return expected * min(max(pace, FASTEST), SLOWEST)


class _PartRun:
    """services.runs.queue.Run for a part of an update."""

    def __init__(self, run: Run, whole: UpdateProgress) -> None:
        self._run, self._whole = run, whole

    @property
    def id(self) -> str:
        return self._run.id

    @property
    def lease(self) -> Lease:
        return self._run.lease

    def checkpoint(self) -> None:
        self._run.checkpoint()
        if self._whole.stopped:
            raise RunInterrupted("Interrupted", "The update has ended.")

    def sleep(self, seconds: float) -> None:
        self.checkpoint()
        self._run.sleep(seconds)
        self.checkpoint()

    def fence(self, connection: Connection) -> None:
        self._run.fence(connection)

    def begin_step(self, step: int, steps: int) -> None:
        self._run.begin_step(step, steps)

    def whole(self, share: float, left_s: float | None) -> None:
        self._run.whole(share, left_s)

    def source(self, source: Source, **facts: object) -> None:
        self._run.source(source, **facts)


class StageRun(_PartRun):
    """The run for the work after all sources."""

    def __init__(self, run: Run, whole: UpdateProgress, part: Part) -> None:
        super().__init__(run, whole)
        self.part = part

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
    ) -> None:
        if total:
            self._whole.reach(self.part, done / total * WORKED)
        self._run.progress(phase, done, total, message, unit)


class SourceRun(_PartRun):
    """The run for one source, and the Watch of its connector, which may report from another thread.

    What it reports is shown as the run's phase while the source has its turn, and in the entry of the source always.
    """

    def __init__(self, run: Run, whole: UpdateProgress, source: Source, *, first: bool) -> None:
        super().__init__(run, whole)
        self._source, self._facts = source, dict[str, object](state=SourceStage.WAITING)
        self.fetching, self.reading = Part(Stage.FETCH, source, first), Part(Stage.READ, source, first)
        self._note()

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
        share: float | None = None,
    ) -> None:
        own = share if share is not None else done / total if total else 0.0
        self._whole.reach(self.reading if phase is RunPhase.READING else self.fetching, own * WORKED)
        self._note(phase=phase, done=done, total=total)
        if self._whole.is_current(self._source):
            self._run.progress(phase, done, total, message, unit)

    def trouble(self, sentence: str) -> None:
        if self._facts.get("trouble", "") != sentence:
            self._note(trouble=sentence)

    def source(self, source: Source, **facts: object) -> None:
        if source != self._source:
            raise ValueError(f"{source} is not the source of this run")
        self._note(**facts)

    def _note(self, **facts: object) -> None:
        self._facts |= facts
        self._run.source(self._source, **self._facts)
