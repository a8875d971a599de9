"""What there is of Docker on this machine: looked at in the background, with its remedy where it has one.

The stacks in words for people.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem, Remedy
from backend.contract.settings import StackKind
from desktop.stack.docker.survey import Survey
from desktop.ui.formatting import one_line, plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.problem_texts import problem_hint, problem_message, problem_title, remedy_words
from desktop.ui.widgets.text import Muted


class DockerState(QWidget):
    """Only what helps before Docker is chosen is offered: starting it, and looking again."""

    surveyed = Signal(object)
    """The Survey."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._asked = False
        self._badge, self._words = Badge(_looking()), Muted()
        self._words.setWordWrap(True)
        self.again = QPushButton(self.tr("Look again"))
        self.start = QPushButton(remedy_words(Remedy.START_DOCKER))
        self.again.clicked.connect(self.look)
        self.start.clicked.connect(self._start_docker)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        for widget in (self._badge, self.start, self.again):
            head.addWidget(widget)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(head)
        column.addWidget(self._words)
        self.start.setVisible(False)
        self._words.setVisible(False)

    def look(self) -> None:
        if self._asked:
            return
        self._asked = True
        self.again.setEnabled(False)
        self._context.work(self._context.actions.survey_docker, self._tell, self._not_told, owner=self)

    def _tell(self, survey: Survey) -> None:
        self._show(survey.problem, _ready(survey.version))
        self.surveyed.emit(survey)

    def _not_told(self, problem: Problem) -> None:
        self._show(problem, _looking())

    def _show(self, problem: Problem | None, well: Look) -> None:
        self._asked = False
        self.again.setEnabled(True)
        self._badge.show_look(Look("alert", one_line(problem_title(problem), 80), Tone.NOTICE) if problem else well)
        words = " ".join(filter(None, (problem_message(problem), problem_hint(problem)))) if problem else ""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.start.setVisible(bool(problem and Remedy.START_DOCKER in problem.remedies))

    def _start_docker(self) -> None:
        self._asked = True
        self.start.setVisible(False)
        self.again.setEnabled(False)

        def started(_: None) -> None:
            self._asked = False
            self.look()

        self._context.work(
            lambda: self._context.actions.remedy(Remedy.START_DOCKER), started, self._not_told, owner=self
        )


def _looking() -> Look:
    return Look("progress-clock", translate("docker", "Looking for Docker"), Tone.NEUTRAL)


def _ready(version: str) -> Look:
    found = translate("docker", "Docker {0} is running").format(one_line(version, 30))
    return Look("check-circle", found if version else translate("docker", "Docker is running"), Tone.GOOD)


def stack_title(stack: StackKind) -> str:
    return {
        StackKind.EMBEDDED: translate("stack", "Built in"),
        StackKind.DOCKER: translate("stack", "Docker"),
        StackKind.EXTERNAL: translate("stack", "Servers of your own"),
    }[stack]


def stack_meaning(stack: StackKind) -> str:
    return {
        StackKind.EMBEDDED: translate(
            "stack",
            "Everything is kept in files of the data folder. Needs nothing else; right for one computer.",
        ),
        StackKind.DOCKER: translate(
            "stack", "PostgreSQL and Redis in containers that the program starts and stops. Needs Docker."
        ),
        StackKind.EXTERNAL: translate(
            "stack",
            "PostgreSQL and Redis that a team runs. Set DATABASE_URL and REDIS_URL in the environment, or in the file "
            ".env of the data folder.",
        ),
    }[stack]


def stack_place(stack: StackKind, home: Path) -> str:
    """Where its data are, to follow "stay"."""
    return {
        StackKind.EMBEDDED: translate("stack", "in {0}").format(plain(str(home))),
        StackKind.DOCKER: translate("stack", "in Docker's volumes"),
        StackKind.EXTERNAL: translate("stack", "on your servers"),
    }[stack]
