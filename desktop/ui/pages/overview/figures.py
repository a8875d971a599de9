"""All vulnerabilities in figures: totals, severities, and what came in the last 30 days."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.contract.stats import Stats
from desktop.ui.pages.overview.tiles import Tiles
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.charts import DaysChart, SeverityBar
from desktop.ui.widgets.charts.days import paint_mark
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Muted, Plain

_KEY = 10


class Figures(QWidget):
    picked = Signal(str)
    """What the Vulnerabilities page is asked to show."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles, self.severities, self.days = Tiles(), SeverityBar(), DaysChart()
        self.tiles.picked.connect(self.picked)
        self.severities.picked.connect(lambda severity: self.picked.emit(f"severity:{severity}"))
        by_severity, by_day = Card(self.tr("By severity")), Card()
        by_severity.body.addWidget(self.severities)
        by_day.setAccessibleName(self.tr("Last 30 days"))
        by_day.body.addLayout(self._head())
        by_day.body.addWidget(self.days, 1)
        charts = QHBoxLayout()
        charts.setSpacing(Space.M)
        charts.addWidget(by_severity, 1)
        charts.addWidget(by_day, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.tiles)
        column.addLayout(charts)

    def show_stats(self, stats: Stats) -> None:
        self.tiles.show_stats(stats)
        self.severities.show_counts(stats.by_severity)
        self.days.show_days(stats.last_30_days)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(Space.XS)
        head.addWidget(Plain(self.tr("Last 30 days"), Size.NORMAL, bold=True))
        head.addStretch(1)
        head.addWidget(_Key(Tone.INFO))
        head.addWidget(Muted(self.tr("published")))
        head.addSpacing(Space.S)
        head.addWidget(_Key(Tone.BAD))
        head.addWidget(Muted(self.tr("exploited")))
        return head


class _Key(QWidget):
    """The shape that a word of the legend stands for: a bar, or a mark."""

    def __init__(self, tone: Tone) -> None:
        super().__init__()
        self._tone = tone
        self.setFixedSize(QSize(_KEY, _KEY))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        colour, painter = QColor(colours_of(self.palette()).strong[self._tone]), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._tone is Tone.BAD:
            paint_mark(painter, QPointF(self.rect().center()) + QPointF(0.5, 0.5), colour)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.fillRect(self.rect().adjusted(1, 1, -1, -1), colour)
        painter.end()
