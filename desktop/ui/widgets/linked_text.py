"""Plain text that is as high as it needs, in which addresses can be opened."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QFont,
    QMouseEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from desktop.ui.formatting import addresses_in
from desktop.ui.theme.apply import colours_of, fixed_font

_LONG_LINES = 24


class LinkedText(QPlainTextEdit):
    """Wraps anywhere, can be selected and copied. A click on an address opens it; only http(s) ones are links."""

    def __init__(self) -> None:
        super().__init__()
        self._scrolls = self._code = False
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        self.setPalette(palette)

    def set_code(self, code: bool) -> None:
        """Use the fixed-width font, or the usual one."""
        if code != self._code:
            self._code = code
            self.setFont(fixed_font(self.font()) if code else QFont())

    def show_text(self, text: str) -> None:
        self._scrolls = False
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._set_text(text)

    def show_long(self, text: str) -> None:
        """Show text of any length with its own scroll bar, so that Qt lays out only what is visible."""
        self._scrolls = True
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._set_text(text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseMoveEvent(event)
        is_link = bool(self.anchorAt(event.position().toPoint()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.IBeamCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        super().mouseReleaseEvent(event)
        address = self.anchorAt(event.position().toPoint())
        if address and event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))

    def _set_text(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)
            if not self._scrolls:
                self._mark_addresses()
        self._fit()

    def _mark_addresses(self) -> None:
        cursor, text = QTextCursor(self.document()), self.toPlainText()
        for place, address in addresses_in(text):
            start = _units(text[:place])
            cursor.setPosition(start)
            cursor.setPosition(start + _units(address), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(self._link_format(address))

    def _link_format(self, address: str) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setAnchor(True)
        made.setAnchorHref(address)
        made.setFontUnderline(True)
        made.setForeground(QColor(colours_of(self.palette()).link))
        return made

    def _fit(self) -> None:
        lines = _LONG_LINES if self._scrolls else max(1, round(self.document().size().height()))
        height = lines * self.fontMetrics().lineSpacing() + 2
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)


def _units(text: str) -> int:
    """The length in UTF-16, in which Qt counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
