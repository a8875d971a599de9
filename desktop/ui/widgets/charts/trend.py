"""Chart of a share over days: a line from the oldest day to the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from desktop.ui.formatting import percent
from desktop.ui.theme.apply import colours_of, sized
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.charts.parts import PartedChart

_HEIGHT = 72
_DOT = 2.5
_LEAST_TOP = 0.01
"""The top of the scale where all shares are lower: a line along the bottom says that they are low."""


@dataclass(frozen=True)
class DayShare:
    """share: 0-1."""

    day: date
    share: float


class TrendChart(PartedChart):
    def __init__(self, name: str) -> None:
        super().__init__()
        self._shares: tuple[DayShare, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: Sequence[DayShare]) -> None:
        """Show shares, the oldest day first."""
        if tuple(shares) != self._shares:
            self._shares = tuple(shares)
            self.parts_changed()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(10 * Space.XL, _HEIGHT + 2 * self.fontMetrics().height())

    def part_count(self) -> int:
        return len(self._shares)

    def part_place(self, part: int) -> QRectF:
        """Use the full height of the chart, so that a low point can be pointed at."""
        plot, half = self._plot(), self._plot().width() / max(1, 2 * (len(self._shares) - 1))
        return QRectF(self._point(part).x() - half, plot.top(), 2 * half, plot.height())

    def part_words(self, part: int) -> str:
        shown = self._shares[part]
        return f"{shown.day.isoformat()}: {percent(shown.share, 2)}"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        if not self._shares:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(self.font(), Size.SMALL))
        self._paint_scale(painter)
        points = [self._point(part) for part in range(len(self._shares))]
        painter.setPen(QPen(QColor(colours_of(self.palette()).strong[Tone.INFO]), 2))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(QColor(colours_of(self.palette()).strong[Tone.INFO]))
        marked = points if len(points) == 1 else [*points[-1:], *points[self.current : self.current + 1]]
        for point in marked:
            painter.drawEllipse(point, _DOT, _DOT)
        self.paint_focus(painter)
        painter.end()

    def _plot(self) -> QRectF:
        """The area of the line: below the highest value and above the dates."""
        text = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(Space.XS, text, -Space.XS, -text)

    def _point(self, part: int) -> QPointF:
        plot, shares = self._plot(), self._shares
        along = part / (len(shares) - 1) if len(shares) > 1 else 1.0
        return QPointF(
            plot.left() + along * plot.width(), plot.bottom() - plot.height() * shares[part].share / self._top()
        )

    def _top(self) -> float:
        return max(_LEAST_TOP, *(shown.share for shown in self._shares))

    def _paint_scale(self, painter: QPainter) -> None:
        colours, plot = colours_of(self.palette()), self._plot()
        for y in (plot.top(), plot.bottom()):
            painter.fillRect(QRectF(plot.left(), round(y), plot.width(), 1), QColor(colours.border))
        painter.setPen(QColor(colours.muted))
        painter.drawText(QPointF(plot.left(), plot.top() - Space.XS), percent(self._top(), 1))
        below = QRectF(plot.left(), plot.bottom(), plot.width(), self.height() - plot.bottom())
        bottom = Qt.AlignmentFlag.AlignBottom
        if len(self._shares) > 1:
            painter.drawText(below, bottom | Qt.AlignmentFlag.AlignLeft, self._shares[0].day.isoformat())
        painter.drawText(below, bottom | Qt.AlignmentFlag.AlignRight, self._shares[-1].day.isoformat())
