"""Chart of the last days: a bar for the vulnerabilities published, a mark for days with newly exploited ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, log10

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from backend.contract.stats import DayCount
from desktop.ui.formatting import number, short_day, translate
from desktop.ui.theme.apply import colours_of, sized
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.charts.parts import PartedChart

_ROUND = (1, 2, 5, 10)


def ticks(most: int, wanted: int = 3) -> tuple[int, ...]:
    """Return axis values from 0 to at least `most`, in about `wanted` steps of 1, 2 or 5 times a power of ten."""
    rough = max(1.0, most / wanted)
    power = 10 ** int(log10(rough))
    step = next(factor * power for factor in _ROUND if factor * power >= rough)
    return tuple(range(0, max(1, ceil(most / step)) * step + 1, step))


_MARK = 3.5  # half of a diamond's diagonal
_LABEL_EACH = 7
_BAR_SHARE = 0.72
_HEIGHT = 130


class DaysChart(PartedChart):
    def __init__(self) -> None:
        super().__init__()
        self._days: tuple[DayCount, ...] = ()
        self._ticks: tuple[int, ...] = (0, 1)
        self.setAccessibleName(self.tr("Vulnerabilities published in the last 30 days"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def day(self, part: int) -> date:
        """The day of a part, in UTC."""
        return self._days[part].day

    def show_days(self, days: Sequence[DayCount]) -> None:
        """Show counts, the oldest day first."""
        if tuple(days) != self._days:
            self._days = tuple(days)
            self._ticks = ticks(max((day.published for day in days), default=0))
            self.parts_changed()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(10 * Space.XL, _HEIGHT + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()

    def part_count(self) -> int:
        return len(self._days)

    def part_place(self, part: int) -> QRectF:
        """Use the full height of the chart, so that a low bar can be pointed at."""
        plot = self._plot()
        wide = plot.width() / len(self._days)
        return QRectF(plot.left() + part * wide, plot.top(), wide, plot.height() + 3 * _MARK)

    def part_words(self, part: int) -> str:
        day = self._days[part]
        published = translate("charts", "%Ln published", "", day.published)
        exploited = translate("charts", "%Ln newly exploited", "", day.exploited)
        return f"{day.day.isoformat()}\n{published}\n{exploited}"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(self.font(), Size.SMALL))
        self._paint_scale(painter)
        for part in range(len(self._days)):
            self._paint_day(painter, part)
        if not any(day.published or day.exploited for day in self._days):
            painter.drawText(
                self._plot(), Qt.AlignmentFlag.AlignCenter, self.tr("Nothing was published in this period")
            )
        self._paint_dates(painter)
        self.paint_focus(painter)
        painter.end()

    def _plot(self) -> QRectF:
        """The area of the bars: right of the numbers, above the marks and dates."""
        text = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance(number(self._ticks[-1])) + Space.S
        return QRectF(self.rect()).adjusted(left, text / 2 + 1, -Space.XS, -text - 3 * _MARK - Space.XS)

    def _paint_scale(self, painter: QPainter) -> None:
        colours, plot = colours_of(self.palette()), self._plot()
        for tick in self._ticks:
            y = plot.bottom() - plot.height() * tick / self._ticks[-1]
            painter.fillRect(QRectF(plot.left(), round(y) - 1, plot.width(), 1), QColor(colours.border))
            painter.setPen(QColor(colours.muted))
            label = QRectF(0, y - Space.M, plot.left() - Space.S + 1, 2 * Space.M)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(tick))

    def _paint_day(self, painter: QPainter, part: int) -> None:
        colours, plot, place, day = colours_of(self.palette()), self._plot(), self.part_place(part), self._days[part]
        if part == self.current:
            painter.fillRect(place, QColor(colours.hover))
        height = plot.height() * day.published / self._ticks[-1]
        wide = place.width() * _BAR_SHARE
        bar = QRectF(place.center().x() - wide / 2, plot.bottom() - height - 1, wide, height)
        painter.fillRect(bar, QColor(colours.strong[Tone.INFO]))
        if day.exploited:
            paint_mark(painter, QPointF(place.center().x(), plot.bottom() + 2 * _MARK), self._mark_colour())

    def _paint_dates(self, painter: QPainter) -> None:
        painter.setPen(QColor(colours_of(self.palette()).muted))
        metrics, taken = painter.fontMetrics(), float(self.width() + Space.S)
        for part in range(len(self._days) - 1, -1, -_LABEL_EACH):
            words = short_day(self._days[part].day)
            wide = metrics.horizontalAdvance(words)
            left = min(self.part_place(part).center().x() - wide / 2, self.width() - wide - 1)
            if left >= 0 and left + wide + Space.S <= taken:
                painter.drawText(QPointF(left, self.height() - metrics.descent() - 1), words)
                taken = left

    def _mark_colour(self) -> QColor:
        return QColor(colours_of(self.palette()).strong[Tone.BAD])


def paint_mark(painter: QPainter, middle: QPointF, colour: QColor) -> None:
    """Paint a diamond, which differs from a bar in shape as well."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners = (QPointF(0, -_MARK), QPointF(_MARK, 0), QPointF(0, _MARK), QPointF(-_MARK, 0))
    painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))
