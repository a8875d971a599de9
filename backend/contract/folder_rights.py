"""The rights on the data folder: on POSIX systems only its owner may enter it, which protects every file in it.

On Windows a folder has the rights of the one above it, which in a user's profile are the user's alone.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o700
_GROUP_AND_OTHERS = 0o077


def make_private(folder: Path) -> None:
    """Take the rights of other users away from a folder of this user.

    What cannot or must not be narrowed stays as it is: `reason_open` says why.

    Raises:
        OSError: The folder cannot be looked at.
    """
    if not _is_posix():
        return
    found = folder.stat()
    if found.st_mode & _GROUP_AND_OTHERS and found.st_uid == os.geteuid() and not _is_shared(folder, found.st_mode):
        with suppress(OSError):  # a file system without rights, or one that cannot be written
            folder.chmod(PRIVATE)


def reason_open(folder: Path) -> str:
    """Return why other users may be able to enter the folder, as a sentence; empty if they are not.

    Raises:
        OSError: The folder cannot be looked at.
    """
    if not _is_posix():
        return "" if folder.is_relative_to(_user_folder()) else f"{folder} lies outside your user folder."
    found = folder.stat()
    rights = stat.filemode(found.st_mode)
    if not found.st_mode & _GROUP_AND_OTHERS:
        return ""
    if found.st_uid != os.geteuid():
        return f"{folder} belongs to another user and has the rights {rights}."
    if _is_shared(folder, found.st_mode):
        return f"{folder} holds more than the program's data, so its rights were left at {rights}."
    return f"{folder} keeps the rights {rights}, as folders on some network drives and removable disks do."


def _is_shared(folder: Path, mode: int) -> bool:
    """Whether the folder is one for temporary files, a top-level one, or one above the user's own or Python's.

    Narrowing /tmp, /srv or /home would shut other users out of more than the program's data.
    """
    real = folder.resolve()
    above = any(inside.resolve().is_relative_to(real) for inside in (_user_folder(), Path(sys.prefix)))
    return bool(mode & stat.S_ISVTX) or real.parent == Path(real.anchor) or above


def _user_folder() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises for an account without one


def _is_posix() -> bool:
    return os.name == "posix"
