"""Text that wraps anywhere, however long its words are, and is as high as it needs to be."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPalette, QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from desktop.ui.theme.apply import fixed_font

_LONG_LINES = 24


class Wrapped(QPlainTextEdit):
    """Plain text only; can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._high = self._code = False
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)

    def set_code(self, code: bool) -> None:
        """In the fixed-width font or not."""
        if code != self._code:
            self._code = code
            self.setFont(fixed_font(self.font()) if code else QFont())

    def show_text(self, text: str) -> None:
        self._high = False
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._put(text)

    def show_long(self, text: str) -> None:
        """Of any length: scrolls within itself, so that only what is visible is laid out."""
        self._high = True
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._put(text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _put(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)
        self._fit()

    def _fit(self) -> None:
        lines = _LONG_LINES if self._high else max(1, round(self.document().size().height()))
        height = lines * self.fontMetrics().lineSpacing() + 2
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)
