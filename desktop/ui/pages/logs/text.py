"""The text of a log, coloured by level; filled in small portions, so that the window stays responsive."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.logs.log_lines import Level, LogLine
from desktop.logs.log_reader import MAX_LINES
from desktop.ui.theme.apply import colours_of, fixed_font
from desktop.ui.theme.tokens import Space, Tone

_PORTION = 250
_TONES = {Level.ERROR: Tone.BAD, Level.WARNING: Tone.WARNING}


class LogText(QPlainTextEdit):
    """While following, the newest line stays in view; otherwise new lines are held back, so that nothing moves.

    Scrolling up stops following, scrolling to the end resumes it.
    """

    following_changed = Signal(bool)
    filled = Signal()
    """A portion was inserted."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[LogLine] = deque(maxlen=MAX_LINES)
        self._following = True
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._insert_portion)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(MAX_LINES)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(fixed_font(self.font()))
        self.document().setDocumentMargin(Space.S)
        self.setAccessibleName(self.tr("Log"))
        self.verticalScrollBar().actionTriggered.connect(lambda _: QTimer.singleShot(0, self, self._scrolled))

    @property
    def following(self) -> bool:
        return self._following

    @property
    def waiting(self) -> int:
        """Number of lines that are held back."""
        return len(self._waiting)

    def follow(self, on: bool) -> None:
        if on == self._following:
            return
        self._following = on
        if on:
            self._resume()
            self._scroll_to_end()
        else:
            self._timer.stop()
        self.following_changed.emit(on)

    def show_lines(self, lines: Sequence[LogLine]) -> None:
        """Replace the text."""
        self.clear()
        self._waiting.clear()
        self._waiting.extend(lines)
        self._timer.start()

    def add_lines(self, lines: Sequence[LogLine]) -> None:
        self._waiting.extend(lines)
        self._resume()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            fixed = fixed_font(self.font())
            if fixed != self.font():
                self.setFont(fixed)

    def _resume(self) -> None:
        if self._waiting and self._following:
            self._timer.start()

    def _insert_portion(self) -> None:
        portion = [self._waiting.popleft() for _ in range(min(_PORTION, len(self._waiting)))]
        if not self._waiting:
            self._timer.stop()
        if not portion:
            return
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for level, lines in groupby(portion, key=lambda line: line.level):
            cursor.movePosition(QTextCursor.MoveOperation.End)
            between = "" if self.document().isEmpty() else "\n"
            cursor.insertText(between + "\n".join(line.text for line in lines), self._format(level))
        cursor.endEditBlock()
        if self._following:
            self._scroll_to_end()
        self.filled.emit()

    def _scroll_to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _scrolled(self) -> None:
        """The user scrolled by wheel, key or mouse."""
        bar = self.verticalScrollBar()
        self.follow(bar.value() >= bar.maximum())

    def _format(self, level: Level) -> QTextCharFormat:
        colours, form = colours_of(self.palette()), QTextCharFormat()
        ink = colours.tones[_TONES[level]].ink if level in _TONES else None
        form.setForeground(QColor(ink or (colours.muted if level is Level.DEBUG else colours.text)))
        return form
