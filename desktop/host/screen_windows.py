"""Windows: there is always a screen for who has logged in."""

from __future__ import annotations

INSTALL_HINT = "Install the program again."


def screen_trouble() -> tuple[str, str] | None:
    """Message and hint; None: windows can be shown."""
    return None
