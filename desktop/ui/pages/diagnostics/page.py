"""Diagnostics: what the doctor found, with remedies, facts about the machine, and a report for support."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QStackedWidget, QWidget

from backend.contract.diagnosis import CheckState, Diagnosis
from backend.contract.problems import Problem
from desktop.diagnostics.machine import MachineFacts, this_machine
from desktop.problems.explained_diagnosis import explained
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.diagnostics.report import MachineCard, SavedNote, target_dialog
from desktop.ui.pages.diagnostics.results import CheckResults
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.banner import Banner, carry_out
from desktop.ui.widgets.layout import EmptyState, Scroll
from desktop.ui.widgets.progress_bar import ProgressBar


class DiagnosticsPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self._diagnosis: Diagnosis | None = None
        self._running = False
        self.save = self.add_action(self.tr("Save report…"))
        self.again = self.add_action(self.tr("Check again"), primary=True)
        self.banner, self.saved = Banner(Tone.BAD), SavedNote()
        self.results, self.machine = CheckResults(), MachineCard()
        self._waiting, self._busy, self._content = EmptyState(), ProgressBar(Space.XS), QStackedWidget()
        self.save.clicked.connect(self._ask_where)
        self.again.clicked.connect(self.refresh)
        self.results.acted.connect(self._mend)
        self._lay_out_body()

    def refresh(self) -> None:
        if self._running:
            return
        self._set_running(True)
        self.context.work(self.context.actions.diagnose, self._found, self._not_examined, owner=self)
        home = self.context.actions.home
        self.context.work(lambda: this_machine(home), self._machine_seen, self.banner.show_problem, owner=self)

    def save_to(self, target: Path) -> None:
        diagnosis = self._diagnosis
        self.save.setEnabled(False)
        self.context.work(
            lambda: self.context.actions.save_report(target, diagnosis),
            lambda _: self._saved(target),
            self._not_saved,
            owner=self,
        )

    def _found(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = explained(diagnosis, self.context.state)
        self._set_running(False)
        self.banner.show_problem(None)
        self.results.show_diagnosis(self._diagnosis)
        self._content.setCurrentIndex(1)

    def _machine_seen(self, machine: MachineFacts) -> None:
        self.machine.show_machine(machine)

    def _not_examined(self, problem: Problem) -> None:
        self._set_running(False)
        self.banner.show_problem(problem)
        if self._diagnosis is None:
            self._waiting.show_message("stethoscope", self.tr("No checks yet"), self.tr("Check again."))

    def _set_running(self, on: bool) -> None:
        self._running = on
        self.again.setEnabled(not on)
        self.again.setText(self.tr("Checking…") if on else self.tr("Check again"))
        policy = self._busy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._busy.setSizePolicy(policy)
        self._busy.setVisible(on)
        if on and self._diagnosis is None:
            sentence = self.tr(
                "Checks the settings, disk, database, services, sources and clock. This takes a few seconds."
            )
            self._waiting.show_message("stethoscope", self.tr("Checking everything…"), sentence)
        self.say(self.tr("Checking everything…") if on else self._answer_of(self._diagnosis))

    def _answer_of(self, diagnosis: Diagnosis | None) -> str:
        if diagnosis is None:
            return self.tr("The checks failed")
        states = [result.state for result in diagnosis.findings]
        problems, warnings = states.count(CheckState.PROBLEM), states.count(CheckState.WARNING)
        if not problems and not warnings:
            return self.tr("No problems found: %n check(s)", "", len(states))
        found = [self.tr("%n problem(s)", "", problems)] if problems else []
        found += [self.tr("%n warning(s)", "", warnings)] if warnings else []
        return self.tr("Found: {0}").format(", ".join(found))

    def _mend(self, problem: Problem) -> None:
        carry_out(problem.remedies[0], problem, self.context, self.banner.show_problem, owner=self)

    def _ask_where(self) -> None:
        dialog = target_dialog(self, self.tr("Save report"))
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.show()

    def _saved(self, target: Path) -> None:
        self.save.setEnabled(True)
        self.saved.show_saved(target)

    def _not_saved(self, problem: Problem) -> None:
        self.save.setEnabled(True)
        self.saved.setVisible(False)
        self.banner.show_problem(problem)

    def _lay_out_body(self) -> None:
        self._busy.setAccessibleName(self.tr("Checks"))
        page = Scroll()
        page.content.addWidget(self.results)
        page.content.addWidget(self.machine)
        for widget in (self._waiting, page):
            self._content.addWidget(widget)
        self.body.setSpacing(Space.S)
        rows: tuple[QWidget, ...] = (self._busy, self.banner, self.saved)
        for row in rows:
            self.body.addWidget(row)
        self.body.addWidget(self._content, 1)
