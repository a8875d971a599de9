"""How the program starts itself again as one of its roles, and what a process started so does."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.contract.names import Role
from desktop.host import Launch, give_way, tether, this_python

ROLE_FLAG = "--role"
_BROKEN = 1


def launch(arguments: Sequence[str], environment: Mapping[str, str]) -> Launch:
    """From source: the same Python, in the folder that this package came from, so that it finds the same package."""
    if getattr(sys, "frozen", False):
        return Launch([sys.executable, ROLE_FLAG, *arguments], environment, Path(sys.executable).parent)
    python, variables = this_python()
    source = Path(__file__).resolve().parents[1]
    return Launch([python, "-m", "desktop", *arguments], {**environment, **variables}, source)


def tray_command() -> list[str]:
    """What the system starts at login: the tray itself, from source without a console where there is such a Python."""
    if getattr(sys, "frozen", False):
        windowed = Path(sys.executable).with_name("OpenThreat.exe")
        return [str(windowed) if windowed.exists() else sys.executable, "tray"]
    windowed = Path(sys.executable).with_name("pythonw.exe")
    return [str(windowed) if windowed.exists() else sys.executable, "-m", "desktop", "tray"]


def main(argv: list[str]) -> int:
    """Runs a role or a command of the backend. Only here the backend is imported, with all it needs."""
    tether()
    if argv[:1] == [Role.WORKER]:
        give_way(os.getpid())
    from backend.roles import main as backend_main

    try:
        return backend_main(argv)
    except Exception:  # noqa: BLE001 - PyInstaller would show it in a box, and a service would wait there for a click
        traceback.print_exc()
        return _BROKEN
