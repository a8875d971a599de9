"""Files that are replaced as a whole: whatever happens meanwhile, the old one or the new one is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_atomically(path: Path, content: bytes, *, private: bool = False, durable: bool = False) -> None:
    """Puts `content` in the place of the file.

    Args:
        path: The file, in a folder that exists.
        content: All of it.
        private: Only the user can read it, from its first byte on; on Windows the rights of the folder see to that.
        durable: The new content is on the disk before it takes the old one's place, so that a power cut spares one.

    Raises:
        OSError: It cannot be written; the old file stays.
    """
    mode = 0o600 if private else 0o666
    with (
        replacing(path) as beside,
        open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file,
    ):
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives the name of a file beside `path`, which takes its place when all went well and is removed otherwise.

    Raises:
        OSError: It cannot take the place; the old file stays.
    """
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    try:
        yield beside
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
