"""The head of the page, which folds: totals that link to what they count, shares of severities, the last 30 days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from backend.contract.names import Severity
from backend.contract.searches import VulnerabilityFilters
from backend.contract.stats import Stats
from desktop.ui.formatting import number
from desktop.ui.page_context import Memory
from desktop.ui.theme.apply import colours_of, sized
from desktop.ui.theme.icons import paint_glyph
from desktop.ui.theme.tokens import ICON, Radius, Size, Space, Tone
from desktop.ui.widgets.charts import DaysChart, MonthsChart, SeverityBar, VendorBars
from desktop.ui.widgets.charts.days import paint_mark
from desktop.ui.widgets.folded_text import Collapsible
from desktop.ui.widgets.layout import Card, Columns, Scroll
from desktop.ui.widgets.text import Muted, Plain

_NEW_DAYS = 30


class Total(StrEnum):
    ALL = "all"
    EXPLOITED = "exploited"
    CRITICAL = "critical"
    NEW = "new"


class Tiles(QWidget):
    picked = Signal(object)
    """The VulnerabilityFilters that find what is counted."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles = {
            Total.ALL: Tile("shield-bug-outline", self.tr("Vulnerabilities")),
            Total.EXPLOITED: Tile("fire", self.tr("Known exploited"), Tone.BAD),
            Total.CRITICAL: Tile("alert-octagon", self.tr("Critical"), Tone.BAD),
            Total.NEW: Tile("new-box", self.tr("New in 30 days"), Tone.INFO),
        }
        self._searches = dict.fromkeys(Total, VulnerabilityFilters())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Columns(*self._tiles.values()))
        for total, tile in self._tiles.items():
            tile.clicked.connect(lambda _=False, total=total: self.picked.emit(self._searches[total]))
        self._tiles[Total.ALL].setToolTip(self.tr("Rejected vulnerabilities are not counted."))

    def show_stats(self, stats: Stats) -> None:
        self._tiles[Total.ALL].show_count(stats.total_vulnerabilities)
        self._tiles[Total.EXPLOITED].show_count(stats.exploited_vulnerabilities)
        self._tiles[Total.CRITICAL].show_count(stats.critical_vulnerabilities)
        self._tiles[Total.NEW].show_count(stats.new_30d)
        new_since = stats.computed_at - timedelta(days=_NEW_DAYS)
        self._searches |= {
            Total.EXPLOITED: VulnerabilityFilters(exploited=True),
            Total.CRITICAL: VulnerabilityFilters(severity=(Severity.CRITICAL,)),
            Total.NEW: VulnerabilityFilters(published_after=new_since),
        }

    def tile(self, total: Total) -> Tile:
        return self._tiles[total]


