"""Vulnerabilities: search, the list of results, and the record of the selected one beside or below the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QStackedLayout, QWidget

from backend.contract.problem_catalogue import Weight
from backend.contract.problems import Problem
from backend.contract.searches import SavedSearch, VulnerabilityFilters
from backend.contract.vulnerability_ids import ids_in
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState, last_update
from desktop.ui.page import Page
from desktop.ui.page_context import SAVED_SEARCH, Memory, PageContext
from desktop.ui.pages.vulnerabilities.copying import TableCopier, TableForm
from desktop.ui.pages.vulnerabilities.export.exporter import ExportDone, Exporter, ExportStrip
from desktop.ui.pages.vulnerabilities.export.files import Format
from desktop.ui.pages.vulnerabilities.export.records import ChosenRows
from desktop.ui.pages.vulnerabilities.figures import FoldedFigures
from desktop.ui.pages.vulnerabilities.filter_bar import FilterBar
from desktop.ui.pages.vulnerabilities.headline import empty_reason, headline, load_failed, loading
from desktop.ui.pages.vulnerabilities.list_view import ColumnButton, ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.page_loader import PageLoader
from desktop.ui.pages.vulnerabilities.record.loader import RecordLoader
from desktop.ui.pages.vulnerabilities.record.neighbours import Neighbours
from desktop.ui.pages.vulnerabilities.record.pane import RecordPane
from desktop.ui.pages.vulnerabilities.record.window import RecordWindows
from desktop.ui.pages.vulnerabilities.rows import ListPage, Query
from desktop.ui.pages.vulnerabilities.saved import NameForm, SavedSearchButton, SavedSearchKeeper
from desktop.ui.pages.vulnerabilities.search import NOTHING, Order, search_of_key
from desktop.ui.pages.vulnerabilities.selection import RowActions, Selection
from desktop.ui.pages.vulnerabilities.split import SidePane, Split
from desktop.ui.pages.vulnerabilities.triage import SelectionTriage, TriageActions
from desktop.ui.suggestions import suggestion_filters, suggestion_of_key
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.decision_panel import DecisionPanel
from desktop.ui.widgets.finding_decisions import FindingDecisions
from desktop.ui.widgets.layout import EmptyReason, EmptyState
from desktop.ui.widgets.undo_bar import UndoBar

_LEAST_LIST, _REST = 6, 27
"""Heights of the list, and of all in the window that is not the figures, in lines of text."""
_SEVERAL = 2
_RETRY_MS = 4000
_WHILE_UPDATING_MS = 15_000

UpdateMark = tuple[datetime | None, str, int]
"""What differs after an update that changed something: its time, task ID, and the number of vulnerabilities."""


class VulnerabilitiesPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._last_mark: UpdateMark | None = None
        self._results: ListPage | None = None
        self._saved_name = ""
        self._model, self.head = VulnerabilityModel(self), FoldedFigures(memory)
        self.bar, self.list = FilterBar(context, memory), ListView(memory, self._model)
        self.search_field = self.bar.field
        self._leads_to: QWidget | None = self.bar.field  # where the keys go; None: to a record that is being looked for
        self.selection = Selection(self.list, self._model)
        self.pane = RecordPane(memory)
        self.side = SidePane(self.pane)
        self._record_loader = RecordLoader(context, self.pane)
        self._neighbours = Neighbours(self.list, self._model)
        self.windows = RecordWindows(context, memory, self._neighbours.of, self)
        self.decisions, self.decision_panel, self.undo = TriageActions(self), DecisionPanel(), UndoBar()
        self.row_actions = RowActions(self.list, self._model, self.decisions.all)
        self.exporter, self.exporting, self.exported = Exporter(context, self), ExportStrip(), ExportDone()
        self.copier = TableCopier(context, self)
        self.loader = PageLoader(context, self._model, self)
        self.triage = FindingDecisions(context, self)
        self._selection_triage = SelectionTriage(
            context, self.decisions, self.decision_panel, self.triage, self._chosen
        )
        self.keeper, self.name_form = SavedSearchKeeper(context, self), NameForm()
        self.saved, self._columns = SavedSearchButton(self.keeper, self.name_form), ColumnButton(self.list)
        self._banner, self._note, self._empty = Banner(), Banner(), EmptyState()
        self._retry_timer = QTimer(self, interval=_RETRY_MS, singleShot=True)
        self._lay_out_page()
        self._listen()
        self._show_empty(loading())

    @property
    def shown_item(self) -> str:
        return SAVED_SEARCH + self._saved_name if self._saved_name else ""

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

    def main_control(self) -> QWidget | None:
        """Return the search field; after a link to a record its row, once it is found."""
        return self._leads_to

    def open_item(self, key: str) -> None:
        """Show a saved or suggested search ("saved:name"), a search ("exploited", "vendor:acme"), or IDs.

        A record is searched for, so that the list has it and the pane belongs to what is selected in the list.
        """
        self._leads_to = self.bar.field
        if key.startswith(SAVED_SEARCH):
            saved = self.keeper.of(key.removeprefix(SAVED_SEARCH))
            if saved is not None:
                self._apply_saved(saved)
            return
        if (suggestion := suggestion_of_key(key)) is not None:
            self._go_to(suggestion_filters(suggestion, utc_now().date()))
            return
        search = search_of_key(key)
        if search is None:
            search = VulnerabilityFilters(search=key)
            if len(ids_in(key)) < _SEVERAL:
                self.selection.go_to_first()
                self._leads_to = None
            if search == self.bar.search:
                self.loader.load(Query(search, self.list.order))
        self._go_to(search)

    def focus_item(self) -> None:
        self.take_focus()

    def take_over(self, former: Self) -> None:
        """Show the same search, and the records that were open in windows of their own."""
        self._belongs_to(former._saved_name)
        self.bar.set_search(former.bar.search)
        self.windows.take_over(former.windows)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._limit_figures()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self._limit_figures()
        return super().eventFilter(watched, event)

    def _limit_figures(self) -> None:
        """By the window's height: the page itself is never lower than its figures."""
        self.head.limit(self.window().height() - _REST * self.fontMetrics().height())

    def _listen(self) -> None:
        self.bar.changed.connect(self._search)
        self.bar.field.left.connect(self.list.setFocus)
        self.list.order_changed.connect(self._sort)
        self.list.opened.connect(self._open_pane)
        self.list.clicked.connect(lambda _: self._show_record(self.selection.current))
        self.selection.chosen.connect(self._show_record)
        self.side.closed.connect(self.list.setFocus)
        self.pane.stepped.connect(self._neighbours.step)
        self.pane.window_wanted.connect(self.windows.open)
        self.list.view_settled.connect(self.loader.load_visible)
        self.loader.loaded.connect(self._show_results)
        self.loader.failed.connect(self._show_problem)
        self._empty.acted.connect(self.bar.clear)
        self.head.figures.picked.connect(self._go_to)
        self._retry_timer.timeout.connect(self._retry)
        self.row_actions.export_wanted.connect(self._export)
        self.exporter.advanced.connect(lambda how: self.exporting.show_progress(how, self.context.clock.read().steady))
        self.exporting.cancelled.connect(self.exporter.cancel)
        self.exporter.completed.connect(self._exported)
        self.row_actions.copy_wanted.connect(self._copy_all)
        self.copier.done.connect(lambda words: self._exported(words, None))
        self.saved.applied.connect(self._apply_saved)
        self.saved.suggested.connect(self._go_to)
        self.saved.saved.connect(lambda search: self._belongs_to(search.name))
        self.saved.deleted.connect(lambda: self._belongs_to(""))
        for worker in (self.triage, self.keeper):
            worker.done.connect(self.undo.show_done)
        for source in (self.triage, self._selection_triage, self.keeper, self.exporter, self.copier):
            source.failed.connect(lambda problem: self._note.show_problem(replace(problem, weight=Weight.ERROR)))
        self.bar.panel.failed.connect(self._note_failure)
        self.triage.done.connect(lambda *_: self.refresh())
        self.decision_panel.closed.connect(self.list.setFocus)

    # ---- searches

    def _search(self, search: VulnerabilityFilters) -> None:
        self._note.show_problem(None)
        if search == NOTHING:
            self._saved_name = ""
        self.saved.show_current(self._saved_name, search)
        self.item_shown.emit(self.shown_item)
        self.loader.load(Query(search, self.list.order))

    def _sort(self, order: Order) -> None:
        self.loader.load(Query(self.bar.search, order))

    def _go_to(self, search: VulnerabilityFilters) -> None:
        """Show a search that is not what becomes of the saved one by changing its filters."""
        self._belongs_to("")
        self.bar.set_search(search)

    def _apply_saved(self, saved: SavedSearch) -> None:
        self._belongs_to(saved.name)
        self.bar.set_search(saved.filters)

    def _belongs_to(self, name: str) -> None:
        """The list shows this saved search from now on, also while its filters are changed. name: empty: none."""
        self._saved_name = name
        self.saved.show_current(name, self.bar.search)
        self._say_what_is_found()
        self.item_shown.emit(self.shown_item)

    def _retry(self) -> None:
        if self.isVisible():
            self.refresh()

    # ---- rows

    def _chosen(self) -> ChosenRows:
        return self.row_actions.chosen(self.loader.query)

    def _show_record(self, cve_id: str) -> None:
        self._record_loader.load(cve_id)
        if cve_id:
            self.side.show()
        else:
            self.pane.show_nothing()
            self.side.hide()

    def _open_pane(self) -> None:
        self.side.show()
        self.pane.tabs.setFocus()

    def _export(self, everything: bool, kind: str) -> None:
        self._note.show_problem(None)
        self.exported.hide()
        counted = self._results is not None and not self._results.capped
        scope = self.row_actions.scope(self.loader.query, everything=everything, counted=counted)
        self.exporter.offer(scope, Format(kind))

    def _copy_all(self, form: str) -> None:
        self._note.show_problem(None)
        self.copier.copy(self.loader.query, self.list.shown_columns, TableForm(form))

    def _exported(self, words: str, path: Path | None) -> None:
        self.exported.show_done(words, path)

    def _note_failure(self, problem: Problem) -> None:
        """Say why names are not completed, unless the window says already that the API is away."""
        if not self.context.state.api_unavailable:
            self._note.show_problem(problem)

    # ---- results

    def _show_results(self, found: ListPage) -> None:
        self._results = found
        self._banner.show_problem(None)
        self._say_what_is_found()
        self._show_list_or_reason()
        if self._leads_to is None:
            self._leads_to = self.list if found.rows else self.bar.field
        self.offer_focus()

    def _say_what_is_found(self) -> None:
        if self._results is not None:
            stats = self.context.state.snapshot.stats if self.context.state.snapshot else None
            everything = stats.total_vulnerabilities if stats else None
            self.say(headline(self.loader.query.search, self._results, everything, self._saved_name))

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
            self._columns.show()
        else:
            self._show_empty(empty_reason(self.loader.query.search, self.context.state))

    def _show_empty(self, why: EmptyReason) -> None:
        self._empty.show_reason(why)
        self._stack.setCurrentIndex(0)
        self._columns.hide()

    def _lay_out_page(self) -> None:
        self.body.setSpacing(Space.S)
        content = QWidget()
        self._stack = QStackedLayout(content)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.split = Split(self.memory, content, self.side)
        self.split.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.split.setMinimumHeight(_LEAST_LIST * (self.fontMetrics().height() + Space.M))
        self.bar.add_control(self.saved)
        self.bar.add_control(self._columns)
        above = (self.head, self.bar, self.name_form, self._banner, self._note)
        for part in (*above, self.exporting, self.exported, self.undo, self.decision_panel):
            self.body.addWidget(part)
        self.body.addWidget(self.split, 1)
        for control in self.decisions.buttons():
            self.add_control(control)
        button, menu = self.add_action(self.tr("Export"), primary=True), QMenu(self)
        menu.addActions(self.row_actions.exports)
        menu.addSeparator()
        menu.addActions(self.row_actions.copies)
        button.setMenu(menu)


def _update_mark(state: AppState) -> UpdateMark:
    stats = state.snapshot.stats if state.snapshot else None
    last = last_update(state)
    total = stats.total_vulnerabilities if stats else 0
    return (stats.last_update if stats else None, last.task_id if last else "", total)
