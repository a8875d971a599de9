"""The id of this machine, which stays the same when the machine is renamed. It is stored in the data folder."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

from backend.system.files import create_atomically, write_atomically

_FILE = "machine-id"


def own_machine_id(home: Path) -> str:
    """Return the id of this machine, which is made up at the first call, and only once by all processes.

    Raises:
        OSError: The data folder cannot be read or written.
    """
    path = home / _FILE
    if not path.is_file():
        home.mkdir(parents=True, exist_ok=True)
        create_atomically(path, str(uuid4()).encode(), private=True, durable=True)
    try:
        return str(UUID(path.read_text("ascii").strip()))
    except ValueError:  # not a whole id, as after a full disk: another one takes its place
        created = str(uuid4())
        write_atomically(path, created.encode(), private=True, durable=True)
        return created


def known_machine_id(home: Path) -> str:
    """Return the id of this machine; "" if it can be neither read nor written."""
    try:
        return own_machine_id(home)
    except OSError:
        return ""
