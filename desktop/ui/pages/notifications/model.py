"""The model of the notifications that were shown."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.notifications.memory import ShownNotification
from desktop.ui.formatting import absolute, timestamp, tip, translate
from desktop.ui.widgets.notification_texts import Words, words_of
from desktop.ui.widgets.table import spoken

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class NotificationColumn(IntEnum):
    WHEN = 0
    TITLE = 1
    TEXT = 2


class HistoryModel(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[ShownNotification, Words], ...] = ()

    def show_history(self, history: Sequence[ShownNotification]) -> None:
        """Show notifications, the newest first; only those that are new are inserted."""
        known = [entry for entry, _ in self._rows]
        new = len(history) - len(known)
        if new >= 0 and list(history[new:]) == known:
            if new:
                self.beginInsertRows(_NOWHERE, 0, new - 1)
                self._rows = (*((entry, words_of(entry.notification)) for entry in history[:new]), *self._rows)
                self.endInsertRows()
            return
        self.beginResetModel()
        self._rows = tuple((entry, words_of(entry.notification)) for entry in history)
        self.endResetModel()

    def entry(self, index: Index) -> ShownNotification:
        return self._rows[index.row()][0]

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(NotificationColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry, words = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (timestamp(entry.shown_at), words.title, words.text)[index.column()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(self, index)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip((absolute(entry.shown_at), words.title, words.text)[index.column()])
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _titles()[section]
        return None


def _titles() -> tuple[str, ...]:
    return (
        translate("notifications", "Time"),
        translate("notifications", "Notification"),
        translate("notifications", "Text"),
    )
