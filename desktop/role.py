"""Starts this program again as one of its roles (API, worker, beat), and runs a role in such a process."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.contract.names import Role
from desktop.host import Launch, die_with_parent, lower_priority, this_python

ROLE_FLAG = "--role"
_CRASHED = 1


def launch(arguments: Sequence[str], environment: Mapping[str, str]) -> Launch:
    """Return how to start a role or a command of the backend.

    From source the process starts in the folder above this package, so that it imports the same package.
    """
    if getattr(sys, "frozen", False):
        return Launch([sys.executable, ROLE_FLAG, *arguments], environment, Path(sys.executable).parent)
    python, variables = this_python()
    source = Path(__file__).resolve().parents[1]
    return Launch([python, "-m", "desktop", *arguments], {**environment, **variables}, source)


def tray_command() -> list[str]:
    """Return the command that starts the tray at login: without a console where the platform has such a Python."""
    if getattr(sys, "frozen", False):
        windowed = Path(sys.executable).with_name("OpenThreat.exe")
        return [str(windowed) if windowed.exists() else sys.executable, "tray"]
    windowed = Path(sys.executable).with_name("pythonw.exe")
    return [str(windowed) if windowed.exists() else sys.executable, "-m", "desktop", "tray"]


def main(argv: list[str]) -> int:
    """Run a role or a command of the backend and return its exit code. Only this function imports the whole backend."""
    die_with_parent()
    if argv[:1] == [Role.WORKER]:
        lower_priority(os.getpid())
    from backend.roles import main as backend_main

    try:
        return backend_main(argv)
    except Exception:  # noqa: BLE001 - PyInstaller would show a message box, and the service would wait for a click
        traceback.print_exc()
        return _CRASHED
