"""A bar for progress: filled up to a known share, or a segment that moves while nothing is known.

Where the system wants nothing to move, the segment stays in the middle.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar

from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.motion import is_moving
from desktop.ui.theme.tokens import Space

_STEPS = 1000
_SEGMENT = 0.2  # of the width
_STILL = 0.5
_FRAME_MS, _TURN_MS = 50, 2_000


class ProgressBar(QProgressBar):
    """Paints itself: a low bar of the Fusion style looks full while nothing is known."""

    def __init__(self, height: int = Space.S) -> None:
        super().__init__()
        self._turned = 0.0
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self._move)
        self.setTextVisible(False)
        self.setFixedHeight(height)
        self.show_share(None)

    def show_share(self, share: float | None) -> None:
        """Show how much is done, 0-1. None: unknown."""
        self.setRange(0, 0 if share is None else _STEPS)
        if share is not None:
            self.setValue(round(_STEPS * share))
        self._run_frames(visible=self.isVisible())

    def filled(self) -> tuple[float, float]:
        """Return where the filled part begins and ends, as shares of the width."""
        if self.maximum():
            return 0.0, self.value() / self.maximum()
        turned = self._turned if is_moving() else _STILL
        begin = turned * (1 + _SEGMENT) - _SEGMENT
        return max(0.0, begin), min(1.0, begin + _SEGMENT)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._run_frames(visible=True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._run_frames(visible=False)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        colours, painter = colours_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole, radius = QRectF(self.rect()), self.height() / 2
        begin, end = (whole.width() * share for share in self.filled())
        for colour, part in ((colours.border, whole), (colours.accent, QRectF(begin, 0, end - begin, whole.height()))):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(part, radius, radius)
        painter.end()

    def _run_frames(self, *, visible: bool) -> None:
        if visible and not self.maximum() and is_moving():
            self._frames.start()
        else:
            self._frames.stop()

    def _move(self) -> None:
        self._turned = (self._turned + _FRAME_MS / _TURN_MS) % 1.0
        self.update()
