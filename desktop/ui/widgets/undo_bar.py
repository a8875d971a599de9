"""The line that says what was just done, with a button that takes it back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.text import Plain


class UndoBar(QFrame):
    """Hidden until something was done, and after it was taken back or dismissed."""

    def __init__(self) -> None:
        super().__init__()
        self._take_back: Callable[[], None] | None = None
        self.words = Plain()
        self.words.setWordWrap(True)
        self.undo, self.close_button = QPushButton(icon("undo"), self.tr("Undo")), QPushButton(icon("close"), "")
        self.undo.setToolTip(self.tr("Ctrl+Z"))
        self.undo.setShortcut("Ctrl+Z")
        self.close_button.setToolTip(self.tr("Dismiss"))
        self.close_button.setAccessibleName(self.tr("Dismiss"))
        self.close_button.setFlat(True)
        self.undo.clicked.connect(self._undo)
        self.close_button.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.words, 1)
        row.addWidget(self.undo)
        row.addWidget(self.close_button)
        self.setVisible(False)

    def show_done(self, words: str, take_back: Callable[[], None] | None = None) -> None:
        """Say what was done. take_back: undoes it; None: it cannot be taken back."""
        self._take_back = take_back
        self.words.setText(words)
        self.undo.setVisible(take_back is not None)
        self.setVisible(True)

    def clear(self) -> None:
        self._take_back = None
        self.setVisible(False)

    def _undo(self) -> None:
        take_back = self._take_back
        self.clear()
        if take_back is not None:
            take_back()
