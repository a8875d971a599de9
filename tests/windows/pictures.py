"""Check that a picture shows something."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

_STEP = 2  # every second pixel in both directions is enough


def changed(before: Path, after: Path) -> tuple[int, int]:
    """Return the number of different pixels (of 1/4 of all), and the number of their colours in the later picture."""
    old, new = QImage(str(before)), QImage(str(after))
    assert not old.isNull()
    assert old.size() == new.size()
    colours = [
        new.pixel(x, y)
        for x in range(0, new.width(), _STEP)
        for y in range(0, new.height(), _STEP)
        if old.pixel(x, y) != new.pixel(x, y)
    ]
    return len(colours), len(set(colours))


def colours_in(path: Path, area: QRect) -> int:
    """Return the number of colours in an area; 1 means that nothing is drawn there."""
    part = QImage(str(path)).copy(area)
    return len({part.pixel(x, y) for x in range(part.width()) for y in range(part.height())})
