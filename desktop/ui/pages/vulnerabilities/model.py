"""The table model of the list: has a row for every result, and caches the pages around the visible rows."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from desktop.ui.formatting import tip
from desktop.ui.pages.vulnerabilities.rows import (
    MOST_FIRST,
    NUMBERS,
    PAGE,
    ListPage,
    VulnerabilityColumn,
    VulnerabilityRow,
    flame_look,
    titles,
)
from desktop.ui.theme.apply import colours_of, fixed_font
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.table import spoken

_MAX_PAGES = 160


class PageCache:
    """Keeps the pages that were used last."""

    def __init__(self, max_pages: int = _MAX_PAGES) -> None:
        self._max_pages = max_pages
        self._pages: OrderedDict[int, tuple[VulnerabilityRow, ...]] = OrderedDict()
        self._fresh: set[int] = set()

    def row(self, number: int) -> VulnerabilityRow | None:
        rows = self._pages.get(number // PAGE, ())
        place = number % PAGE
        return rows[place] if place < len(rows) else None

    def rows(self, place: int) -> tuple[VulnerabilityRow, ...]:
        return self._pages.get(place, ())

    def put(self, place: int, rows: tuple[VulnerabilityRow, ...]) -> None:
        self._pages[place] = rows
        self._pages.move_to_end(place)
        self._fresh.add(place)
        while len(self._pages) > self._max_pages:
            gone, _ = self._pages.popitem(last=False)
            self._fresh.discard(gone)

    def use(self, place: int) -> None:
        """Mark a page as used."""
        if place in self._pages:
            self._pages.move_to_end(place)

    def is_fresh(self, place: int) -> bool:
        return place in self._fresh

    def mark_outdated(self) -> None:
        """Mark all pages as outdated: they are still shown, and loaded again when they are visible."""
        self._fresh.clear()

    def clear(self) -> None:
        self._pages.clear()
        self._fresh.clear()


Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ROLE = Qt.ItemDataRole
_PLACEHOLDER = "…"
_ARROW_ROOM = "\u2003"
"""Room for the sort arrow, which Qt paints over right-aligned titles."""


class VulnerabilityModel(QAbstractTableModel):
    replaced = Signal(int, int)
    """Rows from the first to the last number have changed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.cache = PageCache()
        self._count = 0
        self._titles = titles()
        self.sorted_by = -1
        self._ids_font = fixed_font(QGuiApplication.font())

    def show_first_page(self, page: ListPage) -> None:
        """Show the first page of a new query in place of all rows."""
        self.beginResetModel()
        self.cache.clear()
        self.cache.put(page.number, page.rows)
        self._count = _row_count(page, 0)
        self.endResetModel()

    def show_page(self, page: ListPage) -> None:
        """Update rows in place with a page of the same query."""
        before = self.cache.rows(page.number)
        self.cache.put(page.number, page.rows)
        self._resize(_row_count(page, self._count))
        first = page.number * PAGE
        last = min(first + max(len(before), len(page.rows)), self._count) - 1
        if before != page.rows and last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(VulnerabilityColumn) - 1))
            self.replaced.emit(first, last)

    def row(self, number: int) -> VulnerabilityRow | None:
        """Return a row if it is cached."""
        return self.cache.row(number)

    def number_of(self, cve_id: str, numbers: range) -> int | None:
        """Return which of these rows has the ID, among those that are cached."""
        return next((number for number in numbers if (row := self.row(number)) and row.cve_id == cve_id), None)

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(VulnerabilityColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> object:  # noqa: N802
        if orientation is Qt.Orientation.Vertical:
            return None
        column = VulnerabilityColumn(section)
        match role:
            case _ROLE.DisplayRole if column is VulnerabilityColumn.EXPLOITED:
                return ""
            case _ROLE.DecorationRole if column is VulnerabilityColumn.EXPLOITED:
                return icon(flame_look().icon)
            case _ROLE.DisplayRole:
                return self._titles[column] + (_ARROW_ROOM if column in NUMBERS and column == self.sorted_by else "")
            case _ROLE.AccessibleTextRole | _ROLE.ToolTipRole:
                return self._titles[column]
            case _ROLE.TextAlignmentRole if column in NUMBERS:
                return _RIGHT
            case _ROLE.InitialSortOrderRole if column in MOST_FIRST:
                return Qt.SortOrder.DescendingOrder
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        row, column = self.cache.row(index.row()), index.column()
        if role == _ROLE.TextAlignmentRole:
            return _RIGHT if column in NUMBERS else None
        if row is None:
            return _placeholder(column, role)
        if role == _ROLE.AccessibleTextRole:
            return spoken(self, index)
        if role == LOOK_ROLE:
            return row.looks.get(column)
        if role == _ROLE.DisplayRole:
            return row.cells[column]
        if role == _ROLE.ToolTipRole:
            return tip(row.cells[column])
        if role == _ROLE.FontRole:
            return self._ids_font if column == VulnerabilityColumn.ID else None
        return _muted() if role == _ROLE.ForegroundRole and row.rejected else None

    def _resize(self, count: int) -> None:
        if count > self._count:
            self.beginInsertRows(_NOWHERE, self._count, count - 1)
            self._count = count
            self.endInsertRows()
        elif count < self._count:
            self.beginRemoveRows(_NOWHERE, count, self._count - 1)
            self._count = count
            self.endRemoveRows()


def _row_count(page: ListPage, known: int) -> int:
    """Return the number of rows. If the API stopped counting, one page more than seen, until a page is not full."""
    if not page.capped:
        return page.total
    seen = page.number * PAGE + len(page.rows)
    if len(page.rows) < PAGE:
        return seen
    return max(page.total, known, seen + PAGE)


def _placeholder(column: int, role: int) -> object:
    if role == _ROLE.DisplayRole:
        return _PLACEHOLDER if column == VulnerabilityColumn.ID else ""
    return _muted() if role == _ROLE.ForegroundRole else None


def _muted() -> QColor:
    palette: QPalette = QGuiApplication.palette()
    return QColor(colours_of(palette).muted)
