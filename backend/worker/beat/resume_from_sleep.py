"""Delay updates after the machine's sleep until the network is up.

The check of the network runs in a thread, because resolving a name alone may take half a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

SLEEP_GAP = timedelta(seconds=30)
"""A longer gap between two rounds, which are seconds apart, means that the machine slept."""
NETWORK_TIMEOUT_S = 120.0
"""Seconds after which updates start without a network, so that the user sees their error."""


class ResumeFromSleep:
    """Decides whether due updates have to wait for the network.

    A clock that was set forward looks like a sleep, which costs one check of the network.

    Args:
        network: Returns at once whether the network is known to be up. It is called only while an update waits.
    """

    def __init__(self, network: Callable[[], bool]) -> None:
        self._network = network
        self._last: datetime | None = None
        self._until: float | None = None

    def observe(self, now: datetime, monotonic: float) -> None:
        """Register a round of beat.

        Args:
            now: Time of the wall clock.
            monotonic: Seconds of the monotonic clock.
        """
        if self._last is None or now - self._last > SLEEP_GAP:
            self._until = monotonic + NETWORK_TIMEOUT_S
        self._last = now

    def must_wait(self, monotonic: float) -> bool:
        """Return whether a due update has to wait longer."""
        if self._until is not None and (monotonic >= self._until or self._network()):
            self._until = None
        return self._until is not None


class NetworkProbe:
    """Runs a slow check of the network in a thread.

    Each call returns at once: True if a check has succeeded since the last True, otherwise False, and starts a new
    check unless one is running. One thread calls it.

    Args:
        check: Returns whether the network is up; may take long.
    """

    def __init__(self, check: Callable[[], bool]) -> None:
        self._check, self._up = check, Event()
        self._thread: Thread | None = None

    def __call__(self) -> bool:
        if self._up.is_set():
            self._up.clear()
            return True
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name="network-probe", daemon=True)
            self._thread.start()
        return False

    def _run(self) -> None:
        if self._check():
            self._up.set()
