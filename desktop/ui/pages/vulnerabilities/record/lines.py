"""The tables of a record: nothing in them is cut off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QPainter, QPaintEvent, QResizeEvent

from desktop.ui.formatting import tip
from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.record.line import Line
from desktop.ui.theme.apply import colours_of, text_width
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.badge import LOOK_ROLE, badge_size
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.table import RecordTable, spoken

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole


class LineModel(QAbstractTableModel):
    """The last column names the sources, as a badge. link_column: the one whose text is an address; -1 for none."""

    def __init__(self, titles: Sequence[str], parent: QObject, link_column: int = -1) -> None:
        super().__init__(parent)
        self._titles, self._link_column = titles, link_column
        self.shown: tuple[Line, ...] = ()

    def show_lines(self, lines: tuple[Line, ...]) -> bool:
        """Return whether they are other lines than those that are shown."""
        if lines == self.shown:
            return False
        self.beginResetModel()
        self.shown = lines
        self.endResetModel()
        return True

    def line(self, number: int) -> Line:
        return self.shown[number]

    def look(self, line: Line, column: int) -> Look | None:
        if column == len(self._titles) - 1:
            return _source_look(line.cells[column])
        return line.look if column == 0 else None

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:  # noqa: N802
        return self._titles[section] if orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole else None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        line = self.shown[index.row()]
        if role == _ROLE.DisplayRole:
            return line.cells[index.column()]
        if role == LOOK_ROLE:
            return self.look(line, index.column())
        if role == _ROLE.ToolTipRole:
            return tip(line.tip or line.cells[index.column()])
        if role == _ROLE.AccessibleTextRole:
            return spoken(self, index)
        if role == _ROLE.ForegroundRole and index.column() == self._link_column and line.link:
            return QColor(colours_of(QGuiApplication.palette()).link)
        return None


def _source_look(names: str) -> Look | None:
    return Look("database-outline", names, Tone.NEUTRAL) if names else None


_WRAPPED_ROWS = 200
"""Rows whose heights are measured; longer tables scroll sideways instead of wrapping."""
_MEASURED_ROWS = 400
_SHORT = 18
"""Characters up to which a column is as wide as its content; longer ones share the rest."""


class LineTable(RecordTable):
    """Opens the address of a row in the browser by Enter or double click, if it has a safe one.

    Columns are as wide as their content needs. Where that is too much, long texts wrap, or the table scrolls sideways.
    """

    def __init__(self, memory: Memory, name: str, titles: Sequence[str], link_column: int = -1) -> None:
        super().__init__(memory, name)
        self._empty_text = ""
        self.lines = LineModel(titles, self, link_column)
        self.set_model(self.lines, [_SHORT] * len(titles))
        self.horizontalHeader().setStretchLastSection(False)
        self.verticalHeader().setMinimumSectionSize(self.verticalHeader().defaultSectionSize())
        self.opened.connect(self._open)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if self.lines.show_lines(lines):
            self._fit()

    def set_empty_text(self, text: str) -> None:
        self._empty_text = text

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self.lines.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(colours_of(self.palette()).muted))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._empty_text)
            painter.end()

    def _fit(self) -> None:
        wraps = self.lines.rowCount() <= _WRAPPED_ROWS
        self.setWordWrap(wraps)
        needed = self._needed_widths()
        for column, width in enumerate(self._shared(needed) if wraps else needed):
            self.setColumnWidth(column, width)
        if wraps:
            self.resizeRowsToContents()

    def _needed_widths(self) -> list[int]:
        """The width of the longest text or badge of each column, and of its title."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        measured = self.lines.shown[:_MEASURED_ROWS]
        widths = []
        for column in range(self.lines.columnCount()):
            looks = {self.lines.look(line, column) for line in measured}
            badges = [badge_size(look, self.font()).width() + Space.L for look in looks if look]
            texts = {line.cells[column] for line in measured if self.lines.look(line, column) is None}
            lengths = [metrics.horizontalAdvance(text) + Space.XL for text in texts]
            widths.append(max([header.sectionSizeHint(column), *badges, *lengths]))
        return widths

    def _shared(self, needed: Sequence[int]) -> Sequence[int]:
        """What each column gets of the viewport: short ones and badges all they need, long ones what is left."""
        short, last = text_width(self.font(), _SHORT), len(needed) - 1
        shared = {column: width for column, width in enumerate(needed) if width > short and column != last}
        left = self.viewport().width() - sum(width for column, width in enumerate(needed) if column not in shared)
        wanted = sum(shared.values())
        if not shared or left <= 0:
            return needed
        return [
            max(short // 2, width * left // wanted) if column in shared else width
            for column, width in enumerate(needed)
        ]

    def _open(self, index: QModelIndex) -> None:
        link = self.lines.line(index.row()).link
        if link:
            QDesktopServices.openUrl(QUrl(link, QUrl.ParsingMode.StrictMode))
