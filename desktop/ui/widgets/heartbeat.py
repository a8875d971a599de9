"""What is told relative to now is told anew every second, while anybody can see it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

_EACH_MS = 1000


class Heartbeat(QObject):
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
