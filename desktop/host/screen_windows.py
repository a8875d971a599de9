"""Windows: there is always a screen for who has logged in."""

from __future__ import annotations

INSTALL_HINT = "Install the program again."
UNSEEN = "windows"
"""Qt's platform for windows that are drawn and never shown: the one without a screen finds no fonts here."""


def screen_trouble() -> tuple[str, str] | None:
    """Message and hint; None: windows can be shown."""
    return None
