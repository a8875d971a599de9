"""Vulnerabilities: what is looked for, what was found, and one of them in full.

List and record beside or below each other, as somebody arranged them the last time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtWidgets import QMenu, QPushButton, QSplitter, QStackedLayout, QWidget

from backend.contract.problems import Problem, Weight
from desktop.state.app_state import AppState, last_update
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities.export.exporter import Exporter, ExportStrip
from desktop.ui.pages.vulnerabilities.export.files import Format
from desktop.ui.pages.vulnerabilities.feeder import Feeder
from desktop.ui.pages.vulnerabilities.filter_bar import FilterBar
from desktop.ui.pages.vulnerabilities.headline import Emptiness, asking, emptiness, headline, unanswered
from desktop.ui.pages.vulnerabilities.list_view import ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.record.pane import Pane, Reader
from desktop.ui.pages.vulnerabilities.rows import ListPage, Question
from desktop.ui.pages.vulnerabilities.search import Order, Search, search_of_key
from desktop.ui.pages.vulnerabilities.selection import RowActions, Selection
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.layout import EmptyState

_KEY, _BELOW = "vulnerabilities/record", "below"
_SHARES = (3, 2)


class Split(QSplitter):
    def __init__(self, memory: Memory, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._memory = memory
        self.addWidget(first)
        self.addWidget(second)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(Space.M)
        for place, share in enumerate(_SHARES):
            self.setStretchFactor(place, share)
        self._place(below=memory.text(_KEY) == _BELOW)
        self.splitterMoved.connect(lambda: memory.keep(self._sizes_key, self.saveState()))

    @property
    def below(self) -> bool:
        return self.orientation() is Qt.Orientation.Vertical

    def turned_by(self, button: QPushButton) -> None:
        button.clicked.connect(lambda: self._turn(button))
        self._offer(button)

    def _turn(self, button: QPushButton) -> None:
        self._place(below=not self.below)
        self._offer(button)

    def _offer(self, button: QPushButton) -> None:
        other = self.tr("Record beside the list") if self.below else self.tr("Record below the list")
        button.setIcon(icon("dock-right" if self.below else "dock-bottom"))
        button.setToolTip(other)
        button.setAccessibleName(other)

    def _place(self, *, below: bool) -> None:
        self.setOrientation(Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal)
        self._memory.keep(_KEY, _BELOW if below else "")
        remembered: QByteArray = self._memory.state(self._sizes_key)
        if not remembered.isEmpty():
            self.restoreState(remembered)

    @property
    def _sizes_key(self) -> str:
        return f"{_KEY}/{'high' if self.below else 'wide'}"


_AGAIN_MS = 4000
_WHILE_UPDATING_MS = 15_000

Landed = tuple[datetime | None, str, int]
"""By what an update that brought something is known."""


class VulnerabilitiesPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._landed: Landed | None = None
        self._found: ListPage | None = None
        self._model = VulnerabilityModel(self)
        self.bar, self.list = FilterBar(memory), ListView(memory, self._model)
        self.search_field = self.bar.field
        self.selection = Selection(self.list, self._model)
        self.pane = Pane(memory)
        self._reader = Reader(context, self.pane)
        self.row_actions, self.exporter = RowActions(self.list, self._model), Exporter(context, self)
        self.exporting = ExportStrip()
        self.feeder = Feeder(context, self._model, self)
        self._banner, self._note, self._empty = Banner(), Banner(), EmptyState()
        self._again = QTimer(self, interval=_AGAIN_MS, singleShot=True)
        self._lay_out_page()
        self._listen()
        self._tell_empty(asking())

    def show_state(self, state: AppState) -> None:
        landed = _landed(state)
        if landed != self._landed:
            known, self._landed = self._landed, landed
            if known is not None:
                self.refresh()
        if state.update is not None and not self._again.isActive():
            self._again.start(_WHILE_UPDATING_MS)
        if state.silent:
            self._banner.tell(None)
        self._show_emptiness()

    def refresh(self) -> None:
        """Rows stay where they are while newer ones are fetched."""
        if self._found is None:
            self.feeder.ask(Question(self.bar.search, self.list.order))
        else:
            self.feeder.refresh(*self.list.visible_rows())
        self._reader.refresh()

    def open_item(self, key: str) -> None:
        """A record's id, or what to look for ("exploited", "severity:CRITICAL", "vendor:acme")."""
        search = search_of_key(key)
        if search is not None:
            self.bar.set_search(search)
        else:
            self._reader.read(key)

    def _listen(self) -> None:
        self.bar.changed.connect(self._search)
        self.list.ordered.connect(self._sort)
        self.list.opened.connect(lambda: self.pane.tabs.setFocus())
        self.selection.chosen.connect(self._reader.read)
        self.list.looked_at.connect(self.feeder.look_at)
        self.feeder.found.connect(self._show_found)
        self.feeder.failed.connect(self._show_problem)
        self._empty.acted.connect(self.bar.clear)
        self._again.timeout.connect(self._ask_again)
        self.row_actions.export_wanted.connect(self._export)
        self.exporter.advanced.connect(lambda how: self.exporting.show_progress(how, self.context.clock.read().steady))
        self.exporting.cancelled.connect(self.exporter.cancel)
        self.exporter.told.connect(lambda how: self._note.tell(how))
        self.exporter.failed.connect(lambda problem: self._note.tell(replace(problem, weight=Weight.ERROR)))

    def _search(self, search: Search) -> None:
        self._note.tell(None)
        self.feeder.ask(Question(search, self.list.order))

    def _sort(self, order: Order) -> None:
        self.feeder.ask(Question(self.bar.search, order))

    def _ask_again(self) -> None:
        if self.isVisible():
            self.refresh()

    def _export(self, everything: bool, kind: str) -> None:
        self._note.tell(None)
        counted = self._found is not None and not self._found.capped
        wanted = self.row_actions.wanted(self.feeder.question, everything=everything, counted=counted)
        self.exporter.offer(wanted, Format(kind))

    def _show_found(self, found: ListPage) -> None:
        self._found = found
        self._banner.tell(None)
        self.say(headline(self.feeder.question.search, found))
        self._show_emptiness()

    def _show_problem(self, problem: Problem) -> None:
        """What is shown stays, said to be old."""
        self._again.start(_AGAIN_MS)
        if self._found is None:
            self._tell_empty(unanswered())
        else:
            hint = self.tr("What is listed is what was read before.")
            problem = replace(problem, parameters={**problem.parameters, "hint": hint})
        self._banner.tell(None if self.context.state.silent else problem)

    def _show_emptiness(self) -> None:
        if self._found is None:
            return
        if self._model.rowCount():
            self._stack.setCurrentIndex(1)
        else:
            self._tell_empty(emptiness(self.feeder.question.search, self.context.state))

    def _tell_empty(self, why: Emptiness) -> None:
        self._empty.tell(why.icon, why.title, why.sentence, why.action)
        self._stack.setCurrentIndex(0)

    def _lay_out_page(self) -> None:
        self.body.setSpacing(Space.S)
        content = QWidget()
        self._stack = QStackedLayout(content)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.list)
        self.split = Split(self.memory, content, self.pane)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._banner)
        self.body.addWidget(self._note)
        self.body.addWidget(self.exporting)
        self.body.addWidget(self.split, 1)
        self.split.turned_by(self.add_action(""))
        button, menu = self.add_action(self.tr("Export"), primary=True), QMenu(self)
        menu.addActions(self.row_actions.exports)
        button.setMenu(menu)


def _landed(state: AppState) -> Landed:
    stats = state.snapshot.stats if state.snapshot else None
    last = last_update(state)
    total = stats.total_vulnerabilities if stats else 0
    return (stats.last_update if stats else None, last.task_id if last else "", total)
