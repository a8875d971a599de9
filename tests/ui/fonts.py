"""The fonts that layouts are tested with: of the same size, with widths and heights of their own."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

FONTS = ("DejaVu Sans", "Noto Sans")
_POINTS = 9


def use_font(application: QApplication, family: str) -> None:
    """Set the font of all widgets made from now on.

    `resources/bootstrap.py --test` installs both on Debian. Windows and macOS substitute their own for one that is
    missing, with which the layouts have to hold as well.
    """
    assert sys.platform != "linux" or family in QFontDatabase.families(), f"{family} is not installed"
    application.setFont(QFont(family, _POINTS))
