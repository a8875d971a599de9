"""The pane of one program: its product, what to update to, its vulnerabilities, and what to do about each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from backend.contract.exposure import FindingPage, FindingState
from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import number, one_line
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.this_pc.finding_history import FindingHistory
from desktop.ui.pages.this_pc.findings import FindingTable, finding_words
from desktop.ui.pages.this_pc.ignoring import IgnoreForm
from desktop.ui.pages.this_pc.product_choice import ProductChoice
from desktop.ui.pages.this_pc.product_decisions import ProductDecisions
from desktop.ui.pages.this_pc.program_facts import ProgramFacts
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.buttons import row_action
from desktop.ui.widgets.finding_decisions import FindingDecisions, FindingSource
from desktop.ui.widgets.layout import Card, FlowLayout, Scroll
from desktop.ui.widgets.text import Muted, Plain

MOST_FINDINGS = 500
"""Of one program that are listed, the exploited ones first."""

_NO_FINDINGS = FindingPage(items=(), total=0, page=1, page_size=1, total_pages=0)
_LEAST = 320  # logical pixels


class ProgramPane(Card):
    """Hidden while no program is selected."""

    failed = Signal(object)
    """A Problem."""

    def __init__(
        self, context: PageContext, memory: Memory, triage: FindingDecisions, products: ProductDecisions
    ) -> None:
        super().__init__()
        self._context, self._triage, self._products = context, triage, products
        self._program: ProgramExposure | None = None
        self._shown: tuple[str, int] | None = None  # machine and program: equal entries of two machines are one program
        self.facts, self.choice, self.table = ProgramFacts(), ProductChoice(context), FindingTable(memory)
        self.title, self.reason, self.todo, self._more = Plain("", bold=True), Plain(), Muted(), Muted()
        self.ignoring, self.history = IgnoreForm(), FindingHistory(context)
        self.acknowledge = self._action("check", self.tr("Acknowledge"), self._acknowledge, "E")
        self.ignore = self._action("eye-off-outline", self.tr("Ignore…"), self._open_ignoring, "I")
        self.reopen = self._action("restore", self.tr("Open again"), self._reopen, "O")
        self.record = self._action("open-in-app", self.tr("Show record"), self._show_record)
        self.table.set_row_actions([self.acknowledge, self.ignore, self.reopen, self.record])
        self._connect()
        self._lay_out()
        self.setMinimumWidth(_LEAST)
        self.setVisible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.table.make_room(event.size().height())

    def show_program(self, program: ProgramExposure | None, machine: str) -> None:
        """Show a program, and ask for its findings; those that are shown stay until the answer is there."""
        before, self._program = self._shown, program
        self._shown = (machine, program.id) if program else None
        self.setVisible(program is not None)
        if program is None or self._shown is None:
            return
        self.setAccessibleName(one_line(program.software.name))
        self.facts.show_program(program)
        has_findings = bool(program.affected or program.cannot_tell or program.ignored)
        if before != self._shown or not has_findings:
            self._show_page(self._shown, _NO_FINDINGS)
        if before != self._shown:
            self.choice.hide()
        if has_findings:
            self._load(self._shown)

    def _load(self, shown: tuple[str, int]) -> None:
        machine, program = shown
        filters: dict[str, str | int] = {"machine": machine, "program": program, "page_size": MOST_FINDINGS}
        self._context.ask(
            lambda client: client.findings(filters),
            lambda page: self._show_page(shown, page),
            self.failed.emit,
            owner=self,
        )

    def _show_page(self, shown: tuple[str, int], page: FindingPage) -> None:
        if shown != self._shown:
            return
        is_other = not {item.id for item in page.items} & {item.id for item in self.table.rows.records}
        self.table.setVisible(bool(page.items))
        self.table.show_findings(page.items, is_other_program=is_other)
        rest = page.total - len(page.items)
        self._more.setText(self.tr("and {0} more").format(number(rest)))
        self._more.setVisible(rest > 0)
        self._show_selected()

    def _show_selected(self) -> None:
        chosen = self.table.selected_findings
        first = chosen[0] if chosen else None
        for part in (self.title, self.reason, self.todo, self._buttons):
            part.setVisible(first is not None)
        states = {finding.state for finding in chosen}
        self.acknowledge.setEnabled(bool(states - {FindingState.ACKNOWLEDGED}))
        self.reopen.setEnabled(bool(states - {FindingState.OPEN}))
        self.ignore.setEnabled(bool(chosen))
        self.record.setEnabled(bool(chosen))
        if first is None:
            self.history.show_finding(None)
            self.ignoring.hide()
            return
        reason, todo = finding_words(first)
        named = one_line(f"{first.cve_id}: {first.title}" if first.title else first.cve_id)
        self.title.setText(named if len(chosen) == 1 else self.tr("%Ln selected", "", len(chosen)))
        self.reason.setText(reason)
        self.todo.setText(todo)
        self.reason.setVisible(bool(reason) and len(chosen) == 1)
        self.todo.setVisible(len(chosen) == 1)
        self.history.show_finding(first if len(chosen) == 1 else None)

    def _acknowledge(self) -> None:
        self._triage.acknowledge(self._selected())

    def _reopen(self) -> None:
        self._triage.reopen(self._selected())

    def _selected(self) -> FindingSource:
        findings = self.table.selected_findings
        return lambda _: findings

    def _show_record(self) -> None:
        if self.table.selected_findings:
            self._context.open(PageName.VULNERABILITIES, self.table.selected_findings[0].cve_id)

    def _choose_product(self) -> None:
        if self._program is not None:
            self.choice.open(self._program)
            self._reveal_later()

    def _open_ignoring(self) -> None:
        self.ignoring.open()
        self._reveal_later()

    def _reveal_later(self) -> None:
        QTimer.singleShot(0, self, self._reveal_form)  # once it is laid out

    def _reveal_form(self) -> None:
        """Scroll to the form that is open."""
        for form in (self.choice, self.ignoring):
            if form.isVisible():
                self._scroll.ensureWidgetVisible(form)

    def _action(self, icon_name: str, text: str, act: Callable[[], None], *keys: str) -> QAction:
        action = row_action(self.table, icon_name, text, *keys)
        action.triggered.connect(act)
        self.table.addAction(action)
        return action

    def _connect(self) -> None:
        self.table.selected.connect(self._show_selected)
        self.table.opened.connect(self._show_record)
        self.facts.choice_wanted.connect(self._choose_product)
        self.choice.decided.connect(self._products.decide)
        self.choice.failed.connect(self.failed)
        self.ignoring.saved.connect(lambda reason, until: self._triage.ignore(self._selected(), reason, until))

    def _lay_out(self) -> None:
        self._buttons = QWidget()
        flow = FlowLayout(self._buttons)
        for action in (self.acknowledge, self.ignore, self.reopen, self.record):
            flow.addWidget(_button(action))
        for label in (self.title, self.reason, self.todo):
            label.setWordWrap(True)
        self._scroll = Scroll()
        self._scroll.content.setSpacing(Space.S)
        for part in (
            self.facts,
            self.choice,
            self.table,
            self._more,
            self.title,
            self.reason,
            self.todo,
            self._buttons,
            self.ignoring,  # above what arrives later and would move it out of sight
            self.history,
        ):
            self._scroll.content.addWidget(part)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._reveal_later)  # what is above it has grown
        self.body.addWidget(self._scroll, 1)


def _button(action: QAction) -> QPushButton:
    """A button that mirrors an action of the table's menu."""
    button = QPushButton(action.icon(), action.text())
    button.setToolTip(action.toolTip())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
