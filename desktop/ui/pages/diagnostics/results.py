"""The results of the doctor: a card for each problem with its remedy, then one list of the passed checks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.problems import Problem
from desktop.ui.sentences import translated
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
    found = [result.problem for result in diagnosis.findings]
    return sorted((result for result in found if result), key=lambda result: result.weight, reverse=True)


class CheckCard(Card):
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


class PassedCard(Card):
    """All checks without a problem."""

    def __init__(self, results: Sequence[CheckResult]) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Passed checks"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        for row, result in enumerate(results):
            grid.addWidget(Badge(ok_look()), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_texts_of(result), row, 1)
        self.body.addLayout(grid)


class CheckResults(QWidget):
    acted = Signal(object)
    """The Problem whose button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: list[CheckCard] = []
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
        self.cards = [CheckCard(problem) for problem in worst_first(diagnosis)]
        for card in self.cards:
            card.acted.connect(self.acted)
            self._column.addWidget(card)
        if well := [result for result in diagnosis.findings if result.state is CheckState.OK]:
            self._column.addWidget(PassedCard(well))


def _texts_of(result: CheckResult) -> QWidget:
    words = QWidget()
    column = QVBoxLayout(words)
    column.setContentsMargins(0, 2, 0, 0)
    column.setSpacing(0)
    for label in (Plain(translated(result.title)), Muted(translated(result.message))):
        label.setWordWrap(True)
        label.setVisible(bool(label.text()))
        column.addWidget(label)
    return words
