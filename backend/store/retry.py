"""Waiting out a database that is away: whatever an update does can be done again, so it waits and goes on by itself.

Doing what must be done as soon as the database lets us.

One line when something goes away, one when it is back, silence in between.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from backend.contract.errors import StoreUnavailable

PATIENCE = 1800.0  # seconds; half of a run's soft limit
LONGEST_WAIT = 15.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def patiently(sleep: Callable[[float], None], action: Callable[[], Result]) -> Result:
    """The action's result. While the database is away the action is repeated; it must be one that may be.

    Raises StoreUnavailable after half an hour without a database, and whatever else the action raises at once.
    """
    waited, wait = 0.0, 1.0
    while True:
        try:
            return action()
        except StoreUnavailable as error:
            if waited >= PATIENCE:
                raise
            if not waited:
                log.warning("waiting for the database: %s", error)
            sleep(wait)
            waited, wait = waited + wait, min(2 * wait, LONGEST_WAIT)


class OutageLog:
    """Logs once when a dependency of this process becomes unavailable, and once when it is available again.

    Args:
        thing: The dependency as the log names it, such as "the database".
    """

    def __init__(self, thing: str, log: logging.Logger) -> None:
        self._thing, self._log, self._well = thing, log, True

    def succeeded(self) -> None:
        if not self._well:
            self._log.info("%s is back", self._thing)
        self._well = True

    def failed(self, error: Exception) -> None:
        if self._well:
            self._log.warning("%s is away, trying again until it is back: %s", self._thing, error)
        self._well = False


PAUSE = 1.0
LAST_TRIES = 5
"""Once the program stops there are this many tries left, a second apart."""


def until_done(
    action: Callable[[], Result], health: OutageLog, stopping: Callable[[], bool], pause: float = PAUSE
) -> Result:
    """Repeats the action while the database is away. Raises StoreUnavailable only when the program has to stop."""
    tries_left = LAST_TRIES
    while True:
        try:
            result = action()
        except StoreUnavailable as error:
            health.failed(error)
            tries_left -= stopping()
            if not tries_left:
                raise
            time.sleep(pause)
        else:
            health.succeeded()
            return result
