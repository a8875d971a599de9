"""This program as other processes of its own."""

from __future__ import annotations

import sys


def own_program() -> list[str]:
    """Return the command that runs the backend's roles and commands in another process; the role follows it."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-c", "import sys; from backend.roles import main; sys.exit(main(sys.argv[1:]))"]


PDF_COMMAND = "print-pdf"
"""The word by which the whole program prints HTML from its standard input as PDF to its standard output."""


def whole_program() -> list[str]:
    """Return the command that runs the program with all that it can draw, in another process."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "desktop"]
