"""What the services stand on: a database and a broker, wherever they are."""

from __future__ import annotations

from typing import Protocol

from desktop.model.trouble import DesktopError


class StackAway(DesktopError):  # noqa: N818 - names a state
    """It cannot be used right now. It is asked again every few seconds."""


class Stack(Protocol):
    """May block, for as long as starting servers takes; runs in a thread of its own."""

    @property
    def name(self) -> str: ...

    def bring_up(self) -> None:
        """Gives back control when everything answers. Raises StackAway."""

    def check(self) -> None:
        """Raises StackAway when something no longer answers."""

    def take_down(self) -> None:
        """Ends what `bring_up` started. Raises StackAway where that is impossible."""
