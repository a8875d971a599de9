"""The window of the first start: lets the user choose the database, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMainWindow, QPushButton, QRadioButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import StackKind
from desktop.stack.docker.detection import DockerDetection
from desktop.ui.formatting import number
from desktop.ui.page_context import PageContext
from desktop.ui.theme.apply import sized
from desktop.ui.theme.tokens import Size, Space, Tone
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import Card, Option
from desktop.ui.widgets.stack_choice import DockerStatus, stack_meaning, stack_place, stack_title
from desktop.ui.widgets.text import Muted, Plain
from desktop.ui.window.geometry import set_scrolling_content

_MAX_WIDTH = 600
_ON_DISK = {StackKind.EMBEDDED: 0.9, StackKind.DOCKER: 1.6}
"""GB of 380,000 records, at 2.3 and 4 KB each (ARCHITECTURE.md, "Speed")."""
_FIRST_DOWNLOAD = 0.8
"""GB: NVD's yearly files 225 MB, MITRE's archive about 500 MB, EUVD's lists 12 MB, and small ones."""


class FirstStartPage(QWidget):
    chosen = Signal(str)
    """The StackKind."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self.embedded = QRadioButton(self.tr("{0} (recommended)").format(stack_title(StackKind.EMBEDDED)))
        self.docker = QRadioButton(stack_title(StackKind.DOCKER))
        self.start = QPushButton(self.tr("Start"))
        self._group, self._docker_status, self._remark = QButtonGroup(self), DockerStatus(context), Muted()
        self.embedded.setChecked(True)
        self.start.setDefault(True)
        self.start.setFont(sized(self.font(), Size.NORMAL, bold=True))
        self.start.clicked.connect(self._choose)
        self._docker_status.surveyed.connect(self._surveyed)
        self._group.addButton(self.embedded)
        self._group.addButton(self.docker)
        self._group.buttonClicked.connect(self._show_remark)
        self._docker_usable: bool | None = None  # None: not known yet
        self._next_step = Muted()
        self._lay_out()
        self._show_remark()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._docker_status.check()
        self.start.setFocus()

    def offer_again(self) -> None:
        """Offer the choice again after it could not be saved; a disabled button has lost the focus."""
        self.start.setEnabled(True)
        self.start.setFocus()

    @property
    def stack(self) -> StackKind:
        return StackKind.DOCKER if self.docker.isChecked() else StackKind.EMBEDDED

    def _choose(self) -> None:
        self.start.setEnabled(False)
        self.chosen.emit(self.stack)

    def _surveyed(self, survey: DockerDetection) -> None:
        self._docker_usable = survey.problem is None
        self._show_remark()

    def _show_remark(self) -> None:
        """Docker can be chosen before it is available; the program then waits for it."""
        waits = self.docker.isChecked() and self._docker_usable is False
        self._remark.setText(self.tr("OpenThreat will wait until Docker is available.") if waits else "")
        self._next_step.setText(self._what_comes_next())

    def _what_comes_next(self) -> str:
        place = stack_place(self.stack, self._context.actions.home)
        kept = self.tr("The data are stored {0} and take about {1} GB.").format(place, number(_ON_DISK[self.stack], 1))
        first = self.tr(
            "The first update then starts by itself and downloads about {0} GB. What is being exploited is there within"
            " a minute, the newest years follow, and all is there after 10 to 30 minutes. Later updates are small."
        ).format(number(_FIRST_DOWNLOAD, 1))
        return f"{kept} {first}"

    def _lay_out(self) -> None:
        content = QVBoxLayout()
        content.setSpacing(Space.M)
        sentence = Muted(self.tr("Where should OpenThreat store its data? You can change this later in Settings."))
        sentence.setWordWrap(True)
        content.addWidget(Plain(self.tr("Welcome to OpenThreat"), Size.TITLE, bold=True))
        content.addWidget(sentence)
        content.addSpacing(Space.S)
        content.addWidget(_option_card(self.embedded, stack_meaning(StackKind.EMBEDDED)))
        content.addWidget(_option_card(self.docker, stack_meaning(StackKind.DOCKER), self._docker_status))
        content.addSpacing(Space.S)
        buttons = QHBoxLayout()
        buttons.addWidget(self._remark, 1)
        buttons.addWidget(self.start)
        content.addLayout(buttons)
        self._next_step.setWordWrap(True)
        content.addWidget(self._next_step)
        self._centre(content)

    def _centre(self, content: QVBoxLayout) -> None:
        column = QWidget()
        column.setLayout(content)
        column.setMaximumWidth(_MAX_WIDTH)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(column, 20)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        whole.addStretch(2)
        whole.addLayout(row)
        whole.addStretch(3)


def _option_card(button: QRadioButton, meaning: str, *more: QWidget) -> Card:
    card, words = Card(), Muted(meaning)
    words.setWordWrap(True)
    card.body.addWidget(Option(button, words, *more))
    return card


_SIZE, _LEAST = QSize(820, 620), QSize(560, 480)


class FirstWindow(QMainWindow):
    closed = Signal()
    page_name = "first-start"

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.setWindowTitle("OpenThreat")
        self._context = context
        self._fill()
        self.resize(_SIZE)

    def make_anew(self) -> None:
        """Show all in the language that applies now."""
        docker = self._page.docker.isChecked()
        self.unsetLocale()
        self._fill()
        self._page.docker.setChecked(docker)

    def _fill(self) -> None:
        self._banner, self._page = MendingBanner(self._context, Tone.BAD), FirstStartPage(self._context)
        self._page.chosen.connect(self._choose)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.addWidget(self._banner)
        column.addWidget(self._page, 1)
        set_scrolling_content(self, whole, _LEAST)
        self._banner.update_problem(self._context.state.settings_problem)

    def raise_up(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()

    def has_tray(self, there: bool) -> None:
        """Do nothing: without services, closing the window may end the program."""

    def _choose(self, stack: str) -> None:
        settings = self._context.state.settings.model_copy(update={"stack": StackKind(stack)})
        self._context.work(
            lambda: self._context.actions.save_settings(settings), lambda _: None, self._refused, owner=self
        )

    def _refused(self, problem: Problem) -> None:
        self._banner.update_problem(problem)
        self._page.offer_again()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        super().closeEvent(event)
        self.closed.emit()
