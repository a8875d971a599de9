"""The supervisor's loop: takes events from one inbox, reduces them one by one, and carries out the commands.

Clock, inbox, child processes and random numbers are passed in, so that tests run it without processes and time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from desktop.supervision.events import Command, Event, MachineWoke, TimePassed
from desktop.supervision.reducer import DEFAULT_RULES, reduce
from desktop.supervision.services import Supervision
from desktop.supervision.timeouts import Rules


@dataclass(frozen=True)
class ClockReading:
    """Seconds of both clocks. The monotonic one (`steady`) stops while Linux sleeps and runs on while Windows does."""

    steady: float
    wall: float


def detect_wake(before: ClockReading, now: ClockReading, longest_s: float = 10.0) -> MachineWoke | None:
    """Return the sleep of the machine between two readings, if there was one.

    Args:
        longest_s: A larger gap on either clock means sleep. A wall clock that was set back does not count.
    """
    steady, wall = now.steady - before.steady, now.wall - before.wall
    return MachineWoke(steady) if max(steady, wall) > longest_s else None


Post = Callable[[Event], None]
Poll = Callable[[Supervision], Iterable[Event]]
"""Check something that may block, as the state requires, and return what was found."""
ChangeListener = Callable[[Supervision, Supervision], None]
"""Called with the state before and after each change, in the supervisor's thread: must not block."""


class Clock(Protocol):
    def read(self) -> ClockReading: ...


class SystemClock:
    def read(self) -> ClockReading:
        return ClockReading(time.monotonic(), time.time())


class Inbox(Protocol):
    def post(self, event: Event) -> None: ...

    def take(self, timeout_s: float) -> Event | None: ...


class ThreadInbox:
    """Any thread and any signal handler may post: of the standard library's queues, only SimpleQueue is reentrant."""

    def __init__(self) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()

    def post(self, event: Event) -> None:
        self._events.put(event)

    def take(self, timeout_s: float) -> Event | None:
        try:
            return self._events.get(timeout=timeout_s)
        except Empty:
            return None


_BUSY_S, _IDLE_S = 0.2, 3.0


class CommandExecutor(Protocol):
    def execute(self, command: Command) -> Event | None: ...


class Supervisor:
    def __init__(
        self,
        state: Supervision,
        inbox: Inbox,
        children: CommandExecutor,
        *,
        clock: Clock,
        chance: Callable[[], float],
        rules: Rules = DEFAULT_RULES,
    ) -> None:
        self._state, self._inbox, self._children, self._rules = state, inbox, children, rules
        self._clock, self._chance = clock, chance
        self._listeners: list[ChangeListener] = []

    @property
    def state(self) -> Supervision:
        """The current state; may be read by any thread."""
        return self._state

    def add_listener(self, listener: ChangeListener) -> None:
        """Only before `run`."""
        self._listeners.append(listener)

    def run(self) -> Supervision:
        """Run until everything has ended after a request to close.

        The calling thread starts all children, so it has to live as long as they do.
        """
        before = self._clock.read()
        while not self._state.finished(before.steady):
            event = self._inbox.take(_BUSY_S if self._state.changing else _IDLE_S)
            now = self._clock.read()
            if woke := detect_wake(before, now):
                self._handle(woke, now.steady)
            self._handle(event or TimePassed(), now.steady)
            before = now
        return self._state

    def _handle(self, event: Event, at: float) -> None:
        before = self._state
        self._state, commands = reduce(before, event, at, chance=self._chance(), rules=self._rules)
        if self._state != before:
            for listener in self._listeners:
                listener(before, self._state)
        for command in commands:
            result = self._children.execute(command)
            if result is not None:
                self._handle(result, at)
