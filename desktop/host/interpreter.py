"""Which program starts this Python once more."""

from __future__ import annotations

import sys
from pathlib import Path


def this_python() -> tuple[str, dict[str, str]]:
    """The program, as an absolute path, and what its environment needs.

    On Windows the `python.exe` of a virtual environment is a launcher: what is started then is not what does the work,
    and has another number. As multiprocessing does, we start the Python behind it and tell it for whom it stands.
    """
    behind = Path(getattr(sys, "_base_executable", sys.executable))
    if sys.platform != "win32" or behind == Path(sys.executable):
        return sys.executable, {}
    return str(behind), {"__PYVENV_LAUNCHER__": sys.executable}
