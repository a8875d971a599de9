"""The one place that decides: events come in one after another, the reducer says what they mean, commands go out.

What the supervisor is given from outside, so that it can be run without processes, time and chance.

Sleep of the machine, seen as a gap between two looks at the clocks.
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
class Reading:
    """Both clocks in seconds. The steady one stands still while Linux sleeps and runs on while Windows does."""

    steady: float
    wall: float


def woken_between(before: Reading, now: Reading, longest_s: float = 10.0) -> MachineWoke | None:
    """longest_s: no two looks of a program that runs are further apart. A wall clock that was set back is no sleep."""
    steady, wall = now.steady - before.steady, now.wall - before.wall
    return MachineWoke(steady) if max(steady, wall) > longest_s else None


Post = Callable[[Event], None]
Look = Callable[[Supervision], Iterable[Event]]
"""Looks at something that may block, as the state asks for it, and tells what it saw."""
Watch = Callable[[Supervision, Supervision], None]
"""Is told of every change, before and after, in the supervisor's own thread: must not block."""


class Clock(Protocol):
    def read(self) -> Reading: ...


class SystemClock:
    def read(self) -> Reading:
        return Reading(time.monotonic(), time.time())


class Inbox(Protocol):
    def post(self, event: Event) -> None: ...

    def take(self, timeout_s: float) -> Event | None: ...


class ThreadInbox:
    """Any thread posts, and so may a signal handler: of the standard library's queues only this one allows that."""

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


class CarriesOut(Protocol):
    def carry_out(self, command: Command) -> Event | None: ...


class Supervisor:
    def __init__(
        self,
        state: Supervision,
        inbox: Inbox,
        children: CarriesOut,
        *,
        clock: Clock,
        chance: Callable[[], float],
        rules: Rules = DEFAULT_RULES,
    ) -> None:
        self._state, self._inbox, self._children, self._rules = state, inbox, children, rules
        self._clock, self._chance = clock, chance
        self._watches: list[Watch] = []

    @property
    def state(self) -> Supervision:
        """The latest; from any thread."""
        return self._state

    def watch(self, watch: Watch) -> None:
        """Before the run only."""
        self._watches.append(watch)

    def run(self) -> Supervision:
        """Until everything has ended after a request to close. The calling thread starts all children."""
        before = self._clock.read()
        while not self._state.finished(before.steady):
            event = self._inbox.take(_BUSY_S if self._state.changing else _IDLE_S)
            now = self._clock.read()
            if woke := woken_between(before, now):
                self._happened(woke, now.steady)
            self._happened(event or TimePassed(), now.steady)
            before = now
        return self._state

    def _happened(self, event: Event, at: float) -> None:
        before = self._state
        self._state, commands = reduce(before, event, at, chance=self._chance(), rules=self._rules)
        if self._state != before:
            for watch in self._watches:
                watch(before, self._state)
        for command in commands:
            outcome = self._children.carry_out(command)
            if outcome is not None:
                self._happened(outcome, at)
