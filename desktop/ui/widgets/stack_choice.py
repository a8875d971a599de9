"""The choice of a stack: names and descriptions, and whether Docker can be used on this machine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from backend.contract.problem_catalogue import Remedy
from backend.contract.problems import Problem
from backend.contract.settings import StackKind
from desktop.stack.docker.detection import DockerDetection
from desktop.ui.formatting import one_line, plain, translate
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.problem_texts import problem_hint, problem_message, problem_title, remedy_words
from desktop.ui.widgets.text import Muted


class DockerStatus(QWidget):
    """Checks Docker in the background; offers to start it and to check again."""

    surveyed = Signal(object)
    """The DockerDetection."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._checking = False
        self._badge, self._words = Badge(_checking_look()), Muted()
        self._words.setWordWrap(True)
        self.again = QPushButton(self.tr("Check again"))
        self.start = QPushButton(remedy_words(Remedy.START_DOCKER))
        self.again.clicked.connect(self.check)
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

    def check(self) -> None:
        if self._checking:
            return
        self._checking = True
        self.again.setEnabled(False)
        self._context.work(self._context.actions.detect_docker, self._show_survey, self._failed, owner=self)

    def _show_survey(self, survey: DockerDetection) -> None:
        self._show(survey.problem, _ready_look(survey.version))
        self.surveyed.emit(survey)

    def _failed(self, problem: Problem) -> None:
        self._show(problem, _checking_look())

    def _show(self, problem: Problem | None, ready: Look) -> None:
        self._checking = False
        self.again.setEnabled(True)
        self._badge.show_look(Look("alert", one_line(problem_title(problem), 80), Tone.NOTICE) if problem else ready)
        words = " ".join(filter(None, (problem_message(problem), problem_hint(problem)))) if problem else ""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.start.setVisible(bool(problem and Remedy.START_DOCKER in problem.remedies))

    def _start_docker(self) -> None:
        self._checking = True
        self.start.setVisible(False)
        self.again.setEnabled(False)

        def started(_: None) -> None:
            self._checking = False
            self.check()

        self._context.work(lambda: self._context.actions.remedy(Remedy.START_DOCKER), started, self._failed, owner=self)


def _checking_look() -> Look:
    return Look("progress-clock", translate("docker", "Checking for Docker"), Tone.NEUTRAL)


def _ready_look(version: str) -> Look:
    found = translate("docker", "Docker {0} is running").format(one_line(version, 30))
    return Look("check-circle", found if version else translate("docker", "Docker is running"), Tone.GOOD)


def stack_title(stack: StackKind) -> str:
    return {
        StackKind.EMBEDDED: translate("stack", "Built-in database"),
        StackKind.DOCKER: translate("stack", "Docker"),
        StackKind.EXTERNAL: translate("stack", "Your own servers"),
    }[stack]


def stack_meaning(stack: StackKind) -> str:
    return {
        StackKind.EMBEDDED: translate(
            "stack",
            "Stores everything in files in the data folder. Needs no other software. Best for a single PC.",
        ),
        StackKind.DOCKER: translate(
            "stack", "PostgreSQL and Redis in containers that OpenThreat starts and stops. Requires Docker."
        ),
        StackKind.EXTERNAL: translate(
            "stack",
            "PostgreSQL and Redis run by your team. Set DATABASE_URL and REDIS_URL in the environment or in the file "
            ".env in the data folder.",
        ),
    }[stack]


def stack_place(stack: StackKind, home: Path) -> str:
    """Give the place of a stack's data; follows "stay" in a sentence."""
    return {
        StackKind.EMBEDDED: translate("stack", "in {0}").format(plain(str(home))),
        StackKind.DOCKER: translate("stack", "in Docker volumes"),
        StackKind.EXTERNAL: translate("stack", "on your servers"),
    }[stack]
