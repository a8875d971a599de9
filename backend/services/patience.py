"""Waiting out a database that is away: whatever an update does can be done again, so it waits and goes on by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from backend.contract.errors import StoreUnavailable
from backend.services.run import Run

PATIENCE = 1800.0  # seconds; half of a run's soft limit
LONGEST_WAIT = 15.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def patiently(run: Run, action: Callable[[], Result]) -> Result:
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
            run.sleep(wait)
            waited, wait = waited + wait, min(2 * wait, LONGEST_WAIT)
