"""After a machine's sleep updates wait until the network is up. Pure: clocks and the look at the network are given.

Looking whether the network is up, without waiting for the answer: names alone may take half a minute to resolve.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

GAP = timedelta(seconds=30)
"""Rounds are seconds apart: whoever missed this much of the wall's clock was asleep, or has only just begun."""
PATIENCE = 120.0
"""Seconds after which updates go ahead, network or not: then an error is what people should see."""


class ResumeFromSleep:
    """`network` says at once whether a source could be reached by now; it is asked only while something waits for it.

    A clock that was set forward looks like a sleep. That costs one look at the network.
    """

    def __init__(self, network: Callable[[], bool]) -> None:
        self._network = network
        self._last: datetime | None = None
        self._until: float | None = None

    def note(self, now: datetime, monotonic: float) -> None:
        """To be told of each round."""
        if self._last is None or now - self._last > GAP:
            self._until = monotonic + PATIENCE
        self._last = now

    def waits(self, monotonic: float) -> bool:
        """Whether an update that is due should wait still."""
        if self._until is not None and (monotonic >= self._until or self._network()):
            self._until = None
        return self._until is not None


class BackgroundLook:
    """Called again and again by one thread: each call says what is known by now, and has somebody look again.

    look: answers whether the network is up, in its own time. Once it was, the next call begins anew.
    """

    def __init__(self, look: Callable[[], bool]) -> None:
        self._look, self._up = look, Event()
        self._looking: Thread | None = None

    def __call__(self) -> bool:
        if self._up.is_set():
            self._up.clear()
            return True
        if self._looking is None or not self._looking.is_alive():
            self._looking = Thread(target=self._run, name="network-look", daemon=True)
            self._looking.start()
        return False

    def _run(self) -> None:
        if self._look():
            self._up.set()
