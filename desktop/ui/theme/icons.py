"""Material Design Icons, painted in the current colours of the palette."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap

from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.tokens import Tone

_PIXELS = 16  # every glyph sets its own size


def icon(name: str, tone: Tone | None = None) -> QIcon:
    """Make an icon from its Material Design name ("home-outline"), in the ink of a tone or of text."""
    return QIcon(_Glyph(name, tone))


def paint_glyph(painter: QPainter, rect: QRect, name: str, colour: QColor) -> None:
    font, glyphs = _material_design()
    sized = QFont(font)
    sized.setPixelSize(max(1, min(rect.width(), rect.height())))
    painter.save()
    painter.setFont(sized)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, glyphs[name])
    painter.restore()


@cache
def _material_design() -> tuple[QFont, dict[str, str]]:
    """Load the icon font and its characters by name from QtAwesome's files.

    Importing QtAwesome takes a quarter of a second of the first window, and its own functions load eleven more fonts.

    Raises:
        FileNotFoundError: QtAwesome is not installed as a whole.
    """
    package = find_spec("qtawesome")
    places = package.submodule_search_locations if package else None
    if not places:
        raise FileNotFoundError("qtawesome")
    folder = Path(places[0]) / "fonts"
    [letters] = folder.glob("materialdesignicons6-webfont-[0-9]*.ttf")
    [names] = folder.glob("materialdesignicons6-webfont-charmap-*.json")
    family = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(letters)))[0]
    codes: dict[str, str] = json.loads(names.read_bytes())
    font = QFont(family)
    font.setPixelSize(_PIXELS)
    return font, {name: chr(int(code, 16)) for name, code in codes.items()}


class _Glyph(QIconEngine):
    def __init__(self, name: str, tone: Tone | None) -> None:
        super().__init__()
        self._name, self._tone = name, tone

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:  # noqa: ARG002 - Qt's signature
        paint_glyph(painter, rect, self._name, self._colour(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Glyph(self._name, self._tone)

    def _colour(self, mode: QIcon.Mode) -> QColor:
        palette = QGuiApplication.palette()
        if mode is QIcon.Mode.Disabled:
            return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        if mode is QIcon.Mode.Selected:
            return palette.color(QPalette.ColorRole.HighlightedText)
        if self._tone is not None:
            return QColor(colours_of(palette).tones[self._tone].ink)
        return palette.color(QPalette.ColorRole.ButtonText)
