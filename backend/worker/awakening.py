"""After a machine's sleep updates wait until the network is up. Pure: clocks and the look at the network are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

GAP = timedelta(seconds=30)
"""Rounds are seconds apart: whoever missed this much of the wall's clock was asleep, or has only just begun."""
PATIENCE = 120.0
"""Seconds after which updates go ahead, network or not: then an error is what people should see."""


class Awakening:
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
