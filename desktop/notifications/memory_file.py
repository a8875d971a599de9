"""The file of the notification memory, without which each start would repeat all notifications."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from backend.system.files import write_atomically
from desktop.notifications.memory import NotificationMemory

_SHAPE = TypeAdapter(NotificationMemory)


class NotificationFile:
    """A file that is lost, damaged or read-only only causes repeated notifications."""

    def __init__(self, home: Path) -> None:
        self._path = home / "alerts.json"

    def load(self) -> NotificationMemory:
        try:
            return _SHAPE.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return NotificationMemory()

    def save(self, memory: NotificationMemory) -> None:
        with suppress(OSError):
            write_atomically(self._path, _SHAPE.dump_json(memory))
