"""Search in a log: highlights all visible matches, and moves from one match to the next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTextEdit, QToolButton, QWidget

from desktop.ui.formatting import number
from desktop.ui.pages.logs.text import LogText
from desktop.ui.theme.apply import colours_of
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.buttons import icon_button
from desktop.ui.widgets.text import Muted

_PAUSE_MS, _MARK_MS = 150, 30
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Finder(QWidget):
    def __init__(self, text: LogText) -> None:
        super().__init__()
        self._text = text
        self.field, self._found = QLineEdit(), Muted()
        self.field.setPlaceholderText(self.tr("Find in this log"))
        self.field.setAccessibleName(self.field.placeholderText())
        self.field.setClearButtonEnabled(True)
        self.field.installEventFilter(self)
        self.back = self._button("chevron-up", self.tr("Previous (Shift+Enter)"))
        self.on = self._button("chevron-down", self.tr("Next (Enter)"))
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._marking = QTimer(self, singleShot=True, interval=_MARK_MS)
        self._marking.timeout.connect(self._mark)
        self._lay_out()
        self._timer.timeout.connect(self._look)
        self.field.textChanged.connect(lambda _: self._timer.start())
        self.back.clicked.connect(self.find_previous)
        self.on.clicked.connect(self.find_next)
        text.filled.connect(self._timer.start)
        text.verticalScrollBar().valueChanged.connect(lambda _: self._marking.start())

    def find_next(self) -> None:
        self._step(QTextDocument.FindFlag(0))

    def find_previous(self) -> None:
        self._step(QTextDocument.FindFlag.FindBackward)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _ENTER:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self.find_previous if back else self.find_next)()
            return True
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        wanted = self.field.text()
        for button in (self.back, self.on):
            button.setEnabled(bool(wanted))
        count = self._text.toPlainText().lower().count(wanted.lower()) if wanted else 0
        self._found.setText(self._words(count))
        self._found.setVisible(bool(wanted))
        self._mark()

    def _words(self, count: int) -> str:
        return self.tr("{0} found").format(number(count)) if count else self.tr("No matches")

    def _step(self, direction: QTextDocument.FindFlag) -> None:
        """Move to the next match; after the last one, continue with the first."""
        wanted = self.field.text()
        if not wanted:
            return
        self._text.follow(False)
        if not self._text.find(wanted, direction):
            cursor, back = self._text.textCursor(), bool(direction & QTextDocument.FindFlag.FindBackward)
            edge = QTextCursor.MoveOperation.End if back else QTextCursor.MoveOperation.Start
            around = QTextCursor(cursor)
            around.movePosition(edge)
            self._text.setTextCursor(around)
            if not self._text.find(wanted, direction):
                self._text.setTextCursor(cursor)
        self._mark()

    def _mark(self) -> None:
        """Highlight only visible matches: a log has thousands of lines."""
        wanted = self.field.text()
        self._text.setExtraSelections(self._in_view(wanted) if wanted else [])

    def _in_view(self, wanted: str) -> list[QTextEdit.ExtraSelection]:
        pair = colours_of(self.palette()).tones[Tone.NOTICE]
        cursor, marks = self._text.cursorForPosition(self._text.viewport().rect().topLeft()), []
        cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
        last = self._text.cursorForPosition(self._text.viewport().rect().bottomRight()).position()
        while not (cursor := self._text.document().find(wanted, cursor)).isNull() and cursor.selectionStart() <= last:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = cursor
            mark.format.setBackground(QColor(pair.wash))
            mark.format.setForeground(QColor(pair.ink))
            marks.append(mark)
        return marks

    def _button(self, icon_name: str, words: str) -> QToolButton:
        button = icon_button(icon_name, words)
        button.setEnabled(False)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self.field, 1)
        row.addWidget(self.back)
        row.addWidget(self.on)
        row.addWidget(self._found)
        self._found.setVisible(False)
