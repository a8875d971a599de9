"""A trouble, said where it matters: what it is, what it means, what to do, and the buttons that do it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from backend.contract.problems import Trouble
from desktop.ui.formatting import plain
from desktop.ui.remedies import remedy_words
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import LARGE_ICON, Radius, Size, Space, Tone
from desktop.ui.widgets.folded_text import FoldedText
from desktop.ui.widgets.text import Plain

_ICONS = {Tone.BAD: "close-circle", Tone.WARNING: "alert", Tone.NOTICE: "alert-outline", Tone.INFO: "information"}


class Banner(QFrame):
    """Hidden while there is nothing to say."""

    remedied = Signal(str)
    """The Remedy whose button was pressed."""

    def __init__(self, tone: Tone = Tone.WARNING) -> None:
        super().__init__()
        self._tone, self._trouble = tone, Trouble("")
        self._icon, self._title, self._text = QLabel(), Plain("", Size.NORMAL, bold=True), Plain()
        self._text.setWordWrap(True)
        self._title.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._text)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(Space.S)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(self._buttons)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self._column.setSpacing(Space.XS)
        self._column.addLayout(row)
        self._details: FoldedText | None = None
        self._unfolded = False
        self.setVisible(False)

    def tell(self, trouble: Trouble | None, tone: Tone | None = None) -> None:
        """None: all is well again."""
        self.setVisible(trouble is not None)
        if trouble is None or (trouble == self._trouble and tone in (None, self._tone)):
            return
        self._trouble, self._tone = trouble, tone or self._tone
        self._icon.setPixmap(icon(_ICONS.get(self._tone, "information"), self._tone).pixmap(LARGE_ICON, LARGE_ICON))
        self._title.setText(plain(trouble.title))
        text = "\n".join(plain(part) for part in (trouble.message, trouble.hint) if part)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(str(trouble))
        self._offer(trouble)
        self._tell_details(trouble.details)
        self.update()

    def unfold_details(self) -> None:
        """Where there is room for them, nobody has to ask."""
        self._unfolded = True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 ARG002 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours_of(self.palette()).tones[self._tone].wash))
        painter.drawRoundedRect(QRectF(self.rect()), Radius.CARD, Radius.CARD)
        painter.end()

    def _tell_details(self, text: str) -> None:
        if self._details is None and text:  # most troubles have none
            self._details = FoldedText(self.tr("Details"))
            self._column.addWidget(self._details)
            if self._unfolded:
                self._details.unfold()
        if self._details is not None:
            self._details.tell(text)

    def _offer(self, trouble: Trouble) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        for remedy in trouble.remedies:
            button = QPushButton(remedy_words(remedy))
            button.clicked.connect(lambda _=False, remedy=remedy: self.remedied.emit(remedy))
            self._buttons.addWidget(button)
