"""The list as a table of as many rows as there are matches, of which only those near the visible ones are at hand.

Pages of rows that are at hand; those not looked at for longest are let go.
"""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from desktop.ui.formatting import tip
from desktop.ui.pages.vulnerabilities.rows import (
    NUMBERS,
    PAGE,
    SORT_KEYS,
    ListPage,
    VulnerabilityColumn,
    VulnerabilityRow,
    titles,
)
from desktop.ui.theme.apply import colours_of, fixed_font
from desktop.ui.widgets.badge import LOOK_ROLE

_MOST = 160


class PageCache:
    def __init__(self, most: int = _MOST) -> None:
        self._most = most
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
        while len(self._pages) > self._most:
            gone, _ = self._pages.popitem(last=False)
            self._fresh.discard(gone)

    def use(self, place: int) -> None:
        """It is looked at: keep it longer than others."""
        if place in self._pages:
            self._pages.move_to_end(place)

    def is_fresh(self, place: int) -> bool:
        return place in self._fresh

    def grow_old(self) -> None:
        """What is at hand is still shown, and asked for again where it is looked at."""
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
"""Qt paints the arrow of a sorted column over what is aligned to the right."""


class VulnerabilityModel(QAbstractTableModel):
    replaced = Signal(int, int)
    """The rows from the first to the last number may be others than before."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.cache = PageCache()
        self._count = 0
        self._titles = titles()
        self.sorted_by = -1
        self._ids_font = fixed_font(QGuiApplication.font())

    def begin(self, found: ListPage) -> None:
        """The first page of another question: nothing of the last one stays."""
        self.beginResetModel()
        self.cache.clear()
        self.cache.put(found.place, found.rows)
        self._count = _reach(found, 0)
        self.endResetModel()

    def put(self, found: ListPage) -> None:
        """A page of the same question, perhaps of a newer answer: changes what is different, in place."""
        before = self.cache.rows(found.place)
        self.cache.put(found.place, found.rows)
        self._resize(_reach(found, self._count))
        first = found.place * PAGE
        last = min(first + max(len(before), len(found.rows)), self._count) - 1
        if before != found.rows and last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(VulnerabilityColumn) - 1))
            self.replaced.emit(first, last)

    def row(self, number: int) -> VulnerabilityRow | None:
        """None: not at hand."""
        return self.cache.row(number)

    def number_of(self, cve_id: str, numbers: range) -> int | None:
        """Which of these rows has this id, among those at hand."""
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
            case _ROLE.DisplayRole:
                return self._titles[column] + (_ARROW_ROOM if column in NUMBERS and column == self.sorted_by else "")
            case _ROLE.TextAlignmentRole if column in NUMBERS:
                return _RIGHT
            case _ROLE.InitialSortOrderRole if column in SORT_KEYS and column is not VulnerabilityColumn.ID:
                return Qt.SortOrder.DescendingOrder
        return None

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> object:
        row, column = self.cache.row(index.row()), index.column()
        if role == _ROLE.TextAlignmentRole:
            return _RIGHT if column in NUMBERS else None
        if row is None:
            return _placeholder(column, role)
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


def _reach(found: ListPage, known: int) -> int:
    """How many rows there are. Where counting stopped, one page beyond what was seen, until a page comes short."""
    if not found.capped:
        return found.total
    seen = found.place * PAGE + len(found.rows)
    if len(found.rows) < PAGE:
        return seen
    return max(found.total, known, seen + PAGE)


def _placeholder(column: int, role: int) -> object:
    if role == _ROLE.DisplayRole:
        return _PLACEHOLDER if column == VulnerabilityColumn.ID else ""
    return _muted() if role == _ROLE.ForegroundRole else None


def _muted() -> QColor:
    palette: QPalette = QGuiApplication.palette()
    return QColor(colours_of(palette).muted)
