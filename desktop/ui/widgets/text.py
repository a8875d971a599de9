"""Labels that know their place: muted, in a size of their own, in the fixed-width font. All show plain text only.

A moment, told relative to now and kept true while time passes; the tooltip has it in full.

What is told relative to now is told anew every second, while anybody can see it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from desktop.ui.formatting import absolute, ago, now
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


_EACH_MS = 1000


class When(Muted):
    """say: how the moment is told, given the moment and now. Ticks only while it can be seen."""

    def __init__(self, say: Callable[[datetime, datetime], str] = ago, otherwise: str = "") -> None:
        super().__init__(otherwise)
        self._say, self._otherwise = say, otherwise
        self._moment: datetime | None = None
        self._timer = QTimer(self, interval=_EACH_MS)
        self._timer.timeout.connect(self._tell)

    def show_moment(self, moment: datetime | None, otherwise: str | None = None) -> None:
        """None: the text for never, which is `otherwise` from now on if that is given."""
        self._moment = moment
        self._otherwise = self._otherwise if otherwise is None else otherwise
        self.setToolTip(absolute(moment) if moment else "")
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._tell()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._timer.stop()

    def _tell(self) -> None:
        text = self._say(self._moment, now()) if self._moment else self._otherwise
        if text != self.text():
            self.setText(text)


class VisibleTicker(QObject):
    """Beats as long as the widget is shown, and lives as long as it lives."""

    def __init__(self, widget: QWidget, beat: Callable[[], None]) -> None:
        super().__init__(widget)
        self._timer = QTimer(self, interval=_EACH_MS)
        self._timer.timeout.connect(beat)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show:
            self._timer.start()
        elif event.type() == QEvent.Type.Hide:
            self._timer.stop()
        return super().eventFilter(watched, event)
