"""The frame of every page: its title, the answer to its question in one line, one primary action, the content."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from desktop.state.app_state import AppState
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.theme.apply import sized
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.text import Muted


class Page(QWidget):
    """Subclasses fill `body` and override what they need. A hidden page is told nothing until it comes up."""

    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__()
        self.context, self.memory = context, memory
        self.search_field: QLineEdit | None = None  # where Ctrl+F goes
        self._title, self._answer = QLabel(title), Muted("")
        self._answer.setWordWrap(True)
        self.setAccessibleName(title)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(Space.S)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.L)
        self._lay_out()
        context.changed.connect(self._state_changed)

    def say(self, answer: str) -> None:
        """The page's question, answered in its first line."""
        self._answer.setText(answer)

    def add_action(self, text: str, *, primary: bool = False) -> QPushButton:
        """Right of the title; the primary one stands last, and is the default look of its kind everywhere."""
        button = QPushButton(text)
        if primary:
            button.setDefault(True)
            button.setFont(sized(self.font(), Size.NORMAL, bold=True))
        self._actions.addWidget(button)
        return button

    def show_state(self, state: AppState) -> None:
        """What there is to show has changed, or the page came up."""

    def tells(self, found: Problem) -> bool:  # noqa: ARG002 - for pages that do
        """Whether the problem stands on the page itself, so that it is not said above it once more."""
        return False

    def open_item(self, key: str) -> None:
        """Shows one item of the page: a run, a vulnerability, a service's log."""

    def refresh(self) -> None:
        """F5, and whenever the page comes up: asks anew for what no view brings."""

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.show_state(self.context.state)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size_title(self.font())

    def _state_changed(self, state: AppState) -> None:
        if self.isVisible():
            self.show_state(state)

    def _size_title(self, font: QFont) -> None:
        self._title.setFont(sized(font, Size.TITLE, bold=True))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._answer)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addLayout(words, 1)
        head.addLayout(self._actions)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        whole.setSpacing(Space.L)
        whole.addLayout(head)
        whole.addLayout(self.body, 1)
        self._size_title(self.font())


PageMaker = Callable[[PageContext, Memory, str], Page]
"""Makes a page with the title that the navigation gives it."""
