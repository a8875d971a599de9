"""Empty, loading, failed: a picture, a sentence and a way on, where otherwise content stands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import HERO_ICON, Size, Space
from desktop.ui.widgets.text import Muted, Plain

_WIDEST = 520


class EmptyState(QWidget):
    acted = Signal()

    def __init__(self, icon_name: str = "", title: str = "", sentence: str = "", action: str = "") -> None:
        super().__init__()
        self._picture, self._title, self._sentence = QLabel(), Plain("", Size.LARGE, bold=True), Muted()
        self._button = QPushButton()
        self._button.clicked.connect(self.acted)
        column = QVBoxLayout()
        column.setSpacing(Space.S)
        column.addStretch(1)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for label in (self._title, self._sentence):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setMaximumWidth(_WIDEST)
            column.addWidget(label)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        whole = QHBoxLayout(self)  # which knows how high wrapped text is in the width that it gives it
        whole.addStretch(1)
        whole.addLayout(column, _WIDEST)
        whole.addStretch(1)
        self.tell(icon_name, title, sentence, action)

    def tell(self, icon_name: str, title: str, sentence: str = "", action: str = "") -> None:
        """action: the button's text; empty for none."""
        self._picture.setVisible(bool(icon_name))
        if icon_name:
            self._picture.setPixmap(icon(icon_name).pixmap(HERO_ICON, HERO_ICON))
        for label, text in ((self._title, title), (self._sentence, sentence)):
            label.setText(text)
            label.setVisible(bool(text))
        self._button.setText(action)
        self._button.setVisible(bool(action))
