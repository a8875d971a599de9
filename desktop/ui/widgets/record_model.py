"""The model of a table whose rows are records and whose columns are functions of a record."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.ui.formatting import tip
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.table import spoken

Index = QModelIndex | QPersistentModelIndex
Record = TypeVar("Record")
_NOWHERE = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class RecordColumn(Generic[Record]):
    """One column.

    Attributes:
        title: Of the header.
        text: What a cell shows; the word of its look where it has one.
        look: The badge of a cell.
        tooltip: Of a cell; its text where there is none.
        is_number: Whether its cells are aligned at the right.
        hint: The tooltip of the header.
    """

    title: str
    text: Callable[[Record], str]
    look: Callable[[Record], Look | None] | None = None
    tooltip: Callable[[Record], str] | None = None
    is_number: bool = False
    hint: str = ""


class RecordModel(QAbstractTableModel, Generic[Record]):
    """Records that are replaced as a whole. Those that stay keep their selection.

    Args:
        columns: From left to right.
        key: Tells whether two records are the same one at different times.
        parent: Owns the model.
    """

    def __init__(
        self, columns: Sequence[RecordColumn[Record]], key: Callable[[Record], Hashable], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._columns, self._key = tuple(columns), key
        self.records: tuple[Record, ...] = ()

    def replace(self, records: Iterable[Record]) -> None:
        """Show these records instead. What views have selected moves along with its record."""
        wanted = tuple(records)
        keys = [self._key(record) for record in wanted]
        if not self._keep(frozenset(keys)):
            self._reset(wanted)
            return
        kept = frozenset(self._keys())
        self._append([record for record, key in zip(wanted, keys, strict=True) if key not in kept])
        if self._keys() != keys:
            self._arrange(keys)
        self.records = wanted
        self.show_again()

    def show_again(self) -> None:
        """Let views read all cells again."""
        if self.records:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.records) - 1, len(self._columns) - 1))

    def _keys(self) -> list[Hashable]:
        return [self._key(record) for record in self.records]

    def _keep(self, keys: frozenset[Hashable]) -> bool:
        """Remove the records with other keys. Returns whether any is left; if none would be, nothing is removed."""
        if keys.isdisjoint(self._keys()):
            return False
        for row in reversed(range(len(self.records))):
            if self._key(self.records[row]) not in keys:
                self.beginRemoveRows(_NOWHERE, row, row)
                self.records = (*self.records[:row], *self.records[row + 1 :])
                self.endRemoveRows()
        return True

    def _append(self, new: Sequence[Record]) -> None:
        if new:
            self.beginInsertRows(_NOWHERE, len(self.records), len(self.records) + len(new) - 1)
            self.records = (*self.records, *new)
            self.endInsertRows()

    def _arrange(self, keys: Sequence[Hashable]) -> None:
        """Bring the records into the order of their keys, and what views remember of them along."""
        self.layoutAboutToBeChanged.emit()
        before = self._keys()
        place = {key: row for row, key in enumerate(keys)}
        held = self.persistentIndexList()
        moved = [self.index(place[before[index.row()]], index.column()) for index in held]
        self.records = tuple(sorted(self.records, key=lambda record: place[self._key(record)]))
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _reset(self, records: tuple[Record, ...]) -> None:
        if records or self.records:
            self.beginResetModel()
            self.records = records
            self.endResetModel()

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole and column.is_number:
            return _RIGHT
        return column.hint or None if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Compute only what is asked for: painting a cell asks for nine roles, most of which no cell has."""
        match role:
            case _ if role == LOOK_ROLE:
                return self._look(index)
            case Qt.ItemDataRole.DisplayRole:
                look = self._look(index)
                return look.word if look else self._columns[index.column()].text(self.records[index.row()])
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(self, index)
            case Qt.ItemDataRole.ToolTipRole:
                column = self._columns[index.column()]
                return tip((column.tooltip or column.text)(self.records[index.row()]))
            case Qt.ItemDataRole.TextAlignmentRole if self._columns[index.column()].is_number:
                return _RIGHT
        return None

    def _look(self, index: Index) -> Look | None:
        look = self._columns[index.column()].look
        return look(self.records[index.row()]) if look else None
