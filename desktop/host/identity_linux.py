"""Linux: windows and notifications carry the name of the desktop entry, which Qt is told."""

from __future__ import annotations


def introduce() -> None:
    """Nothing to do before there are windows."""