class Tile(QAbstractButton):
    def __init__(self, icon_name: str, word: str, tone: Tone = Tone.NEUTRAL) -> None:
        super().__init__()
        self._icon, self._tone, self._count = icon_name, tone, ""
        self.setText(word)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_count(self, count: int) -> None:
        if (words := number(count)) != self._count:
            self._count = words
            self.setAccessibleName(f"{self.text()}: {words}")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        large, small = self._metrics()
        wide = max(large.horizontalAdvance(self._count), small.horizontalAdvance(self.text()) + ICON + Space.S)
        return QSize(wide + 2 * Space.L, large.height() + small.height() + 2 * Space.M + Space.XS)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        colours, painter = colours_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(colours.accent if focused else colours.border), 2 if focused else 1))
        painter.setBrush(QColor(colours.hover if self.underMouse() else colours.surface))
        edge = 1.0 if focused else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), Radius.CARD, Radius.CARD)
        large, small = self._metrics()
        inner = self.rect().adjusted(Space.L, Space.M, -Space.L, -Space.M)
        painter.setPen(QColor(colours.text))
        painter.setFont(sized(self.font(), Size.TITLE, bold=True))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._count)
        word = inner.adjusted(0, large.height() + Space.XS, 0, 0)
        spot = word.adjusted(0, (small.height() - ICON) // 2, 0, 0)
        spot.setSize(QSize(ICON, ICON))
        paint_glyph(painter, spot, self._icon, QColor(colours.tones[self._tone].ink))
        painter.setPen(QColor(colours.muted))
        painter.setFont(self.font())
        painter.drawText(word.adjusted(ICON + Space.S, 0, 0, 0), Qt.AlignmentFlag.AlignTop, self.text())
        painter.end()

    def _metrics(self) -> tuple[QFontMetrics, QFontMetrics]:
        return QFontMetrics(sized(self.font(), Size.TITLE, bold=True)), self.fontMetrics()


_KEY = 10


class Figures(QWidget):
    picked = Signal(object)
    """The VulnerabilityFilters that find what a tile or a bar counts."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles, self.severities, self.days = Tiles(), SeverityBar(), DaysChart()
        self.vendors, self.months = VendorBars(), MonthsChart()
        self._listen()
        by_severity, by_vendor, by_month = (
            _card(title, chart)
            for title, chart in (
                (self.tr("By severity"), self.severities),
                (self.tr("Vendors with most"), self.vendors),
                (self.tr("Exploited by month"), self.months),
            )
        )
        by_day = Card()
        by_day.setAccessibleName(self.tr("Last 30 days"))
        by_day.body.addLayout(self._head())
        by_day.body.addWidget(self.days, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.tiles)
        column.addWidget(Columns(by_severity, by_day, by_vendor, by_month))

    def show_stats(self, stats: Stats) -> None:
        self.tiles.show_stats(stats)
        self.severities.show_counts(stats.by_severity)
        self.days.show_days(stats.last_30_days)
        self.vendors.show_vendors(stats.top_vendors)
        self.months.show_months(stats.exploited_by_month)

    def _listen(self) -> None:
        self.tiles.picked.connect(self.picked)
        self.severities.picked.connect(
            lambda severity: self.picked.emit(VulnerabilityFilters(severity=(Severity(severity),)))
        )
        self.days.picked.connect(lambda part: self.picked.emit(published_on(self.days.day(part))))
        self.vendors.picked.connect(
            lambda part: self.picked.emit(VulnerabilityFilters(vendor=(self.vendors.vendors[part].name,)))
        )
        self.months.picked.connect(lambda part: self.picked.emit(exploited_in(self.months.months[part].month)))

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


def _card(title: str, chart: QWidget) -> Card:
    card = Card(title)
    card.body.addWidget(chart, 1)
    return card


def published_on(day: date) -> VulnerabilityFilters:
    """The search for what was published on a day in UTC."""
    begin = datetime.combine(day, time(), UTC)
    return VulnerabilityFilters(published_after=begin, published_before=begin + timedelta(days=1))


def exploited_in(month: date) -> VulnerabilityFilters:
    """The search for what CISA listed in a month. month: its first day."""
    following = (month + timedelta(days=31)).replace(day=1)
    return VulnerabilityFilters(exploited=True, kev_added_after=month, kev_added_before=following)


_MEMORY, _UNFOLDED = "vulnerabilities/figures", "unfolded"


class FoldedFigures(Collapsible):
    """The figures below a button that names the most important ones; whether they are shown is remembered."""

    def __init__(self, memory: Memory) -> None:
        self.figures, self._area, self._most = Figures(), Scroll(), 0
        self._area.content.addWidget(self.figures)
        super().__init__(self.tr("Figures"), self._area)
        self.figures.installEventFilter(self)
        if memory.text(_MEMORY) == _UNFOLDED:
            self.unfold()
        self.unfolded.connect(lambda shown: memory.save(_MEMORY, _UNFOLDED if shown else ""))

    def limit(self, most: int) -> None:
        """Let the figures scroll if they are higher, in logical pixels, so that the list keeps its place."""
        self._most = most
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Fit again when the cards are arranged in fewer or more columns, which changes their height."""
        if watched is self.figures and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            QTimer.singleShot(0, self, self._fit)
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        least = self.figures.tiles.sizeHint().height()
        self._area.setFixedHeight(min(self._area.content_height(), max(self._most, least)))

    def show_stats(self, stats: Stats) -> None:
        self.figures.show_stats(stats)
        exploited = self.tr("%Ln known exploited", "", stats.exploited_vulnerabilities)
        critical = self.tr("%Ln critical", "", stats.critical_vulnerabilities)
        new = self.tr("%Ln new in 30 days", "", stats.new_30d)
        self.show_title(" · ".join((exploited, critical, new)))


class _Key(QWidget):
    """The symbol of an entry of the legend: a bar or a mark."""

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
