"""The stack that the services need: a database and a broker, wherever they are."""

from __future__ import annotations

from typing import Protocol

from backend.contract.errors import OpenThreatError
from backend.contract.problems import Problem


class StackAway(OpenThreatError):  # noqa: N818 - names a state
    """It cannot be used right now, or not yet. It is asked again every few seconds."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.title, found.message, found.hint, found.remedies, problem_id=found.id)
        self._found = found

    @property
    def problem(self) -> Problem:
        return self._found


class Stack(Protocol):
    """May block, for as long as starting servers takes; runs in a thread of its own."""

    @property
    def name(self) -> str: ...

    def bring_up(self) -> None:
        """Gives back control when everything answers.

        Raises StackAway, within a few seconds even where servers are only on their way: the next call goes on with
        them, so whoever wants to quit meanwhile need not wait.
        """

    def check(self) -> None:
        """Raises StackAway when something no longer answers."""

    def take_down(self, *, closing: bool) -> None:
        """Ends what `bring_up` started. closing: with the whole program, so what may outlive it stays.

        Raises StackAway where that is impossible.
        """
