"""The list of what needs attention, as a table that is changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from backend.contract.vulnerabilities import Listed
from desktop.ui.formatting import calendar_day, one_line, tip, translate
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.looks import Look, priority_look

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Column(IntEnum):
    ID = 0
    PRIORITY = 1
    TITLE = 2
    PRODUCT = 3
    DUE = 4


@dataclass(frozen=True)
class Row:
    """cells: texts by Column."""

    cve_id: str
    look: Look
    cells: tuple[str, ...]


def row_of(one: Listed) -> Row:
    look = priority_look(one.priority_score)
    names = " · ".join(one_line(part[0], 60) for part in (one.vendors, one.products) if part)
    due = calendar_day(one.cisa_due_date) if one.cisa_due_date else ""
    return Row(one.cve_id, look, (one.cve_id, look.word, one_line(one.title), names, due))


class NewsModel(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Lines come and go at the end; what stands in the others is changed in place."""
        before, after = len(self._rows), len(rows)
        if after > before:
            self.beginInsertRows(_NOWHERE, before, after - 1)
            self._rows = tuple(rows)
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(_NOWHERE, after, before - 1)
            self._rows = tuple(rows)
            self.endRemoveRows()
        self._rows, old = tuple(rows), self._rows
        if after and (old != self._rows or before != after):
            self.dataChanged.emit(self.index(0, 0), self.index(after - 1, len(Column) - 1))

    def key_of(self, index: QModelIndex) -> str:
        return self._rows[index.row()].cve_id

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.cells[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return tip(row.cells[index.column()])
            case _ if role == LOOK_ROLE and index.column() == Column.PRIORITY:
                return row.look
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _titles()[section]
        return None


def _titles() -> tuple[str, ...]:
    return (
        translate("overview", "Id"),
        translate("overview", "Priority"),
        translate("overview", "Title"),
        translate("overview", "Vendor · product"),
        translate("overview", "Due"),
    )
