"""Doing what must be done as soon as the database lets us."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from backend.contract.errors import StoreUnavailable
from backend.worker.health import Health
from backend.worker.stop import Stopping

PAUSE = 1.0
LAST_TRIES = 5
"""Once the program stops there are this many tries left, a second apart."""

Result = TypeVar("Result")


def until_done(action: Callable[[], Result], health: Health, stopping: Stopping, pause: float = PAUSE) -> Result:
    """Repeats the action while the database is away. Raises StoreUnavailable only when the program has to stop."""
    tries_left = LAST_TRIES
    while True:
        try:
            result = action()
        except StoreUnavailable as error:
            health.ill(error)
            tries_left -= bool(stopping)
            if not tries_left:
                raise
            time.sleep(pause)
        else:
            health.well()
            return result
