"""How often a service may be asked."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class RateLimit:
    """At most `requests` in any `window` seconds, and at least `delay` seconds between two of them."""

    def __init__(
        self, requests: int, window: float, delay: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._requests, self._window, self._delay, self._clock = requests, window, delay, clock
        self._asked: deque[float] = deque(maxlen=requests)

    def wait(self, sleep: Callable[[float], None]) -> None:
        """Returns when the next request may be sent, and counts it as sent."""
        while (seconds := self._seconds_left()) > 0:
            sleep(seconds)
        self._asked.append(self._clock())

    def _seconds_left(self) -> float:
        if not self._asked:
            return 0.0
        free_at = self._asked[-1] + self._delay
        if len(self._asked) == self._requests:
            free_at = max(free_at, self._asked[0] + self._window)
        return free_at - self._clock()
