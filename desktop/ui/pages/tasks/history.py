"""The list of runs, newest first: updated by every snapshot, older runs are requested while scrolling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from backend.client.api import ApiClient
from backend.contract.names import RunState, TaskName
from backend.contract.problems import Problem
from backend.contract.tasks import TaskRun
from desktop.ui.page_context import Memory, PageContext, Request
from desktop.ui.pages.tasks.model import RunColumn, RunModel
from desktop.ui.pages.tasks.rows import RunFilter, RunListing, RunRow, extended, folded, refreshed, row_of, with_changed
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.layout import EmptyState
from desktop.ui.widgets.looks import run_look, task_word
from desktop.ui.widgets.table import RecordTable
from desktop.ui.widgets.text import VisibleTicker


class RunFilterBar(QWidget):
    """Filters the history by state and task; the choice is remembered."""

    changed = Signal(RunFilter)

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._states, self._tasks = QComboBox(), QComboBox()
        self._states.setAccessibleName(self.tr("State"))
        self._tasks.setAccessibleName(self.tr("Task"))
        self._states.addItem(self.tr("All states"), "")
        for state in RunState:
            look = run_look(state)
            self._states.addItem(icon(look.icon, look.tone), look.word, state.value)
        self._tasks.addItem(self.tr("All tasks"), "")
        for task in TaskName:
            self._tasks.addItem(task_word(task), task.value)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(QLabel(self.tr("Show")))
        for box, key in ((self._states, "tasks/state"), (self._tasks, "tasks/task")):
            row.addWidget(box)
            box.setCurrentIndex(max(0, box.findData(memory.text(key))))
            box.currentIndexChanged.connect(self._chosen)
        row.addStretch(1)

    @property
    def filter(self) -> RunFilter:
        return RunFilter(str(self._states.currentData()), str(self._tasks.currentData()))

    def clear(self) -> None:
        self._states.setCurrentIndex(0)
        self._tasks.setCurrentIndex(0)

    def _chosen(self) -> None:
        chosen = self.filter
        self._memory.save("tasks/state", chosen.state)
        self._memory.save("tasks/task", chosen.name)
        self.changed.emit(chosen)


_PAGE = 50
_LEAST_VISIBLE = 3
_LEAST_ROWS = 40
"""With fewer rows, a large window has no scroll bar that would ask for older runs: a row may hold many runs."""
_WIDTHS = (18, 12, 11, 11, 10, 26, -14)  # in digits; negative: hidden until asked for
_LEAST_COUNTS = 18
_OPTIONAL = (RunColumn.TRIGGER, RunColumn.DURATION)


@dataclass(frozen=True)
class _LoadedRuns:
    rows: tuple[RunRow, ...]
    last: bool


class History(QWidget):
    chosen = Signal(object)
    """The TaskRun of the current row."""
    failed = Signal(object)
    """The Problem if the history cannot be read; None once it can."""

    def __init__(self, context: PageContext, memory: Memory) -> None:
        super().__init__()
        self._context = context
        self._request: Request | None = None
        self._known = RunListing()  # all runs, each a row; the table shows them folded
        self._asking = self._shows_other_filter = False
        self.filters, self.table, self._empty = RunFilterBar(memory), RecordTable(memory, "tasks"), EmptyState()
        self._model = RunModel(self)
        self.table.set_model(self._model, _WIDTHS)
        ColumnFit(self.table, memory, RunColumn.COUNTS, _LEAST_COUNTS, _OPTIONAL)
        self.table.setAccessibleName(self.tr("Runs"))
        VisibleTicker(self, self._model.tick)
        self._lay_out()
        self.filters.changed.connect(self._filter_changed)
        self._empty.acted.connect(self.filters.clear)
        self._model.more_wanted.connect(self._ask_for_more)
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)

    def least_height(self) -> int:
        """Return the height at which the filter and a few runs are visible, in device-independent pixels."""
        rows = _LEAST_VISIBLE * self.table.verticalHeader().defaultSectionSize()
        return self.filters.sizeHint().height() + Space.S + self.table.horizontalHeader().sizeHint().height() + rows

    def refresh(self) -> None:
        """Request the newest page."""
        self._ask(1, self._first_page_arrived)

    def clear(self) -> None:
        """Discard all rows, after the stack has changed."""
        self._known = RunListing()
        self._model.reset_listing(self._known)
        self._empty.show_message("history", self.tr("Loading the history…"))
        self._stack.setCurrentWidget(self._empty)

    def update_runs(self, *runs: TaskRun) -> None:
        """Merge newer information on runs, whatever its origin."""
        self._show(with_changed(self._known, runs, self.filters.filter))

    def select(self, task_id: str) -> bool:
        """Select a run; return whether it is listed."""
        number = self._model.listing.find(task_id)
        if number is None:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
            return False
        self.table.selectRow(number)
        QTimer.singleShot(0, self, self._scroll_to_current)  # once the details have taken their room
        return True

    def _scroll_to_current(self) -> None:
        self.table.scrollTo(self.table.currentIndex())

    def _filter_changed(self) -> None:
        self._shows_other_filter = True
        self.refresh()

    def _ask_for_more(self) -> None:
        if not self._asking:
            self._ask(len(self._known.rows) // _PAGE + 1, self._older_page_arrived)

    def _ask(self, number: int, on_page: Callable[[_LoadedRuns], None]) -> None:
        """Request a page; the answer to an earlier request is ignored."""
        if self._request is not None:
            self._request.forget()
        self._asking = True
        wanted = self.filters.filter
        self._request = self._context.ask(
            lambda client: _page(client, wanted, number), on_page, self._page_failed, owner=self
        )

    def _first_page_arrived(self, page: _LoadedRuns) -> None:
        if self._shows_other_filter:
            self._shows_other_filter = False
            self._known = RunListing()
            self._model.reset_listing(self._known)
        self._page_arrived(refreshed(self._known, page.rows, complete=page.last))

    def _older_page_arrived(self, page: _LoadedRuns) -> None:
        self._page_arrived(extended(self._known, page.rows, last=page.last))

    def _page_arrived(self, listing: RunListing) -> None:
        self._asking = False
        self.failed.emit(None)
        self._show(listing)
        self._show_empty()
        if not listing.complete and self._model.rowCount() < _LEAST_ROWS:
            self._ask_for_more()

    def _page_failed(self, problem: Problem) -> None:
        self._asking = False
        self.failed.emit(problem)
        self._empty.show_message("cloud-off-outline", self.tr("The history could not be loaded"))

    def _show(self, listing: RunListing) -> None:
        """Keep the visible rows in place when scrolled down; at the top, new runs appear."""
        bar, top = self.table.verticalScrollBar(), self.table.rowAt(0)
        anchor = self._model.listing.rows[top].run.task_id if bar.value() and top >= 0 else ""
        if listing is not self._known:
            self._known = listing
            self._model.show_listing(listing if self.filters.filter.name else folded(listing))
        self._stack.setCurrentWidget(self.table if listing.rows else self._empty)
        place = listing.find(anchor) if anchor else None
        if place is not None:
            bar.setValue(bar.value() + (place - top) * self.table.rowHeight(0))

    def _show_empty(self) -> None:
        if self.filters.filter == RunFilter():
            sentence = self.tr("Scheduled and manual runs are listed here.")
            self._empty.show_message("history", self.tr("No runs yet"), sentence)
        else:
            self._empty.show_message("filter-outline", self.tr("No matching runs"), "", self.tr("Show all runs"))

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self._model.listing.rows[current.row()].run)

    def _lay_out(self) -> None:
        content = QWidget()
        self._stack = QStackedLayout(content)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self.clear()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.filters)
        column.addWidget(content, 1)


def _page(client: ApiClient, wanted: RunFilter, number: int) -> _LoadedRuns:
    """Fetch a page and make its rows; runs in the background."""
    answer = client.runs({**wanted.parameters(), "page": number, "page_size": _PAGE})
    return _LoadedRuns(tuple(row_of(run) for run in answer.items), number >= answer.total_pages)
