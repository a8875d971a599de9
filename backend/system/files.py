"""Atomic creation and replacement of files: a reader finds either the old or the new content, even after a crash."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4


def write_atomically(path: Path, content: bytes, *, private: bool = False, durable: bool = False) -> None:
    """Replace the content of a file atomically.

    Args:
        path: The file; its folder has to exist.
        content: The complete new content.
        private: Create the file readable by its owner only; on Windows the permissions of the folder apply.
        durable: Flush the new content to the disk before it replaces the old one, so that a power cut loses neither.

    Raises:
        OSError: The file cannot be written; the old one stays.
    """
    with replacing(path) as beside:
        _create(beside, content, private=private, durable=durable)


def create_atomically(path: Path, content: bytes, *, private: bool = False, durable: bool = False) -> None:
    """Create a file with its content, unless it is there. Of several processes that try, one creates it.

    The arguments are those of `write_atomically`.

    Raises:
        OSError: The file cannot be written.
    """
    beside = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        _create(beside, content, private=private, durable=durable)
        try:
            os.link(beside, path)  # unlike a renamed file, a link replaces nothing
        except FileExistsError:
            pass
        except OSError:  # a file system without links: the last one replaces the others
            beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _create(path: Path, content: bytes, *, private: bool, durable: bool) -> None:
    mode = 0o600 if private else 0o666
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the path of a temporary file. It replaces `path` at the end of the block, or is removed after an error.

    Raises:
        OSError: The file cannot be replaced; the old one stays.
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
