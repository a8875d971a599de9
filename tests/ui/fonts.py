"""The fonts that layouts are tested with: of the same size, with widths and heights of their own."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

FONTS = ("DejaVu Sans", "Noto Sans")
_POINTS = 9


def use_font(application: QApplication, family: str, share: float = 1.0) -> None:
    """Set the font of all widgets made from now on.

    `resources/bootstrap.py --test` installs both on Debian. Windows and macOS substitute their own for one that is
    missing, with which the layouts have to hold as well.

    Args:
        share: size of the text, as the system's accessibility settings have it; 2.0 is 200 %.
    """
    assert sys.platform != "linux" or family in QFontDatabase.families(), f"{family} is not installed"
    application.setFont(QFont(family, round(_POINTS * share)))
