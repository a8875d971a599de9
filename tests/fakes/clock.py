"""A clock that the test moves, and an event queue that replays a history by it."""

from __future__ import annotations

from collections import deque

from desktop.supervision.events import Event
from desktop.supervision.supervisor import ClockReading


class FakeClock:
    def __init__(self) -> None:
        self._reading = ClockReading(steady=1_000.0, wall=1_700_000_000.0)

    def read(self) -> ClockReading:
        return self._reading

    def advance(self, seconds: float, *, asleep: bool = False) -> None:
        """Simulate the machine's sleep as on Linux, where the monotonic clock stops meanwhile."""
        self._reading = ClockReading(self._reading.steady + (0 if asleep else seconds), self._reading.wall + seconds)


class FakeInbox:
    """Posted events arrive at once, planned ones at their time. Waiting moves the clock."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock, self._start = clock, clock.read().steady
        self._posted: deque[Event] = deque()
        self._planned: list[tuple[float, Event]] = []

    def plan(self, after_s: float, event: Event) -> None:
        """Plan an event, `after_s` seconds after this queue was created."""
        self._planned = sorted([*self._planned, (self._start + after_s, event)], key=lambda planned: planned[0])

    def post(self, event: Event) -> None:
        self._posted.append(event)

    def take(self, timeout_s: float) -> Event | None:
        if self._posted:
            return self._posted.popleft()
        now = self._clock.read().steady
        if self._planned and self._planned[0][0] <= now + timeout_s:
            due, event = self._planned.pop(0)
            self._clock.advance(max(0.0, due - now))
            return event
        self._clock.advance(timeout_s)
        return None
