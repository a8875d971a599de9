"""Labels in the sizes and colours of the theme, and those that follow the clock. All show plain text only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from backend.contract.wire import utc_now
from desktop.ui.formatting import absolute, ago
from desktop.ui.theme.apply import colours_of, fixed_font, sized
from desktop.ui.theme.tokens import Size


class Plain(QLabel):
    """Shows text literally, wherever it comes from."""

    def __init__(self, text: str = "", size: Size = Size.NORMAL, *, bold: bool = False) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._size, self._bold = size, bold
        self._apply_font()

    def _apply_font(self) -> None:
        self.setFont(sized(self.font(), self._size, bold=self._bold))


class Muted(Plain):
    """Secondary text."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_colour()

    def _apply_font(self) -> None:
        super()._apply_font()
        self._apply_colour()

    def _apply_colour(self) -> None:
        colour = QColor(colours_of(self.palette()).muted)
        if self.palette().color(QPalette.ColorRole.WindowText) != colour:
            palette = self.palette()
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


class Code(Plain):
    """An ID, vector or cron expression in the fixed-width font, selectable by mouse."""

    def _apply_font(self) -> None:
        self.setFont(fixed_font(self.font()))
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)


_TICK_MS = 1000


class When(Muted):
    """A moment relative to now, updated each second while visible; the tooltip has the full date and time.

    Args:
        format_moment: called with the moment and now.
        placeholder: shown while there is no moment.
    """

    def __init__(self, format_moment: Callable[[datetime, datetime], str] = ago, placeholder: str = "") -> None:
        super().__init__(placeholder)
        self._format, self._placeholder = format_moment, placeholder
        self._moment: datetime | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._update_text)

    def show_moment(self, moment: datetime | None, placeholder: str | None = None) -> None:
        """Show a moment, or the placeholder without one. placeholder: replaces the one given before."""
        self._moment = moment
        self._placeholder = self._placeholder if placeholder is None else placeholder
        self.setToolTip(absolute(moment) if moment else "")
        self._update_text()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._update_text()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._timer.stop()

    def _update_text(self) -> None:
        text = self._format(self._moment, utc_now()) if self._moment else self._placeholder
        if text != self.text():
            self.setText(text)


class VisibleTicker(QObject):
    """Calls `tick` each second while the widget is shown; owned by the widget."""

    def __init__(self, widget: QWidget, tick: Callable[[], None]) -> None:
        super().__init__(widget)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(tick)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show:
            self._timer.start()
        elif event.type() == QEvent.Type.Hide:
            self._timer.stop()
        return super().eventFilter(watched, event)
