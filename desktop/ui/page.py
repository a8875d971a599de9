"""Base class of all pages: title, one line that sums up the page, one primary action, content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from desktop.state.app_state import AppState
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.theme.apply import sized
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.text import Muted


class Page(QWidget):
    """Subclasses fill `body` and override what they need. A hidden page gets no state until it is shown."""

    item_shown = Signal(str)
    """The key of the item that the page shows from now on, where the navigation has an entry for it; else empty."""

    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__()
        self.context, self.memory = context, memory
        self.search_field: QLineEdit | None = None  # where Ctrl+F goes
        self._awaits_focus = False
        self._focus_before: QWidget | None = None  # when it began to be awaited
        self._title, self._summary = QLabel(title), Muted("")
        self._summary.setWordWrap(True)
        self.setAccessibleName(title)
        self._whole, self._actions = QVBoxLayout(self), QHBoxLayout()
        self._actions.setSpacing(Space.S)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.L)
        self._lay_out()
        context.changed.connect(self._state_changed)

    def say(self, sentence: str) -> None:
        """Show a sentence below the title."""
        self._summary.setText(sentence)

    def hide_title(self) -> None:
        """Leave the title to the tab above the page."""
        self._title.hide()
        self._whole.setContentsMargins(Space.XL, Space.S, Space.XL, Space.L)

    def add_action(self, text: str, *, primary: bool = False) -> QPushButton:
        """Add a button to the right of the title; the primary one comes last and is the window's default button."""
        button = QPushButton(text)
        if primary:
            button.setDefault(True)
            button.setFont(sized(self.font(), Size.NORMAL, bold=True))
        self._actions.addWidget(button)
        return button

    def add_control(self, control: QWidget) -> None:
        """Add a control to the left of the buttons, such as a choice of what the page shows."""
        self._actions.addWidget(control)

    @property
    def shown_item(self) -> str:
        """The key of the item that the page shows, where the navigation has an entry for it; else empty."""
        return ""

    def show_state(self, state: AppState) -> None:
        """Show the state; called when it has changed and when the page is shown."""

    def shows_problem(self, problem: Problem) -> bool:  # noqa: ARG002 - for pages that do
        """Return whether the page itself shows the problem, so that the window's banner does not."""
        return False

    def open_item(self, key: str) -> None:
        """Show one item of the page, such as a run, a vulnerability or the log of a service."""

    def focus_item(self) -> None:
        """Lead the keyboard to what a link has opened; by default the focus stays."""

    def take_over(self, former: Self) -> None:
        """Show what the former page showed, which this one replaces in another language, if no `memory` tells it."""

    def main_control(self) -> QWidget | None:
        """Return what the keys of the page are for, such as its list; None if there is nothing like that."""
        return None

    def take_focus(self) -> None:
        """Give the focus to the main control, since the page was chosen by key; where it is hidden, once it is not."""
        self._awaits_focus, self._focus_before = True, self.window().focusWidget()
        self.offer_focus()

    def offer_focus(self) -> None:
        """Give the focus to the main control if it is awaited there. Subclasses call it when they show the control."""
        control = self.main_control()
        if not self._awaits_focus or control is None or not control.isVisible():
            return
        self._awaits_focus = False
        if self.window().focusWidget() is self._focus_before:  # else the user has gone on meanwhile
            control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self) -> None:
        """Request again what the state does not hold; called by F5 and when the page is shown."""

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.show_state(self.context.state)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._awaits_focus = False

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
        words.addWidget(self._summary)
        head = QHBoxLayout()
        head.setSpacing(Space.L)
        head.addLayout(words, 1)
        head.addLayout(self._actions)
        self._whole.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        self._whole.setSpacing(Space.L)
        self._whole.addLayout(head)
        self._whole.addLayout(self.body, 1)
        self._size_title(self.font())


PageMaker = Callable[[PageContext, Memory, str], Page]
"""Creates a page with the title from the navigation."""
