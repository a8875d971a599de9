"""Time that passes only when a test says so, and an inbox that plays back a history in it."""

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
        """Asleep: as on Linux, where the steady clock stands still meanwhile."""
        self._reading = ClockReading(self._reading.steady + (0 if asleep else seconds), self._reading.wall + seconds)


class FakeInbox:
    """What is posted comes at once; what is planned comes when its time has come; waiting lets the time pass."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock, self._start = clock, clock.read().steady
        self._posted: deque[Event] = deque()
        self._planned: list[tuple[float, Event]] = []

    def plan(self, after_s: float, event: Event) -> None:
        """after_s: seconds since this inbox was made."""
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
