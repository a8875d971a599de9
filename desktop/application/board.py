"""Holds the latest view: any thread posts what happened, whoever watches is told that there is something new."""

from __future__ import annotations

import threading
from collections.abc import Callable

from desktop.model.view import View, ViewEvent, viewed

Watcher = Callable[[View, View], None]
"""Before and after; called by the thread that posted, one at a time: must not block, nor post."""


class Board:
    def __init__(self, view: View) -> None:
        self._view = view
        self._lock = threading.Lock()
        self._watchers: list[Watcher] = []

    @property
    def view(self) -> View:
        return self._view

    def watch(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers.append(watcher)

    def post(self, event: ViewEvent) -> None:
        with self._lock:
            before, self._view = self._view, viewed(self._view, event)
            if self._view != before:
                for watcher in self._watchers:
                    watcher(before, self._view)
