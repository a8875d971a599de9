"""This PC: what is installed, what of it is vulnerable or exploited, and what to update to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSplitter, QStackedLayout, QToolButton, QWidget

from backend.contract.machine_exposure import ProgramExposure
from backend.contract.problems import Problem
from backend.contract.wire import utc_now
from desktop.inventory.scan_status import ScanStatus
from desktop.state.app_state import AppState
from desktop.state.last_answers import LastAnswer
from desktop.ui.formatting import day, day_and_time, happened
from desktop.ui.page import Page
from desktop.ui.page_context import MACHINE, Memory, PageContext, PageName, Request
from desktop.ui.pages.this_pc.groups import Group, Grouped, grouped
from desktop.ui.pages.this_pc.importing import Imported, Importer, dropped_file, skipped_lines
from desktop.ui.pages.this_pc.machine_choice import MachineChoice
from desktop.ui.pages.this_pc.machine_view import MachineView, changes, last_view, read_view
from desktop.ui.pages.this_pc.pane import ProgramPane
from desktop.ui.pages.this_pc.product_decisions import ProductDecisions
from desktop.ui.pages.this_pc.program_list import ProgramList
from desktop.ui.pages.this_pc.words import (
    coverage,
    empty_reason,
    gone,
    headline,
    is_loaded,
    loading,
    old_list,
)
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.finding_decisions import FindingDecisions
from desktop.ui.widgets.layout import EmptyReason, EmptyState
from desktop.ui.widgets.problem_texts import says_unanswered
from desktop.ui.widgets.text import Muted, VisibleTicker
from desktop.ui.widgets.undo_bar import UndoBar

_BESIDE_FROM = 960
"""Width of the page in logical pixels from which the pane is beside the list; below it otherwise."""
_BESIDE, _BELOW = (1, 1), (2, 3)
"""Shares of list and pane."""
_WHILE_MATCHING_MS, _RETRY_MS = 2_000, 4_000
_SETTINGS_KEY = "privacy"


class ThisPcPage(Page):
    """Shows the last answer at once, and asks again whenever another answer may be due."""

    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._view: MachineView | None = None
        self._as_of: datetime | None = None  # when the view was an answer to an earlier run of the program
        self._wanted, self._changes = "", changes(context.state)
        self._request = Request()
        self._refused: Problem | None = None  # what the user asked for
        self._was_away = context.state.api_unavailable
        self._unread: Problem | None = None
        self._key, self._stack_shown = "", context.state.stack
        self.triage, self.products = FindingDecisions(context, self), ProductDecisions(context, self)
        self.importer = Importer(context, self)
        self.list, self.pane = ProgramList(memory), ProgramPane(context, memory, self.triage, self.products)
        self.machine, self._coverage, self._scanned = MachineChoice(), Muted(), Muted()
        self.banner, self.undo, self.empty = MendingBanner(context), UndoBar(), EmptyState()
        self.skipped, self.show_skipped = QPlainTextEdit(), QToolButton()
        self.skipped.setReadOnly(True)
        self.skipped.setAccessibleName(self.tr("Skipped entries"))
        self.skipped.setVisible(False)
        self.show_skipped.setAutoRaise(True)
        self.show_skipped.setCheckable(True)
        self.show_skipped.toggled.connect(self.skipped.setVisible)
        self.add_control(self.machine)
        self.import_file = self.add_action(self.tr("Import"))
        self.scan = self.add_action(self.tr("Scan now"), primary=True)
        self._again = QTimer(self, singleShot=True)
        self.setAcceptDrops(True)
        self._connect()
        self._lay_out_page()
        self._show_view()
        self._recall()
        if not context.state.api_unavailable:
            self.refresh()  # so that the page has its answer when it is opened

    def show_state(self, state: AppState) -> None:
        if state.stack is not self._stack_shown:
            self._forget(state)
        if self._was_away and not state.api_unavailable and says_unanswered(self._refused):
            self._refused = None
        self._was_away = state.api_unavailable
        found = changes(state)
        if found != self._changes:
            self._changes = found
            self.refresh()
        self._show_scan(state)
        self._show_problem()
        if self._view is None or self._view.exposure is None:
            self._show_empty()

    def refresh(self) -> None:
        wanted, own, answers = self._wanted, self.context.state.scan.machine, self.context.last_answers
        keep_in = answers if is_loaded(self.context.state) else None
        self._request.forget()  # its answer may come later than the one to this request
        self._request = self.context.ask(
            lambda client: read_view(client, wanted, own, keep_in), self._take, self._failed, owner=self
        )

    def main_control(self) -> QWidget:
        return self.list.table

    def open_item(self, key: str) -> None:
        """Show a program by its id, once it is known; or a machine."""
        if key.startswith(MACHINE):
            self._wanted = key.removeprefix(MACHINE)
            self.refresh()
            return
        self._key = key
        self._show_item()

    def _show_item(self) -> None:
        programs = self._view.exposure.programs if self._view and self._view.exposure else ()
        for program in programs:
            if str(program.id) == self._key:
                self._key = ""
                self.list.show_program(program)

    # ---- Qt's names

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        if (path := dropped_file(event)) is not None:
            event.acceptProposedAction()
            self.importer.read(path)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange(event.size().width())

    def _arrange(self, width: int) -> None:
        """Put the pane beside or below the list, in fixed shares until the user moves the border."""
        is_beside = width >= _BESIDE_FROM
        self._split.setOrientation(Qt.Orientation.Horizontal if is_beside else Qt.Orientation.Vertical)
        remembered = self.memory.state(self._sizes_key)
        if remembered.isEmpty():
            shares = _BESIDE if is_beside else _BELOW
            self._split.setSizes([10_000 * share for share in shares])  # more than there is: Qt keeps the proportion
        else:
            self._split.restoreState(remembered)

    @property
    def _sizes_key(self) -> str:
        return f"this-pc/{'wide' if self._split.orientation() is Qt.Orientation.Horizontal else 'high'}"

    # ---- what the API answers

    def _forget(self, state: AppState) -> None:
        """Another database is shown: what was read of the one before says nothing about it."""
        self._stack_shown, self._view, self._as_of = state.stack, None, None
        self._wanted, self._key = "", ""
        self._show_view()
        self._recall()

    def _recall(self) -> None:
        answers = self.context.last_answers
        self.context.work(lambda: last_view(answers), self._take_last, self._failed, owner=self)

    def _take_last(self, last: LastAnswer[MachineView] | None) -> None:
        """Show what the last run of the program has kept, until the API answers."""
        if last is not None and self._view is None:
            self._view, self._as_of = last.answer, last.at
            self._show_view()

    def _take(self, view: MachineView) -> None:
        self._view, self._as_of, self._unread = view, None, None
        self._show_view()
        self._show_problem()

    def _failed(self, problem: Problem) -> None:
        self._unread = problem
        self._show_problem()
        if self._view is None:
            self._show_empty()
        self._again.start(_RETRY_MS)

    def _refuse(self, problem: Problem | None) -> None:
        """Show why what the user asked for was not done, until something else is asked for."""
        self._refused = problem
        self._show_problem()

    def _show_view(self) -> None:
        exposure = self._view.exposure if self._view else None
        self._show_machines()
        if exposure is None:
            self._show_empty()
            return
        groups = grouped(exposure.programs)
        self.say(self._headline(groups))
        self._coverage.setText(coverage(groups, exposure))
        self.list.show_groups(groups)
        self._show_item()
        self._stack.setCurrentIndex(1)
        self.offer_focus()
        self._show_scan(self.context.state)
        if groups[Group.WAITING] or not all(program.matched for program in exposure.programs):
            self._again.start(_WHILE_MATCHING_MS)

    def _headline(self, groups: Grouped) -> str:
        if self._as_of is None:
            return headline(groups, is_loaded=is_loaded(self.context.state))
        when = day_and_time(self._as_of, utc_now())
        return self.tr("As of {0}: {1}").format(when, headline(groups, is_loaded=True))

    def _show_empty(self) -> None:
        state = self.context.state
        why = loading(state, is_failed=self._unread is not None) if self._view is None else empty_reason(state)
        self._say_why(why)
        self.pane.show_program(None, "")
        self._stack.setCurrentIndex(0)

    def _say_why(self, why: EmptyReason) -> None:
        self.say(why.title if self._view is not None else "")
        self.empty.show_reason(why)

    def _show_machines(self) -> None:
        exposure = self._view.exposure if self._view else None
        machines, own = self._view.machines if self._view else (), self.context.state.scan.machine
        self.machine.show_machines(machines, own, exposure.machine.id if exposure else "")

    # ---- the scan

    @property
    def _is_own(self) -> bool:
        """Whether the machine that is shown is this PC."""
        exposure = self._view.exposure if self._view else None
        return exposure is not None and exposure.machine.id == self.context.state.scan.machine

    def _show_scan(self, state: AppState) -> None:
        scan = state.scan
        self.scan.setVisible(not scan.unavailable and state.settings.scan_installed)
        self.scan.setEnabled(not scan.is_scanning)
        self.scan.setText(self.tr("Scanning…") if scan.is_scanning else self.tr("Scan now"))
        skipped = sum(scan.skip_counts.values()) if self._is_own else 0
        self.show_skipped.setVisible(bool(skipped))
        self.show_skipped.setText(self.tr("%Ln skipped", "", skipped))
        if not skipped:
            self.show_skipped.setChecked(False)
        elif (text := skipped_lines(dict(scan.skip_counts), scan.skipped)) != self.skipped.toPlainText():
            self.skipped.setPlainText(text)
        self._show_when()

    def _show_when(self) -> None:
        exposure = self._view.exposure if self._view else None
        scanned_at = self._scanned_at(self.context.state.scan)
        if exposure is None or scanned_at is None:
            self._scanned.setText("")
            return
        when = happened(scanned_at, utc_now())
        text = self.tr("Scanned {0}").format(when) if self._is_own else self.tr("List of {0}").format(day(scanned_at))
        if text != self._scanned.text():
            self._scanned.setText(text)

    def _scanned_at(self, scan: ScanStatus) -> datetime | None:
        exposure = self._view.exposure if self._view else None
        if self._is_own and scan.scanned_at is not None:
            return scan.scanned_at
        return exposure.machine.last_seen_at if exposure else None

    def _show_problem(self) -> None:
        """The first of: what was refused, a scan that failed, a list that is old."""
        state = self.context.state
        refused = self._refused or (None if state.api_unavailable else self._unread)
        self.banner.update_problem(refused or state.scan.problem or self._old_list(state.scan))

    def _old_list(self, scan: ScanStatus) -> Problem | None:
        exposure, scanned_at = self._view.exposure if self._view else None, self._scanned_at(scan)
        if exposure is None or scanned_at is None:
            return None
        if not self._is_own:
            return gone(exposure.machine)
        return None if scan.is_scanning else old_list(scanned_at, utc_now())

    # ---- what the user does

    def _act_on_empty(self) -> None:
        state = self.context.state
        if state.scan.unavailable:
            self.importer.choose()
        elif not state.settings.scan_installed:
            self.context.open(PageName.SETTINGS, _SETTINGS_KEY)
        else:
            self.context.actions.scan_now()

    def _choose_machine(self, index: int) -> None:
        self._wanted = self.machine.itemData(index)
        self.refresh()

    def _choose_program(self, program: ProgramExposure | None) -> None:
        exposure = self._view.exposure if self._view else None
        self.pane.show_program(program, exposure.machine.id if exposure else "")

    def _done(self, words: str, take_back: Callable[[], None] | None) -> None:
        self._refuse(None)
        self.undo.show_done(words, take_back)
        self.refresh()

    def _import_began(self) -> None:
        self._refuse(None)
        self.import_file.setEnabled(False)

    def _imported(self, imported: Imported) -> None:
        self._wanted = imported.machine
        self.import_file.setEnabled(True)
        self.undo.show_done(self.importer.words(imported))
        self.refresh()

    def _import_failed(self, problem: Problem) -> None:
        self.import_file.setEnabled(True)
        self._refuse(problem)

    def _connect(self) -> None:
        self.scan.clicked.connect(lambda: self.context.actions.scan_now())
        self.import_file.clicked.connect(self.importer.choose)
        self.importer.began.connect(self._import_began)
        self.importer.done.connect(self._imported)
        self.importer.failed.connect(self._import_failed)
        self.machine.activated.connect(self._choose_machine)
        self.list.chosen.connect(self._choose_program)
        for decisions in (self.triage, self.products):
            decisions.done.connect(self._done)
            decisions.failed.connect(self._refuse)
        self.pane.failed.connect(self._failed)
        self.empty.acted.connect(self._act_on_empty)
        self._again.timeout.connect(lambda: self.refresh() if self.isVisible() else None)
        VisibleTicker(self, self._show_when)

    def _lay_out_page(self) -> None:
        self.body.setSpacing(Space.S)
        self._split = QSplitter()
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(Space.M)
        for place, part in enumerate((self.list, self.pane)):
            self._split.addWidget(part)
            self._split.setStretchFactor(place, 1)
        self._split.splitterMoved.connect(lambda: self.memory.save(self._sizes_key, self._split.saveState()))
        full = QWidget()
        self._stack = QStackedLayout(full)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._split)
        foot = QHBoxLayout()
        foot.addWidget(self._coverage, 1)
        foot.addWidget(self.show_skipped)
        foot.addWidget(self._scanned)
        self._coverage.setWordWrap(True)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.undo)
        self.body.addWidget(full, 1)
        self.body.addLayout(foot)
        self.body.addWidget(self.skipped)
