"""The findings of the doctor: a card for each problem with its remedy, then one list of the passed checks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.problems import Problem
from desktop.ui.sentences import said
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.looks import ok_look
from desktop.ui.widgets.problem_texts import (
    problem_hint,
    problem_message,
    problem_title,
    remedy_words,
    weight_look,
)
from desktop.ui.widgets.text import Muted, Plain


def worst_first(diagnosis: Diagnosis) -> Sequence[Problem]:
    found = [finding.problem for finding in diagnosis.findings]
    return sorted((finding for finding in found if finding), key=lambda finding: finding.weight, reverse=True)


class FindingCard(Card):
    """A problem."""

    acted = Signal(object)
    """The Problem whose button was pressed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem
        self.setAccessibleName(f"{weight_look(problem.weight).word}: {problem_title(problem)}")
        self.button: QPushButton | None = None
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addLayout(self._head())
        for label in (Plain(problem_message(problem)), Muted(problem_hint(problem))):
            label.setWordWrap(True)
            label.setVisible(bool(label.text()))
            words.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addLayout(words, 1)
        if problem.remedies:
            self.button = QPushButton(remedy_words(problem.remedies[0]))
            self.button.clicked.connect(lambda: self.acted.emit(problem))
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)

    def _head(self) -> QHBoxLayout:
        title = Plain(problem_title(self.problem), Size.NORMAL, bold=True)
        title.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(Badge(weight_look(self.problem.weight)))
        head.addWidget(title, 1)
        return head


class WellCard(Card):
    """All checks without a problem."""

    def __init__(self, findings: Sequence[CheckResult]) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Passed checks"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        for row, finding in enumerate(findings):
            grid.addWidget(Badge(ok_look()), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_texts_of(finding), row, 1)
        self.body.addLayout(grid)


class Findings(QWidget):
    acted = Signal(object)
    """The Problem whose button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[FindingCard] = []
        self._shown: Diagnosis | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        if diagnosis == self._shown:
            return
        self._shown = diagnosis
        while (item := self._column.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        self.cards = [FindingCard(problem) for problem in worst_first(diagnosis)]
        for card in self.cards:
            card.acted.connect(self.acted)
            self._column.addWidget(card)
        if well := [finding for finding in diagnosis.findings if finding.state is CheckState.OK]:
            self._column.addWidget(WellCard(well))


def _texts_of(finding: CheckResult) -> QWidget:
    words = QWidget()
    column = QVBoxLayout(words)
    column.setContentsMargins(0, 2, 0, 0)
    column.setSpacing(0)
    for label in (Plain(said(finding.title)), Muted(said(finding.message))):
        label.setWordWrap(True)
        label.setVisible(bool(label.text()))
        column.addWidget(label)
    return words
