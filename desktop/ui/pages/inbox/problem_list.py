"""The list of problems, each with a button that opens the page about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from desktop.state.app_state import AppState
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.problem_texts import age_words, problem_key, problem_page


class ProblemList(QWidget):
    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._lines: list[_Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.S)

    def show_problems(self, problems: Sequence[Problem], state: AppState) -> None:
        """Show problems. state: those of the API also say how old the data on the screen are."""
        age = age_words(state)
        while len(self._lines) < len(problems):
            line = _Line(self._context)
            self._lines.append(line)
            self._column.addWidget(line)
        for place, line in enumerate(self._lines):
            line.update_problem(problems[place] if place < len(problems) else None, age if place == 0 else "")
        self.setVisible(bool(problems))

    def buttons(self) -> list[QPushButton]:
        """Return the buttons that open pages, from top to bottom."""
        return [line.more for line in self._lines if not line.isHidden()]


class _Line(MendingBanner):
    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.more = QPushButton(self.tr("Show"))
        self.more.clicked.connect(self._open)
        self.add_button(self.more)

    def _open(self) -> None:
        if self._cause is not None:
            self._context.open(problem_page(self._cause), problem_key(self._cause))
