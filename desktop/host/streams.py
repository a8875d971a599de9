"""A windowed program on Windows that nobody gave pipes has no streams at all: `sys.stdout` is None there."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_ICON_ERROR = 0x10


def fill_streams() -> bool:
    """Libraries write to the streams without asking: what they say goes nowhere then. Gives whether any was missing."""
    missing = sys.stdout is None or sys.stderr is None
    if missing:
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    return missing


def show_error(title: str, text: str) -> None:
    """In a box, until somebody has read it: on Windows, for a program that has nowhere else to say it."""
    ctypes.CDLL("user32").MessageBoxW(None, text, title, _ICON_ERROR)
