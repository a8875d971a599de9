"""The program that runs already for the same data, as another start of it meets it.

One running program for each data folder.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from backend.contract.errors import OpenThreatError
from desktop.instance.control import ask

LOCK_NAME = "desktop.lock"


class InstanceLock:
    """The system lets go of it when its holder ends, however that ends: a file that lies there means nothing."""

    def __init__(self, home: Path) -> None:
        # Kept when released: whoever waits for it holds the same file then.
        self._lock = FileLock(home / LOCK_NAME, thread_local=False, preserve_lock_file=True)

    def take(self, wait_s: float = 0.0) -> bool:
        """False: another program still has it. Raises OpenThreatError where the folder cannot be written."""
        try:
            self._lock.acquire(timeout=wait_s)
        except Timeout:
            return False
        except OSError as error:
            raise OpenThreatError(
                "The data folder cannot be written", str(error), "Mend its rights, or name another in OPENTHREAT_HOME."
            ) from error
        return True

    def release(self) -> None:
        self._lock.release()


_CLOSED_WITHIN_S = 30.0  # twice what closing may take


class NothingRuns(OpenThreatError):  # noqa: N818 - names a state
    """There is no program to talk to."""


def end_running(home: Path, lock: InstanceLock) -> None:
    """Asks the program of this data folder to end, and waits for that.

    Raises NothingRuns, or OpenThreatError where it does not answer or does not end.
    """
    if lock.take():
        lock.release()
        raise NothingRuns("Nothing runs", f"No program has its data in {home}.", "`openthreat up` starts it.")
    ask(home, "quit")
    if not lock.take(_CLOSED_WITHIN_S):
        raise OpenThreatError(
            "The running program does not end",
            f"It was asked {_CLOSED_WITHIN_S:.0f} s ago.",
            "Its log, supervisor.log, tells what it waits for.",
        )
    lock.release()


def show_running(home: Path) -> None:
    """Has its window come up. Raises OpenThreatError where it does not answer, or has no windows."""
    if not ask(home, "show").get("shown"):
        raise OpenThreatError(
            "OpenThreat runs already, in a terminal",
            f"`openthreat up` looks after the data in {home}.",
            "`openthreat down` ends it; `openthreat tray --replace` takes over.",
        )
