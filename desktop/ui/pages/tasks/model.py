"""The table model of the history: updates rows in place, so that selection and scroll position stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import takewhile

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from backend.contract.wire import utc_now
from desktop.ui.formatting import absolute, ago, duration, number, one_line, tip, translate
from desktop.ui.pages.tasks.rows import RunListing, RunRow, took_s
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.problem_texts import problem_line
from desktop.ui.widgets.table import spoken

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_RECENT = timedelta(hours=1)
"""The age after which relative times change only by the hour or day."""


class RunColumn(IntEnum):
    STATE = 0
    TASK = 1
    TRIGGER = 2
    STARTED = 3
    DURATION = 4
    COUNTS = 5
    WORKER = 6


class RunModel(QAbstractTableModel):
    more_wanted = Signal()
    """The table was scrolled to the oldest known run."""

    def __init__(self, parent: QObject, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(parent)
        self._clock = clock
        self.listing = RunListing()
        self._titles = {
            RunColumn.STATE: self.tr("State"),
            RunColumn.TASK: self.tr("Task"),
            RunColumn.TRIGGER: self.tr("Trigger"),
            RunColumn.STARTED: self.tr("Started"),
            RunColumn.DURATION: self.tr("Duration"),
            RunColumn.COUNTS: self.tr("Vulnerabilities"),
            RunColumn.WORKER: self.tr("Process"),
        }

    def show_listing(self, listing: RunListing) -> None:
        """Change to a new listing with as few row operations as possible."""
        if listing is self.listing:
            return
        orders = {row.order for row in listing.rows}
        gone = [place for place, row in enumerate(self.listing.rows) if row.order not in orders]
        for first, last in reversed(_spans(gone)):
            self._remove(first, last)
        self.listing = RunListing(self.listing.rows, listing.complete)
        for place, row in enumerate(listing.rows):
            if place >= len(self.listing.rows) or self.listing.rows[place].order != row.order:
                self._insert(place, listing.rows[place : place + _missing_rows(listing.rows, self.listing.rows, place)])
            elif self.listing.rows[place] != row:
                self._replace(place, row)

    def reset_listing(self, listing: RunListing) -> None:
        """Replace all rows, after the filter has changed."""
        self.beginResetModel()
        self.listing = listing
        self.endResetModel()

    def tick(self) -> None:
        """Update relative times of recent runs; called every second."""
        since = self._clock() - _RECENT
        fresh = sum(1 for _ in takewhile(lambda row: row.run.queued_at > since, self.listing.rows))
        if fresh:
            self.dataChanged.emit(self.index(0, RunColumn.STARTED), self.index(fresh - 1, RunColumn.DURATION))

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.listing.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(RunColumn)

    def canFetchMore(self, parent: Index) -> bool:  # noqa: N802
        return not parent.isValid() and bool(self.listing.rows) and not self.listing.complete

    def fetchMore(self, parent: Index) -> None:  # noqa: N802 ARG002
        self.more_wanted.emit()

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical:
            return None
        return self._titles[RunColumn(section)] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self.listing.rows[index.row()], RunColumn(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return _tooltip(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(self, index)
        return row.look if role == LOOK_ROLE and column is RunColumn.STATE else None

    def _text(self, row: RunRow, column: RunColumn) -> str:
        match column:
            case RunColumn.STATE:
                return row.look.word
            case RunColumn.TASK:
                return self._task(row)
            case RunColumn.TRIGGER:
                return row.trigger
            case RunColumn.STARTED:
                return ago(row.run.started_at, self._clock()) if row.run.started_at else ""
            case RunColumn.DURATION:
                took = took_s(row.run, self._clock())
                return duration(took) if took is not None else ""
            case RunColumn.COUNTS:
                return row.counts
            case RunColumn.WORKER:
                return one_line(row.run.worker or "")

    def _task(self, row: RunRow) -> str:
        return self.tr("{0}, {1} runs").format(row.task, number(1 + len(row.older))) if row.older else row.task

    def _remove(self, first: int, last: int) -> None:
        self.beginRemoveRows(_NOWHERE, first, last)
        rows = self.listing.rows
        self.listing = RunListing((*rows[:first], *rows[last + 1 :]), self.listing.complete)
        self.endRemoveRows()

    def _insert(self, place: int, new: tuple[RunRow, ...]) -> None:
        self.beginInsertRows(_NOWHERE, place, place + len(new) - 1)
        rows = self.listing.rows
        self.listing = RunListing((*rows[:place], *new, *rows[place:]), self.listing.complete)
        self.endInsertRows()

    def _replace(self, place: int, row: RunRow) -> None:
        rows = self.listing.rows
        self.listing = RunListing((*rows[:place], row, *rows[place + 1 :]), self.listing.complete)
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(RunColumn) - 1))


def _missing_rows(wanted: tuple[RunRow, ...], shown: tuple[RunRow, ...], place: int) -> int:
    """Return how many consecutive rows from `place` on are missing."""
    following = shown[place].order if place < len(shown) else None
    orders = [row.order for row in wanted[place:]]
    return orders.index(following) if following is not None else len(orders)


def _spans(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last number of each run of consecutive numbers."""
    spans: list[tuple[int, int]] = []
    for place in places:
        if spans and spans[-1][1] == place - 1:
            spans[-1] = spans[-1][0], place
        else:
            spans.append((place, place))
    return spans


def _tooltip(row: RunRow, column: RunColumn) -> str | None:
    if column is RunColumn.STARTED and row.run.started_at is not None:
        return absolute(row.run.started_at)
    if column is RunColumn.STATE and row.run.error is not None:
        return tip(one_line(problem_line(row.run.error.problem)))
    if column is RunColumn.TASK and row.older:
        return translate("tasks", "The newest of them is shown. Choose the task above to list each.")
    return None
