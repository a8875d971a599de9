"""Labels that know their place: muted, in a size of their own, in the fixed-width font. All show plain text only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel

from desktop.ui.theme.apply import colours_of, fixed_font, sized
from desktop.ui.theme.tokens import Size


class Plain(QLabel):
    """Shows text as it is, whoever wrote it; can be selected by mouse and keyboard."""

    def __init__(self, text: str = "", size: Size = Size.NORMAL, *, bold: bool = False) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._size, self._bold = size, bold
        self._dress()

    def _dress(self) -> None:
        self.setFont(sized(self.font(), self._size, bold=self._bold))


class Muted(Plain):
    """Says what is good to know, and steps back behind what matters."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _dress(self) -> None:
        super()._dress()
        self._tint()

    def _tint(self) -> None:
        colour = QColor(colours_of(self.palette()).muted)
        if self.palette().color(QPalette.ColorRole.WindowText) != colour:
            palette = self.palette()
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


class Code(Plain):
    """An id, a vector, a cron line."""

    def _dress(self) -> None:
        self.setFont(fixed_font(self.font()))
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
