"""The course of a record's EPSS score: what was kept, and on request what FIRST says of the last 30 days."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.record_details import EpssTrend
from desktop.ui.formatting import number, percent, translate
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.charts.trend import DayShare, TrendChart
from desktop.ui.widgets.problem_texts import problem_line
from desktop.ui.widgets.text import Muted, Plain


def trend_words(trend: EpssTrend) -> str:
    """Say how the score changed; empty where there is nothing to compare."""
    if not trend.points:
        return "" if trend.is_kept else translate("vulnerability", "FIRST has no scores of it.")
    first, last = trend.points[0], trend.points[-1]
    days = (last.day - first.day).days
    if not days:
        return translate("vulnerability", "{0} on {1}").format(percent(last.epss, 2), last.day.isoformat())
    words = translate("vulnerability", "From {0} to {1} within {2} days")
    return words.format(percent(first.epss, 2), percent(last.epss, 2), number(days))


class TrendView(QWidget):
    wanted = Signal()
    """The person asks for FIRST's scores."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Plain(self.tr("EPSS over time"), Size.SMALL, bold=True)
        self.words, self.chart = Muted(), TrendChart(self.tr("EPSS over time"))
        self.words.setWordWrap(True)
        self.ask = QPushButton(self.tr("Ask FIRST for the last 30 days"))
        self.ask.setToolTip(self.tr("Sends the ID of this vulnerability to api.first.org"))
        self.ask.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(self.ask)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        for widget in (self._title, self.words, self.chart):
            column.addWidget(widget)
        column.addLayout(row)

    def show_trend(self, trend: EpssTrend) -> None:
        """Show a course; FIRST can be asked for another one as long as this is not its answer."""
        self.setVisible(trend.cve_id.startswith("CVE-"))
        self.chart.show_shares([DayShare(point.day, point.epss) for point in trend.points])
        self.chart.setVisible(bool(trend.points))
        self._say(trend_words(trend))
        self.ask.setEnabled(True)
        self.ask.setVisible(trend.is_kept)

    def show_failure(self, problem: Problem) -> None:
        self._say(problem_line(problem))
        self.ask.setEnabled(True)

    def _ask(self) -> None:
        self.ask.setEnabled(False)
        self._say(self.tr("Asking FIRST…"))
        self.wanted.emit()

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))
