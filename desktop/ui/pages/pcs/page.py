"""PCs: who has what, the worst first, by machine and by program."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QStackedLayout, QToolButton, QWidget

from backend.contract.exposure import Machine, MachineList
from backend.contract.names import TaskName
from backend.contract.problems import Problem
from backend.contract.team import CommonProgram
from desktop.state.app_state import AppState
from desktop.ui.page import Page
from desktop.ui.page_context import MACHINE, Memory, PageContext, PageName
from desktop.ui.pages.pcs.lists import MachinesPair, ProgramsPair
from desktop.ui.pages.pcs.words import headline
from desktop.ui.theme.apply import text_width
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState

_RETRY_MS, _SEARCH_MS = 4_000, 250
_SEARCH_CHARACTERS = 22
_EMPTY, _MACHINES, _PROGRAMS = range(3)
"""Places in the stack."""


class PcsPage(Page):
    """Asks again when it is shown and whenever another answer may be due."""

    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._machines: tuple[Machine, ...] | None = None
        self._changes = _changes(context.state)
        self.by_machine, self.by_program = MachinesPair(memory), ProgramsPair(memory)
        self.show_machines, self.show_programs = self._choice(self.tr("By PC")), self._choice(self.tr("By program"))
        self.banner, self.empty = MendingBanner(context), EmptyState()
        self._again = QTimer(self, interval=_RETRY_MS, singleShot=True)
        self._typed = QTimer(self, interval=_SEARCH_MS, singleShot=True)
        self._lay_out_page()
        self._connect()
        self.show_machines.setChecked(True)
        self._show_lists()

    def show_state(self, state: AppState) -> None:
        if state.stack is not self._changes[0]:
            self._machines = None
        if (found := _changes(state)) != self._changes:
            self._changes = found
            self.refresh()
        if state.api_unavailable:
            self.banner.update_problem(None)

    def refresh(self) -> None:
        self.context.ask(lambda client: client.machines(), self._take, self._failed, owner=self)
        self._refresh_programs()

    def main_control(self) -> QWidget | None:
        return self.by_program.left if self.show_programs.isChecked() else self.by_machine.left

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        for pair in (self.by_machine, self.by_program):
            pair.arrange(event.size().width())

    # ---- what the API answers

    def _refresh_programs(self) -> None:
        words = self.search_field.text() if self.search_field is not None else ""
        self.context.ask(
            lambda client: client.common_programs(words), self.by_program.show_programs, self._failed, owner=self
        )

    def _take(self, found: MachineList) -> None:
        self._machines = found.items
        self.banner.update_problem(None)
        self._show_lists()
        if (machine := self.by_machine.machine) is not None:
            self._read_machine(machine)
        if (program := self.by_program.program) is not None:
            self._read_program(program)

    def _read_machine(self, machine: Machine) -> None:
        self.context.ask(
            lambda client: client.machine_exposure(machine.id),
            self.by_machine.show_programs,
            self._failed,
            owner=self,
        )

    def _read_program(self, program: CommonProgram) -> None:
        self.context.ask(
            lambda client: client.program_machines(program.id),
            lambda found: self.by_program.show_machines(program, found),
            self._failed,
            owner=self,
        )

    def _failed(self, problem: Problem) -> None:
        self.banner.update_problem(None if self.context.state.api_unavailable else problem)
        if self._machines is None:
            self._show_lists()
        self._again.start()

    def _show_lists(self) -> None:
        machines = self._machines
        if not machines:
            self._say_empty()
            self._stack.setCurrentIndex(_EMPTY)
            return
        self.say(headline(machines))
        self.by_machine.show_machines(machines, self.context.state.scan.machine)
        self._turn()
        self.offer_focus()

    def _say_empty(self) -> None:
        self.say("")
        if self._machines is None:
            self.empty.show_message("monitor-multiple", self.tr("Loading the list of PCs…"))
            return
        sentence = self.tr("PCs that share this database are listed once they have sent what is installed on them.")
        self.empty.show_message("monitor-multiple", self.tr("No PC has sent its programs yet"), sentence)

    # ---- what the user does

    def _turn(self) -> None:
        is_by_program = self.show_programs.isChecked()
        if self._machines:
            self._stack.setCurrentIndex(_PROGRAMS if is_by_program else _MACHINES)

    def _choice(self, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _connect(self) -> None:
        choices = QButtonGroup(self)
        for button in (self.show_machines, self.show_programs):
            choices.addButton(button)
            button.toggled.connect(lambda on: self._turn() if on else None)
        self.by_machine.chosen.connect(self._read_machine)
        self.by_program.chosen.connect(self._read_program)
        for pair in (self.by_machine, self.by_program):
            pair.machine_opened.connect(lambda machine: self.context.open(PageName.THIS_PC, MACHINE + machine))
        self._again.timeout.connect(lambda: self.refresh() if self.isVisible() else None)
        self._typed.timeout.connect(self._refresh_programs)

    def _lay_out_page(self) -> None:
        field = QLineEdit()
        field.setPlaceholderText(self.tr("Find a program"))
        field.setAccessibleName(self.tr("Find a program"))
        field.setClearButtonEnabled(True)
        field.setMinimumWidth(text_width(field.font(), _SEARCH_CHARACTERS))
        field.textChanged.connect(lambda: self._typed.start())
        field.textEdited.connect(lambda: self.show_programs.setChecked(True))
        self.search_field = field
        for control in (field, self.show_machines, self.show_programs):
            self.add_control(control)
        full = QWidget()
        self._stack = QStackedLayout(full)
        for part in (self.empty, self.by_machine, self.by_program):
            self._stack.addWidget(part)
        self.body.addWidget(self.banner)
        self.body.addWidget(full, 1)


def _changes(state: AppState) -> tuple[object, ...]:
    """What differs once the answer may be another one: a machine, a step of a matching run, an update."""
    snapshot = state.snapshot
    runs = snapshot.runs if snapshot else ()
    matching = tuple((run.task_id, run.status) for run in runs if run.name == TaskName.MATCH)
    updated = snapshot.stats.last_update if snapshot and snapshot.stats else None
    return state.stack, snapshot.machines if snapshot else 0, matching, updated, state.api_unavailable
