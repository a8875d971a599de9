"""One running program for each data folder: its lock, and the commands that another start sends to its holder."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from backend.contract.errors import OpenThreatError
from desktop.instance.control import send_command

LOCK_NAME = "desktop.lock"


class InstanceLock:
    """A file lock that the system releases when its holder ends for any reason; the file alone means nothing."""

    def __init__(self, home: Path) -> None:
        # The file stays when the lock is released: a process that waits for the lock has the same file open.
        self._lock = FileLock(home / LOCK_NAME, thread_local=False, preserve_lock_file=True)

    def acquire(self, wait_s: float = 0.0) -> bool:
        """Take the lock, waiting for it at most this long.

        Returns:
            False if another program still holds it.

        Raises:
            OpenThreatError: The data folder cannot be written.
        """
        try:
            self._lock.acquire(timeout=wait_s)
        except Timeout:
            return False
        except OSError as error:
            raise OpenThreatError(
                "The data folder cannot be written",
                str(error),
                "Correct its permissions, or set OPENTHREAT_HOME to another folder.",
            ) from error
        return True

    def release(self) -> None:
        self._lock.release()


_CLOSED_WITHIN_S = 30.0  # twice the time that closing may take


class NotRunning(OpenThreatError):  # noqa: N818 - names a state
    """No program runs for this data folder."""


def stop_running_instance(home: Path, lock: InstanceLock) -> None:
    """Ask the program of this data folder to end, and wait until it has.

    Raises:
        NotRunning: No program runs for this data folder.
        OpenThreatError: It does not answer or does not end.
    """
    if lock.acquire():
        lock.release()
        raise NotRunning(
            "OpenThreat is not running", f"No program uses the data folder {home}.", "`openthreat up` starts it."
        )
    send_command(home, "quit")
    if not lock.acquire(_CLOSED_WITHIN_S):
        raise OpenThreatError(
            "The running program does not end",
            f"It was asked to end {_CLOSED_WITHIN_S:.0f} s ago.",
            "Its log, supervisor.log, shows what it waits for.",
        )
    lock.release()


def show_running_instance(home: Path) -> None:
    """Bring the window of the running program to the front.

    Raises:
        OpenThreatError: It does not answer, or runs in a terminal.
    """
    if not send_command(home, "show").get("shown"):
        raise OpenThreatError(
            "OpenThreat is already running in a terminal",
            f"`openthreat up` runs for the data folder {home}.",
            "`openthreat down` ends it; `openthreat tray --replace` ends it and starts the tray.",
        )
