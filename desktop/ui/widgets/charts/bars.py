"""Charts of a few named numbers: horizontal bars with their names, and vertical ones by month."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from backend.contract.stats import MonthCount, VendorCount
from desktop.ui.formatting import month_and_year, month_initial, number, one_line, translate
from desktop.ui.theme.apply import colours_of, sized
from desktop.ui.theme.tokens import Radius, Size, Space, Tone
from desktop.ui.widgets.charts.parts import PartedChart

_NAME_SHARE, _THICK = 0.36, 0.6
_BAR_SHARE, _HEIGHT = 0.68, 120


class VendorBars(PartedChart):
    def __init__(self) -> None:
        super().__init__()
        self.vendors: tuple[VendorCount, ...] = ()
        self.setAccessibleName(self.tr("Vendors with most vulnerabilities"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_vendors(self, vendors: Sequence[VendorCount]) -> None:
        """Show counts, the largest first."""
        if tuple(vendors) != self.vendors:
            self.vendors = tuple(vendors)
            self.parts_changed()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(10 * Space.XL, max(len(self.vendors), 1) * (self.fontMetrics().height() + Space.XS))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()

    def part_count(self) -> int:
        return len(self.vendors)

    def part_place(self, part: int) -> QRectF:
        high = min(self.height() / len(self.vendors), 2 * self.fontMetrics().height())
        return QRectF(0, part * high, self.width(), high)

    def part_words(self, part: int) -> str:
        vendor = self.vendors[part]
        return translate("charts", "{0}: {1}").format(one_line(vendor.name), number(vendor.count))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.vendors:
            painter.setPen(QColor(colours_of(self.palette()).muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("No vendors yet"))
        for part in range(len(self.vendors)):
            self._paint_vendor(painter, part)
        self.paint_focus(painter)
        painter.end()

    def _paint_vendor(self, painter: QPainter, part: int) -> None:
        colours, place, vendor = colours_of(self.palette()), self.part_place(part), self.vendors[part]
        if part == self.current:
            painter.fillRect(place, QColor(colours.hover))
        metrics = painter.fontMetrics()
        most = max(1, *(other.count for other in self.vendors))
        numbers = max(metrics.horizontalAdvance(number(other.count)) for other in self.vendors) + Space.S
        left = round(place.width() * _NAME_SHARE)
        room = place.width() - left - numbers
        high = place.height() * _THICK
        bar = QRectF(left, place.center().y() - high / 2, max(2.0, room * vendor.count / most), high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.strong[Tone.INFO]))
        painter.drawRoundedRect(bar, Radius.BADGE / 2, Radius.BADGE / 2)
        painter.setPen(QColor(colours.text))
        name = metrics.elidedText(one_line(vendor.name), Qt.TextElideMode.ElideRight, left - Space.S)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place.adjusted(Space.XS, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(QColor(colours.muted))
        painter.drawText(place.adjusted(0, 0, -Space.XS, 0), middle | Qt.AlignmentFlag.AlignRight, number(vendor.count))


class MonthsChart(PartedChart):
    def __init__(self) -> None:
        super().__init__()
        self.months: tuple[MonthCount, ...] = ()
        self.setAccessibleName(self.tr("Vulnerabilities that CISA listed as exploited, by month"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_months(self, months: Sequence[MonthCount]) -> None:
        """Show counts, the oldest month first."""
        if tuple(months) != self.months:
            self.months = tuple(months)
            self.parts_changed()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(10 * Space.XL, _HEIGHT + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()

    def part_count(self) -> int:
        return len(self.months)

    def part_place(self, part: int) -> QRectF:
        """Use the full height of the chart, so that a low bar can be pointed at."""
        wide = self.width() / len(self.months)
        return QRectF(part * wide, 0, wide, self.height())

    def part_words(self, part: int) -> str:
        month = self.months[part]
        named = month_and_year(month.month)
        return "\n".join((named, translate("charts", "%Ln newly exploited", "", month.exploited)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(self.font(), Size.SMALL))
        for part in range(len(self.months)):
            self._paint_month(painter, part)
        self.paint_focus(painter)
        painter.end()

    def _paint_month(self, painter: QPainter, part: int) -> None:
        colours, place, month = colours_of(self.palette()), self.part_place(part), self.months[part]
        if part == self.current:
            painter.fillRect(place, QColor(colours.hover))
        metrics = painter.fontMetrics()
        most = max(1, *(other.exploited for other in self.months))
        room = place.height() - 2 * (metrics.height() + Space.XS)
        high, wide = room * month.exploited / most, place.width() * _BAR_SHARE
        bottom = place.bottom() - metrics.height() - Space.XS
        middle = place.center().x()
        painter.fillRect(QRectF(middle - wide / 2, bottom - high, wide, high), QColor(colours.strong[Tone.BAD]))
        painter.setPen(QColor(colours.muted))
        centre = Qt.AlignmentFlag.AlignHCenter
        above = QRectF(place.left(), bottom - high - metrics.height(), place.width(), metrics.height())
        if month.exploited and metrics.horizontalAdvance(number(month.exploited)) <= place.width():
            painter.drawText(above, centre | Qt.AlignmentFlag.AlignBottom, number(month.exploited))
        name = month_initial(month.month.month)
        left = middle - metrics.horizontalAdvance(name) / 2
        painter.drawText(QPointF(left, place.bottom() - metrics.descent()), name)
