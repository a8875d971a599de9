"""The stack: the database and the broker that the services need, embedded, external or in Docker."""

from __future__ import annotations

from typing import Protocol

from backend.contract.errors import OpenThreatError
from backend.contract.problems import Problem


class StackUnavailable(OpenThreatError):  # noqa: N818 - names a state
    """The stack cannot be used now, or not yet. It is checked again every few seconds."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.title, found.message, found.hint, found.remedies, problem_id=found.id)
        self._found = found

    @property
    def problem(self) -> Problem:
        return self._found


class Stack(Protocol):
    """A stack. Its methods may block for a few seconds, so they are called in a separate thread."""

    @property
    def name(self) -> str: ...

    def bring_up(self) -> None:
        """Start the servers and return when all of them answer.

        Raises:
            StackUnavailable: They do not answer within a few seconds, or cannot be started. The next call continues
                the start, so the program can be closed in between.
        """

    def check(self) -> None:
        """Raise StackUnavailable if a server no longer answers."""

    def take_down(self, *, closing: bool) -> None:
        """Stop what `bring_up` started.

        Args:
            closing: The whole program ends, so servers that may outlive it can stay.

        Raises:
            StackUnavailable: They cannot be stopped.
        """
