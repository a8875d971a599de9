"""What the services stand on: a database and a broker, wherever they are."""

from __future__ import annotations

from typing import Protocol, Self

from backend.contract.errors import OpenThreatError
from backend.contract.problems import Problem


class StackAway(OpenThreatError):  # noqa: N818 - names a state
    """It cannot be used right now, or not yet. It is asked again every few seconds."""

    @classmethod
    def of(cls, problem: Problem) -> Self:
        return cls(problem.title, problem.message, problem.hint, problem.remedies)


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
