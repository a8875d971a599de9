"""Looks into one log again and again, in the background, as long as somebody looks at it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from backend.contract.problems import Trouble
from desktop.logs.log_reader import LogTail, News
from desktop.ui.page_context import Desk, Request

_EACH_MS = 300


class LogFeed(QObject):
    came = Signal(object)
    """News; the first of a log, and after a failure, even where there is none."""
    failed = Signal(object)
    """A Trouble."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
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
            self._request = self._desk.work(self._tail.read, self._come, self._fail, owner=self)

    def _come(self, news: News) -> None:
        self._request = None
        if news.lines or self._always:
            self._always = False
            self.came.emit(news)

    def _fail(self, trouble: Trouble) -> None:
        self._request, self._always = None, True
        self.failed.emit(trouble)
