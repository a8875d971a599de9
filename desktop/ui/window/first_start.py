"""The window of the very first start: one question, and nothing else.

The first start: where the data shall be kept is asked, and nothing else.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMainWindow, QPushButton, QRadioButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import StackKind
from desktop.stack.docker.survey import Survey
from desktop.ui.page_context import PageContext
from desktop.ui.theme.apply import sized
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import Card, Choice
from desktop.ui.widgets.stack_choice import DockerState, stack_meaning, stack_title
from desktop.ui.widgets.text import Muted, Plain

_WIDEST = 600


class FirstStartPage(QWidget):
    chosen = Signal(str)
    """A Stack."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self.embedded = QRadioButton(self.tr("{0} (recommended)").format(stack_title(StackKind.EMBEDDED)))
        self.docker = QRadioButton(stack_title(StackKind.DOCKER))
        self.start = QPushButton(self.tr("Start"))
        self._group, self._docker_state, self._remark = QButtonGroup(self), DockerState(context), Muted()
        self.embedded.setChecked(True)
        self.start.setDefault(True)
        self.start.setFont(sized(self.font(), Size.NORMAL, bold=True))
        self.start.clicked.connect(self._choose)
        self._docker_state.surveyed.connect(self._surveyed)
        self._group.addButton(self.embedded)
        self._group.addButton(self.docker)
        self._group.buttonClicked.connect(self._remind)
        self._well: bool | None = None
        self._fill()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._docker_state.look()
        self.start.setFocus()

    def offer_again(self) -> None:
        """The choice could not be kept. A button that is switched off loses the keyboard."""
        self.start.setEnabled(True)
        self.start.setFocus()

    @property
    def stack(self) -> StackKind:
        return StackKind.DOCKER if self.docker.isChecked() else StackKind.EMBEDDED

    def _choose(self) -> None:
        self.start.setEnabled(False)
        self.chosen.emit(self.stack)

    def _surveyed(self, survey: Survey) -> None:
        self._well = survey.problem is None
        self._remind()

    def _remind(self) -> None:
        """Docker may be chosen as it is: the program waits for it, and says so."""
        waits = self.docker.isChecked() and self._well is False
        self._remark.setText(self.tr("The program will wait until Docker can be used.") if waits else "")

    def _fill(self) -> None:
        content = QVBoxLayout()
        content.setSpacing(Space.M)
        sentence = Muted(self.tr("Where shall the known vulnerabilities be kept? It can be changed later on."))
        sentence.setWordWrap(True)
        content.addWidget(Plain(self.tr("Welcome to OpenThreat"), Size.TITLE, bold=True))
        content.addWidget(sentence)
        content.addSpacing(Space.S)
        content.addWidget(_choice(self.embedded, stack_meaning(StackKind.EMBEDDED)))
        content.addWidget(_choice(self.docker, stack_meaning(StackKind.DOCKER), self._docker_state))
        content.addSpacing(Space.S)
        last = QHBoxLayout()
        last.addWidget(self._remark, 1)
        last.addWidget(self.start)
        content.addLayout(last)
        then = Muted(self.tr("After that the first update begins by itself. It takes 10 to 30 minutes."))
        then.setWordWrap(True)
        content.addWidget(then)
        self._centre(content)

    def _centre(self, content: QVBoxLayout) -> None:
        column = QWidget()
        column.setLayout(content)
        column.setMaximumWidth(_WIDEST)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(column, 20)
        across.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        whole.addStretch(2)
        whole.addLayout(across)
        whole.addStretch(3)


def _choice(button: QRadioButton, meaning: str, *more: QWidget) -> Card:
    card, words = Card(), Muted(meaning)
    words.setWordWrap(True)
    card.body.addWidget(Choice(button, words, *more))
    return card


__all__ = ["FirstStartPage"]


_SIZE = (820, 620)


class FirstWindow(QMainWindow):
    closed = Signal()
    page_name = "first-start"

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.setWindowTitle("OpenThreat")
        self._context, self._banner = context, MendingBanner(context, Tone.BAD)
        self._page, whole = FirstStartPage(context), QWidget()
        self._page.chosen.connect(self._choose)
        column = QVBoxLayout(whole)
        column.addWidget(self._banner)
        column.addWidget(self._page, 1)
        self.setCentralWidget(whole)
        self.resize(*_SIZE)
        self._banner.tell_of(context.state.settings_problem)

    def raise_up(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    def has_tray(self, there: bool) -> None:
        """Nothing runs yet that could go on without it, so there is nothing to say."""

    def _choose(self, stack: str) -> None:
        settings = self._context.state.settings.model_copy(update={"stack": StackKind(stack)})
        self._context.work(
            lambda: self._context.actions.save_settings(settings), lambda _: None, self._refused, owner=self
        )

    def _refused(self, problem: Problem) -> None:
        self._banner.tell_of(problem)
        self._page.offer_again()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        super().closeEvent(event)
        self.closed.emit()
