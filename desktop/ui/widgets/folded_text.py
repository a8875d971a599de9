"""Collapsible details, such as a traceback or the end of a log."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.ui.formatting import plain
from desktop.ui.theme.apply import fixed_font
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space


class Collapsible(QWidget):
    """Content below a button that shows and hides it; hidden at first."""

    unfolded = Signal(bool)
    """Whether the content is shown now."""

    def __init__(self, title: str, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self._button = QToolButton()
        self._button.setText(title)
        self._button.setCheckable(True)
        self._button.setAutoRaise(True)
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.toggled.connect(self._unfold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self._button)
        column.addWidget(content)
        self._unfold(False)

    def show_title(self, title: str) -> None:
        self._button.setText(title)

    def unfold(self) -> None:
        self._button.setChecked(True)

    def _unfold(self, open_: bool) -> None:
        self._button.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self._content.setVisible(open_)
        self.unfolded.emit(open_)


_MAX_LINES = 14


class FoldedText(Collapsible):
    """Text in the fixed-width font, with a button that copies it. Hidden while there is no text."""

    def __init__(self, title: str) -> None:
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(fixed_font(self._text.font()))
        self._text.setAccessibleName(title)
        content = QWidget()
        super().__init__(title, content)
        copy = QPushButton(icon("content-copy"), self.tr("Copy"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        column = QVBoxLayout(content)
        column.setContentsMargins(Space.L, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._text)
        column.addLayout(row)

    def show_text(self, text: str) -> None:
        cleaned = plain(text)
        if cleaned != self._text.toPlainText():
            self._text.setPlainText(cleaned)
            self._fit_height()
        self.setVisible(bool(cleaned))

    def _fit_height(self) -> None:
        lines = min(self._text.blockCount(), _MAX_LINES) + 1  # one for the horizontal scroll bar
        around = 2 * (self._text.frameWidth() + round(self._text.document().documentMargin()))
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * lines + around)
