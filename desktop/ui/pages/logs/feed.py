"""Looks into one log again and again, in the background, as long as somebody looks at it.

The lines of one log that the page has: no more than can be shown, and what they say in sum.
"""

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

_EACH_MS = 300


class LogFeed(QObject):
    came = Signal(object)
    """News; the first of a log, and after a failure, even where there is none."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._tail: LogTail | None = None
        self._request: Request | None = None
        self._always = True
        self._timer = QTimer(self, interval=_EACH_MS)
        self._timer.timeout.connect(self._look)

    def follow(self, path: Path) -> None:
        """Instead of the one before."""
        if self._request is not None:
            self._request.forget()
        self._tail, self._request, self._always = LogTail(path), None, True
        if self._timer.isActive():
            self._look()

    def look(self, on: bool) -> None:
        if on:
            self._timer.start()
            self._look()
        else:
            self._timer.stop()

    def _look(self) -> None:
        """One look at a time, however long it takes."""
        if self._tail is not None and self._request is None:
            self._request = self._context.work(self._tail.read, self._come, self._fail, owner=self)

    def _come(self, news: NewLines) -> None:
        self._request = None
        if news.lines or self._always:
            self._always = False
            self.came.emit(news)

    def _fail(self, problem: Problem) -> None:
        self._request, self._always = None, True
        self.failed.emit(problem)


class LogLines:
    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=MAX_LINES)

    def __len__(self) -> int:
        return len(self._lines)

    def clear(self) -> None:
        self._lines.clear()

    def add(self, news: NewLines) -> Sequence[LogLine]:
        """Gives what is to be shown of it: where something was left out, a line says so."""
        fresh = [*news.lines, *(_gap(news.left_out) if news.left_out else ()), *news.later]
        self._lines.extend(fresh)
        return fresh

    def from_level(self, level: Level) -> Sequence[LogLine]:
        return [line for line in self._lines if line.level >= level]

    def entries(self, level: Level) -> int:
        """How many begin at this level."""
        return sum(line.begins and line.level is level for line in self._lines)


def at_least(lines: Iterable[LogLine], level: Level) -> Sequence[LogLine]:
    return [line for line in lines if line.level >= level]


def _gap(left_out: int) -> tuple[LogLine]:
    """Seen at every level."""
    words = translate("logs", "… {0} came faster than anybody reads, and are left out here …").format(size(left_out))
    return (LogLine(words, Level.ERROR, begins=False),)
