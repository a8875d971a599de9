"""`openthreat print-pdf`: prints HTML from standard input as PDF to standard output, for commands and services."""

from __future__ import annotations

from typing import BinaryIO


def run(source: BinaryIO, target: BinaryIO) -> int:
    """Read until the end, print, and return the exit code."""
    from desktop.ui.printing import application, pdf_of

    _app = application()
    target.write(pdf_of(source.read().decode("utf-8")))
    target.flush()
    return 0
