"""A moment, told relative to now and kept true while time passes; the tooltip has it in full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from desktop.ui.formatting import absolute, ago, now
from desktop.ui.widgets.text import Muted

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
