"""Vulnerabilities: search, the list of results, and the record of one beside or below the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QSplitter, QStackedLayout, QWidget

from backend.contract.problems import Problem, Weight
from desktop.state.app_state import AppState, last_update
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities.export.exporter import Exporter, ExportStrip
from desktop.ui.pages.vulnerabilities.export.files import Format
from desktop.ui.pages.vulnerabilities.figures import FoldedFigures
from desktop.ui.pages.vulnerabilities.filter_bar import FilterBar
from desktop.ui.pages.vulnerabilities.headline import EmptyReason, empty_reason, headline, load_failed, loading
from desktop.ui.pages.vulnerabilities.list_view import ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.page_loader import PageLoader
from desktop.ui.pages.vulnerabilities.record.loader import RecordLoader
from desktop.ui.pages.vulnerabilities.record.neighbours import Neighbours
from desktop.ui.pages.vulnerabilities.record.pane import RecordPane
from desktop.ui.pages.vulnerabilities.record.window import RecordWindows
from desktop.ui.pages.vulnerabilities.rows import ListPage, Query
from desktop.ui.pages.vulnerabilities.search import Order, Search, search_of_key
from desktop.ui.pages.vulnerabilities.selection import RowActions, Selection
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.layout import EmptyState

_KEY, _BELOW = "vulnerabilities/record", "below"
_SHARES = (3, 2)
_LEAST_LIST, _REST = 6, 22
"""Heights of the list and of all that is not the figures, in lines of text."""


class Split(QSplitter):
    """List and record beside or below each other; arrangement and sizes are remembered."""

    def __init__(self, memory: Memory, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._memory = memory
        self.addWidget(first)
        self.addWidget(second)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(Space.M)
        for place, share in enumerate(_SHARES):
            self.setStretchFactor(place, share)
        self._arrange(below=memory.text(_KEY) == _BELOW)
        self.splitterMoved.connect(lambda: memory.save(self._sizes_key, self.saveState()))

    @property
    def below(self) -> bool:
        return self.orientation() is Qt.Orientation.Vertical

    def set_turn_button(self, button: QPushButton) -> None:
        button.clicked.connect(lambda: self._turn(button))
        self._show_turn_button(button)

    def _turn(self, button: QPushButton) -> None:
        self._arrange(below=not self.below)
        self._show_turn_button(button)

    def _show_turn_button(self, button: QPushButton) -> None:
        other = self.tr("Show details beside the list") if self.below else self.tr("Show details below the list")
        button.setIcon(icon("dock-right" if self.below else "dock-bottom"))
        button.setToolTip(other)
        button.setAccessibleName(other)

    def _arrange(self, *, below: bool) -> None:
        self.setOrientation(Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal)
        self._memory.save(_KEY, _BELOW if below else "")
        remembered: QByteArray = self._memory.state(self._sizes_key)
        if not remembered.isEmpty():
            self.restoreState(remembered)

    @property
    def _sizes_key(self) -> str:
        return f"{_KEY}/{'high' if self.below else 'wide'}"


_RETRY_MS = 4000
_WHILE_UPDATING_MS = 15_000

UpdateMark = tuple[datetime | None, str, int]
"""What differs after an update that changed something: its time, task ID, and the number of vulnerabilities."""


class VulnerabilitiesPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._last_mark: UpdateMark | None = None
        self._results: ListPage | None = None
        self._model, self.head = VulnerabilityModel(self), FoldedFigures(memory)
        self.bar, self.list = FilterBar(memory), ListView(memory, self._model)
        self.search_field = self.bar.field
        self.selection = Selection(self.list, self._model)
        self.pane = RecordPane(memory)
        self._record_loader = RecordLoader(context, self.pane)
        self._neighbours = Neighbours(self.list, self._model)
        self.windows = RecordWindows(context, memory, self._neighbours.of, self)
        self.row_actions, self.exporter = RowActions(self.list, self._model), Exporter(context, self)
        self.exporting = ExportStrip()
        self.loader = PageLoader(context, self._model, self)
        self._banner, self._note, self._empty = Banner(), Banner(), EmptyState()
        self._retry_timer = QTimer(self, interval=_RETRY_MS, singleShot=True)
        self._lay_out_page()
        self._listen()
        self._show_empty(loading())

    def show_state(self, state: AppState) -> None:
        stats = state.snapshot.stats if state.snapshot else None
        self.head.setVisible(stats is not None)
        if stats is not None:
            self.head.show_stats(stats)
        mark = _update_mark(state)
        if mark != self._last_mark:
            known, self._last_mark = self._last_mark, mark
            if known is not None:
                self.refresh()
        if state.update is not None and not self._retry_timer.isActive():
            self._retry_timer.start(_WHILE_UPDATING_MS)
        if state.api_unavailable:
            self._banner.show_problem(None)
        self._show_list_or_reason()

    def refresh(self) -> None:
        """Request the visible rows again; they stay in place meanwhile."""
        if self._results is None:
            self.loader.load(Query(self.bar.search, self.list.order))
        else:
            self.loader.refresh(*self.list.visible_rows())
        self._record_loader.refresh()

    def open_item(self, key: str) -> None:
        """Show a record by its ID, or a search ("exploited", "severity:CRITICAL", "vendor:acme")."""
        search = search_of_key(key)
        if search is not None:
            self.bar.set_search(search)
        else:
            self._record_loader.load(key)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.head.limit(event.size().height() - _REST * self.fontMetrics().height())

    def _listen(self) -> None:
        self.bar.changed.connect(self._search)
        self.list.order_changed.connect(self._sort)
        self.list.opened.connect(lambda: self.pane.tabs.setFocus())
        self.selection.chosen.connect(self._record_loader.load)
        self.pane.stepped.connect(self._neighbours.step)
        self.pane.window_wanted.connect(self.windows.open)
        self.list.view_settled.connect(self.loader.load_visible)
        self.loader.loaded.connect(self._show_results)
        self.loader.failed.connect(self._show_problem)
        self._empty.acted.connect(self.bar.clear)
        self.head.figures.picked.connect(self.open_item)
        self._retry_timer.timeout.connect(self._retry)
        self.row_actions.export_wanted.connect(self._export)
        self.exporter.advanced.connect(lambda how: self.exporting.show_progress(how, self.context.clock.read().steady))
        self.exporting.cancelled.connect(self.exporter.cancel)
        self.exporter.completed.connect(lambda how: self._note.show_problem(how))
        self.exporter.failed.connect(lambda problem: self._note.show_problem(replace(problem, weight=Weight.ERROR)))

    def _search(self, search: Search) -> None:
        self._note.show_problem(None)
        self.loader.load(Query(search, self.list.order))

    def _sort(self, order: Order) -> None:
        self.loader.load(Query(self.bar.search, order))

    def _retry(self) -> None:
        if self.isVisible():
            self.refresh()

    def _export(self, everything: bool, kind: str) -> None:
        self._note.show_problem(None)
        counted = self._results is not None and not self._results.capped
        scope = self.row_actions.scope(self.loader.query, everything=everything, counted=counted)
        self.exporter.offer(scope, Format(kind))

    def _show_results(self, found: ListPage) -> None:
        self._results = found
        self._banner.show_problem(None)
        self.say(headline(self.loader.query.search, found))
        self._show_list_or_reason()

    def _show_problem(self, problem: Problem) -> None:
        """Keep the rows, and show a banner that they may be out of date."""
        self._retry_timer.start(_RETRY_MS)
        if self._results is None:
            self._show_empty(load_failed())
        else:
            hint = self.tr("The list shows the last known data.")
            problem = replace(problem, parameters={**problem.parameters, "hint": hint})
        self._banner.show_problem(None if self.context.state.api_unavailable else problem)

    def _show_list_or_reason(self) -> None:
        if self._results is None:
            return
        if self._model.rowCount():
            self._stack.setCurrentIndex(1)
        else:
            self._show_empty(empty_reason(self.loader.query.search, self.context.state))

    def _show_empty(self, why: EmptyReason) -> None:
        self._empty.show_message(why.icon, why.title, why.sentence, why.action)
        self._stack.setCurrentIndex(0)

    def _lay_out_page(self) -> None:
        self.body.setSpacing(Space.S)
        content = QWidget()
        self._stack = QStackedLayout(content)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.split = Split(self.memory, content, self.pane)
        self.split.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.split.setMinimumHeight(_LEAST_LIST * (self.fontMetrics().height() + Space.M))
        self.body.addWidget(self.head)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._banner)
        self.body.addWidget(self._note)
        self.body.addWidget(self.exporting)
        self.body.addWidget(self.split, 1)
        self.split.set_turn_button(self.add_action(""))
        button, menu = self.add_action(self.tr("Export"), primary=True), QMenu(self)
        menu.addActions(self.row_actions.exports)
        button.setMenu(menu)


def _update_mark(state: AppState) -> UpdateMark:
    stats = state.snapshot.stats if state.snapshot else None
    last = last_update(state)
    total = stats.total_vulnerabilities if stats else 0
    return (stats.last_update if stats else None, last.task_id if last else "", total)
