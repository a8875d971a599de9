"""One running program for each data folder."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from backend.contract.errors import DesktopError

LOCK_NAME = "desktop.lock"


class InstanceLock:
    """The system lets go of it when its holder ends, however that ends: a file that lies there means nothing."""

    def __init__(self, home: Path) -> None:
        # Kept when released: whoever waits for it holds the same file then.
        self._lock = FileLock(home / LOCK_NAME, thread_local=False, preserve_lock_file=True)

    def take(self, wait_s: float = 0.0) -> bool:
        """False: another program still has it. Raises DesktopError where the folder cannot be written."""
        try:
            self._lock.acquire(timeout=wait_s)
        except Timeout:
            return False
        except OSError as error:
            raise DesktopError(
                "The data folder cannot be written", str(error), "Mend its rights, or name another in OPENTHREAT_HOME."
            ) from error
        return True

    def release(self) -> None:
        self._lock.release()
