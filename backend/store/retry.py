"""Trying again while the database is away, and the log of such outages.

Whatever an update does can be done again, so it waits and goes on by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from backend.contract.errors import StoreUnavailable

if TYPE_CHECKING:
    from tenacity import RetryCallState

LONGEST_OUTAGE_S = 1800.0
"""Half of a run's soft limit."""
LONGEST_PAUSE_S = 15.0
PAUSE_S = 1.0
LAST_TRIES = 5
"""Tries that are left once the program stops, a second apart."""

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def retry_while_away(sleep: Callable[[float], None], action: Callable[[], Result]) -> Result:
    """Repeats the action while the database is away, after pauses of 1, 2, 4 ... 15 seconds.

    Args:
        sleep: Waits for that many seconds; may raise to end the waiting.
        action: What is to be done; doing it again must do no harm.

    Returns:
        What the action returns.

    Raises:
        StoreUnavailable: The database was away for half an hour.
    """
    from tenacity import Retrying, retry_if_exception_type, wait_exponential  # 0.4 MB that not all processes need

    return Retrying(
        retry=retry_if_exception_type(StoreUnavailable),
        stop=lambda state: state.idle_for >= LONGEST_OUTAGE_S,
        wait=wait_exponential(max=LONGEST_PAUSE_S),
        sleep=sleep,
        before_sleep=_log_the_first,
        reraise=True,
    )(action)


def _log_the_first(state: RetryCallState) -> None:
    if state.attempt_number == 1:
        log.warning("waiting for the database: %s", _error(state))


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


class OutageLog:
    """Writes one line when something that this process depends on goes away, and one when it is back.

    Args:
        thing: Its name in the log ("the database").
        log: Where the lines are written.
    """

    def __init__(self, thing: str, log: logging.Logger) -> None:
        self._thing, self._log, self._available = thing, log, True

    def succeeded(self) -> None:
        if not self._available:
            self._log.info("%s is back", self._thing)
        self._available = True

    def failed(self, error: BaseException | None) -> None:
        if self._available:
            self._log.warning("%s is away, trying again until it is back: %s", self._thing, error)
        self._available = False


def retry_until_stopped(
    action: Callable[[], Result], outages: OutageLog, stopping: Callable[[], bool], pause: float = PAUSE_S
) -> Result:
    """Repeats the action while the database is away, as long as the program runs.

    Args:
        action: What is to be done; doing it again must do no harm.
        outages: Learns of each try.
        stopping: Whether the program is to stop.
        pause: Seconds between two tries.

    Returns:
        What the action returns.

    Raises:
        StoreUnavailable: The program is to stop, and the last tries failed too.
    """
    from tenacity import Retrying, retry_if_exception_type, wait_fixed

    last_tries = 0

    def is_over(_: RetryCallState) -> bool:
        nonlocal last_tries
        last_tries += stopping()
        return last_tries >= LAST_TRIES

    result = Retrying(
        retry=retry_if_exception_type(StoreUnavailable),
        stop=is_over,
        wait=wait_fixed(pause),
        after=lambda state: outages.failed(_error(state)),
        reraise=True,
    )(action)
    outages.succeeded()
    return result
