"""Vulnerabilities by severity: one divided bar, and a legend with counts and shares."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from backend.contract.names import Severity
from desktop.ui.formatting import number, percent, translate
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.tokens import Radius, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.charts.parts import PartedChart
from desktop.ui.widgets.looks import severity_look
from desktop.ui.widgets.text import Muted, Plain

SHOWN = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.NONE, Severity.UNKNOWN)
"""The most severe first."""
_GAP, _LEAST, _THICK = 2, 3, 16
_COLUMNS = 2


class SeverityBar(QWidget):
    picked = Signal(str)
    """A Severity."""

    def __init__(self) -> None:
        super().__init__()
        self._strip = _Strip()
        self._counts = {severity: (Plain(), Muted()) for severity in SHOWN}
        self._strip.picked.connect(lambda part: self.picked.emit(self._strip.severities[part]))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self._strip)
        column.addLayout(self._legend())
        column.addStretch(1)

    def show_counts(self, counts: Mapping[Severity, int]) -> None:
        total = sum(counts.values())
        self._strip.show_counts(counts)
        for severity, (count, share) in self._counts.items():
            here = counts.get(severity, 0)
            count.setText(number(here))
            share.setText(_share(here, total))

    def _legend(self) -> QGridLayout:
        """Fill column by column, the most severe at the top left."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.S)
        rows = -(-len(SHOWN) // _COLUMNS)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, (severity, (count, share)) in enumerate(self._counts.items()):
            badge, row, left = QHBoxLayout(), place % rows, place // rows * 4
            badge.addWidget(Badge(severity_look(severity)))
            badge.addStretch(1)
            grid.addLayout(badge, row, left)
            grid.addWidget(count, row, left + 1, right)
            grid.addWidget(share, row, left + 2, right)
        for middle in range(1, _COLUMNS):
            grid.setColumnMinimumWidth(middle * 4 - 1, Space.L)
            grid.setColumnStretch(middle * 4 - 1, 1)
        return grid


class _Strip(PartedChart):
    def __init__(self) -> None:
        super().__init__()
        self._counts: Mapping[Severity, int] = {}
        self.severities: tuple[Severity, ...] = ()  # those with a count
        self.setAccessibleName(translate("charts", "Vulnerabilities by severity"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_counts(self, counts: Mapping[Severity, int]) -> None:
        if counts != self._counts:
            self._counts = counts
            self.severities = tuple(severity for severity in SHOWN if counts.get(severity))
            self.parts_changed()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(10 * Space.XL, _THICK + 2 * Space.XS)

    def part_count(self) -> int:
        return len(self.severities)

    def part_place(self, part: int) -> QRectF:
        """Every part has a minimum width, so that small counts are visible."""
        widths = self._widths()
        left = sum(widths[:part]) + part * _GAP
        return QRectF(left, Space.XS, widths[part], self.height() - 2 * Space.XS)

    def part_words(self, part: int) -> str:
        severity = self.severities[part]
        count, total = self._counts[severity], sum(self._counts.values())
        return f"{severity_look(severity).word}: {number(count)} ({_share(count, total)})"

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        inner = QRectF(self.rect()).adjusted(0, Space.XS, 0, -Space.XS)
        whole.addRoundedRect(inner, Radius.BADGE, Radius.BADGE)
        painter.save()
        painter.setClipPath(whole)
        painter.fillRect(inner, QColor(colours.hover if not self.severities else colours.surface))
        for part, severity in enumerate(self.severities):
            colour = QColor(colours.strong[severity_look(severity).tone])
            painter.fillRect(self.part_place(part), colour.lighter(115) if part == self.current else colour)
        painter.restore()
        self.paint_focus(painter)
        painter.end()

    def _widths(self) -> list[float]:
        counts = [self._counts[severity] for severity in self.severities]
        room = self.width() - _GAP * (len(counts) - 1)
        spare = max(0.0, room - _LEAST * len(counts))
        return [_LEAST + spare * count / sum(counts) for count in counts]


def _share(count: int, total: int) -> str:
    """Give a percentage; a small share is "< 1 %" rather than 0."""
    if count and total and count / total < 0.005:
        return translate("charts", "< {0}").format(percent(0.01))
    return percent(count / total if total else 0)
