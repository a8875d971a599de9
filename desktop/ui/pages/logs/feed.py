"""Reads a log in the background while it is visible, and holds its newest lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from backend.contract.problems import Problem
from desktop.logs.log_lines import Level, LogLine
from desktop.logs.log_reader import MAX_LINES, LogTail, NewLines
from desktop.ui.formatting import size, translate
from desktop.ui.page_context import PageContext, Request

_POLL_MS = 300


class LogFeed(QObject):
    came = Signal(object)
    """NewLines; the first result for a log, and after a failure, is emitted even if it is empty."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._tail: LogTail | None = None
        self._request: Request | None = None
        self._emit_empty = True
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._read)

    def follow(self, path: Path) -> None:
        """Read this log from now on."""
        if self._request is not None:
            self._request.forget()
        self._tail, self._request, self._emit_empty = LogTail(path), None, True
        if self._timer.isActive():
            self._read()

    def set_active(self, active: bool) -> None:
        if active:
            self._timer.start()
            self._read()
        else:
            self._timer.stop()

    def _read(self) -> None:
        """Start a read unless one is running."""
        if self._tail is not None and self._request is None:
            self._request = self._context.work(self._tail.read, self._lines_read, self._read_failed, owner=self)

    def _lines_read(self, new_lines: NewLines) -> None:
        self._request = None
        if new_lines.lines or self._emit_empty:
            self._emit_empty = False
            self.came.emit(new_lines)

    def _read_failed(self, problem: Problem) -> None:
        self._request, self._emit_empty = None, True
        self.failed.emit(problem)


class LogLines:
    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=MAX_LINES)

    def __len__(self) -> int:
        return len(self._lines)

    def clear(self) -> None:
        self._lines.clear()

    def add(self, new_lines: NewLines) -> Sequence[LogLine]:
        """Add lines and return those to show, with one that marks skipped text."""
        fresh = [*new_lines.lines, *(_gap(new_lines.skipped) if new_lines.skipped else ()), *new_lines.later]
        self._lines.extend(fresh)
        return fresh

    def from_level(self, level: Level) -> Sequence[LogLine]:
        return [line for line in self._lines if line.level >= level]

    def entries(self, level: Level) -> int:
        """Number of entries of exactly this level."""
        return sum(line.begins and line.level is level for line in self._lines)


def at_least(lines: Iterable[LogLine], level: Level) -> Sequence[LogLine]:
    return [line for line in lines if line.level >= level]


def _gap(left_out: int) -> tuple[LogLine]:
    """Return a line that every level shows."""
    words = translate("logs", "… {0} skipped: written faster than they can be shown …").format(size(left_out))
    return (LogLine(words, Level.ERROR, begins=False),)
