"""The program that runs already for the same data, as another start of it meets it."""

from __future__ import annotations

from pathlib import Path

from backend.contract.errors import DesktopError
from desktop.application.control import ask
from desktop.application.instance import InstanceLock

_CLOSED_WITHIN_S = 30.0  # twice what closing may take


class NothingRuns(DesktopError):  # noqa: N818 - names a state
    """There is no program to talk to."""


def end_running(home: Path, lock: InstanceLock) -> None:
    """Asks the program of this data folder to end, and waits for that.

    Raises NothingRuns, or DesktopError where it does not answer or does not end.
    """
    if lock.take():
        lock.release()
        raise NothingRuns("Nothing runs", f"No program has its data in {home}.", "`openthreat up` starts it.")
    ask(home, "quit")
    if not lock.take(_CLOSED_WITHIN_S):
        raise DesktopError(
            "The running program does not end",
            f"It was asked {_CLOSED_WITHIN_S:.0f} s ago.",
            "Its log, supervisor.log, tells what it waits for.",
        )
    lock.release()


def show_running(home: Path) -> None:
    """Has its window come up. Raises DesktopError where it does not answer, or has no windows."""
    if not ask(home, "show").get("shown"):
        raise DesktopError(
            "OpenThreat runs already, in a terminal",
            f"`openthreat up` looks after the data in {home}.",
            "`openthreat down` ends it; `openthreat tray --replace` takes over.",
        )
