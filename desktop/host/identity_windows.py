"""Windows: by its AppUserModelID the shell knows whose windows and notifications these are, under which name and icon.

The installer's Start menu entry carries the same one, and it says in the registry what belongs to it.
"""

from __future__ import annotations

import ctypes
from ctypes import wintypes

APP_ID = "OpenThreat.Desktop"


def introduce() -> None:
    """Before the first window. Whatever comes of it, the program goes on: under the name of its file then."""
    shell = ctypes.CDLL("shell32")
    shell.SetCurrentProcessExplicitAppUserModelID.argtypes = (wintypes.LPCWSTR,)
    shell.SetCurrentProcessExplicitAppUserModelID(APP_ID)
