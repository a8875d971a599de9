"""The one place that decides: events come in one after another, the reducer says what they mean, commands go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from desktop.model.commands import Command
from desktop.model.events import Event, TimePassed
from desktop.model.reducer import DEFAULT_RULES, reduce
from desktop.model.rules import Rules
from desktop.model.services import Supervision
from desktop.model.sleep import woken_between
from desktop.supervisor.ports import Clock, Inbox, Watch

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
