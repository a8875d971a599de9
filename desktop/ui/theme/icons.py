"""Icons of Material Design Icons, in the colour that the palette has when they are painted."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap

from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.tokens import Tone

_FONT = "mdi6"


def icon(name: str, tone: Tone | None = None) -> QIcon:
    """name: as Material Design Icons have it ("home-outline"). tone: its ink; else that of text."""
    return QIcon(_Glyph(name, tone))


def paint_glyph(painter: QPainter, rect: QRect, name: str, colour: QColor) -> None:
    import qtawesome  # loads its fonts at the first icon: the tray's first second needs none

    painter.save()
    font = qtawesome.font(_FONT, 16)
    font.setPixelSize(max(1, min(rect.width(), rect.height())))
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, qtawesome.charmap(f"{_FONT}.{name}"))
    painter.restore()


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
