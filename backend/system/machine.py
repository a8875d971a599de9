"""Facts about this machine that libraries cannot always give."""

from __future__ import annotations

import getpass
import os
import platform
import tempfile
from pathlib import Path

import psutil


def host_name() -> str:
    """Return the host's name, which can be stored and sent in UTF-8; never empty."""
    return (platform.node() or "localhost").encode("utf-8", "replace").decode("utf-8")


def user_name() -> str:
    """Return the name of the user; "" where the environment does not say it, as of some services."""
    try:
        return getpass.getuser().encode("utf-8", "replace").decode("utf-8")
    except (ImportError, KeyError, OSError):
        return ""


def home_folder() -> Path:
    """Return the user's folder; that for temporary files if the account has none, as in some containers."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(tempfile.gettempdir())


def free_bytes(folder: Path) -> int | None:
    """Return the bytes that are free where a folder is; None where the system does not say."""
    try:
        return int(psutil.disk_usage(str(folder)).free)
    except OSError:
        return None


def usable_cores() -> int:
    """Return the number of processor cores that this process may use.

    By its affinity: a container may be bound to fewer cores than there are, and Python's count needs a part of Windows
    that not every environment has. The affinity is empty on machines with more than one group of processors.
    """
    return len(psutil.Process().cpu_affinity()) or os.cpu_count() or 1
