"""The model of the events. A refresh keeps what is selected, and rows that the person has just read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.ui.formatting import tip
from desktop.ui.pages.inbox.rows import InboxRow

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
"""The role of the InboxRow."""


class InboxModel(QAbstractListModel):
    more_wanted = Signal()
    """The end of the list is visible, and the API has more events."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[InboxRow] = []
        self._total = 0

    @property
    def rows(self) -> Sequence[InboxRow]:
        return tuple(self._rows)

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        match role:
            case _ if role == ROW_ROLE:
                return row
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return row.spoken
            case Qt.ItemDataRole.ToolTipRole:
                return tip("\n".join(filter(None, (row.subject, row.title, row.why))))
        return None

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802 - Qt's name
        return not parent.isValid() and len(self._rows) < self._total

    def fetchMore(self, parent: Index) -> None:  # noqa: ARG002, N802 - Qt's name
        self.more_wanted.emit()

    def index_of(self, event_id: int) -> QModelIndex:
        """Return the index of an event; an invalid one if it is not in the list."""
        place = next((place for place, row in enumerate(self._rows) if row.event.id == event_id), -1)
        return self.index(place) if place >= 0 else QModelIndex()

    def replace(self, rows: Iterable[InboxRow], total: int) -> None:
        """Show these rows instead; those that stay keep their place and selection."""
        wanted = _in_order(rows)
        ids = {row.event.id for row in wanted}
        self._remove(lambda row: row.event.id not in ids)
        self._insert(wanted)
        self._total = total

    def add(self, rows: Iterable[InboxRow], total: int) -> None:
        """Add the rows of another page; one that is in the list already was moved here by newer events."""
        self._insert(_in_order((*self._rows, *rows)))
        self._total = total

    def mark(self, event_ids: Iterable[int], read_at: datetime | None) -> None:
        """Show events as read, or as unread; the API has confirmed it."""
        marked = set(event_ids)
        self._set({place: row.marked(read_at) for place, row in enumerate(self._rows) if row.event.id in marked})

    def _remove(self, gone: Callable[[InboxRow], bool]) -> None:
        for place in reversed(range(len(self._rows))):
            if gone(self._rows[place]):
                self.beginRemoveRows(_NOWHERE, place, place)
                del self._rows[place]
                self.endRemoveRows()

    def _insert(self, wanted: Sequence[InboxRow]) -> None:
        """Insert what is missing; `wanted` has all rows of the list, in its order."""
        known = {row.event.id for row in self._rows}
        for place, row in enumerate(wanted):
            if row.event.id not in known:
                self.beginInsertRows(_NOWHERE, place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
        self._set(dict(enumerate(wanted)))

    def _set(self, rows: Mapping[int, InboxRow]) -> None:
        """Put rows at their places. Views hear of them all at once: each time, they look at the whole selection."""
        changed = [place for place, row in rows.items() if self._rows[place] != row]
        for place in changed:
            self._rows[place] = rows[place]
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))


def _in_order(rows: Iterable[InboxRow]) -> list[InboxRow]:
    """Return each event once, the newest first, as the API does."""
    once = {row.event.id: row for row in rows}
    return [once[event_id] for event_id in sorted(once, reverse=True)]
