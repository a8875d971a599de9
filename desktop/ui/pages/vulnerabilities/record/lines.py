"""The tables of a record; only visible rows cost time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QPainter, QPaintEvent

from desktop.ui.formatting import tip
from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.record.content import Line
from desktop.ui.theme.apply import colours_of
from desktop.ui.widgets.table import RecordTable, spoken

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole


class LineModel(QAbstractTableModel):
    """link_column: the column whose text is an address; -1 for none."""

    def __init__(self, titles: Sequence[str], parent: QObject, link_column: int = -1) -> None:
        super().__init__(parent)
        self._titles, self._link_column = titles, link_column
        self._lines: tuple[Line, ...] = ()

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines != self._lines:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()

    def line(self, number: int) -> Line:
        return self._lines[number]

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:  # noqa: N802
        return self._titles[section] if orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole else None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        line = self._lines[index.row()]
        if role == _ROLE.DisplayRole:
            return line.cells[index.column()]
        if role == _ROLE.ToolTipRole:
            return tip(line.cells[index.column()])
        if role == _ROLE.AccessibleTextRole:
            return spoken(self, index)
        if role == _ROLE.ForegroundRole and index.column() == self._link_column and line.link:
            return QColor(colours_of(QGuiApplication.palette()).link)
        return None


class LineTable(RecordTable):
    """Opens the address of a row in the browser by Enter or double click, if it has a safe one."""

    def __init__(
        self, memory: Memory, name: str, titles: Sequence[str], widths: Sequence[int], link_column: int = -1
    ) -> None:
        super().__init__(memory, name)
        self._empty_text = ""
        self.lines = LineModel(titles, self, link_column)
        self.set_model(self.lines, widths)
        self.opened.connect(self._open)

    def set_empty_text(self, text: str) -> None:
        self._empty_text = text

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if not self.lines.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(colours_of(self.palette()).muted))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self._empty_text)
            painter.end()

    def _open(self, index: QModelIndex) -> None:
        link = self.lines.line(index.row()).link
        if link:
            QDesktopServices.openUrl(QUrl(link, QUrl.ParsingMode.StrictMode))
