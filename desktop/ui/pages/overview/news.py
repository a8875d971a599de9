"""What became known as exploited since the user last looked; where nothing did, the latest that are known."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from backend.client.api import ApiClient, Params
from backend.contract.vulnerabilities import ListedPage
from desktop.state.app_state import View
from desktop.state.last_look import look_of, worth_remembering
from desktop.ui.formatting import now
from desktop.ui.page_context import Desk, Memory, Request
from desktop.ui.pages.overview.rows import Row, row_of

NEW, LATEST = 8, 4
"""How many are listed at most."""


@dataclass(frozen=True)
class Found:
    """since: None: there is no earlier look to compare with.

    new: how many came since; capped: there are more. rows: the weightiest of them; where none came, the latest known.
    """

    since: datetime | None
    at: datetime
    new: int
    capped: bool
    rows: tuple[Row, ...]


class News(QObject):
    """page: what shows them. They are seen once its window is hidden; until then nothing vanishes under the eyes."""

    found = Signal(object)
    missed = Signal(object)
    """A Trouble."""

    def __init__(self, desk: Desk, memory: Memory, page: QWidget) -> None:
        super().__init__(page)
        self._desk, self._memory, self._page = desk, memory, page
        self._key, self._look = "", look_of("")
        self._known: Hashable = None
        self._request: Request | None = None
        self._window: QWidget | None = None

    def follow(self, view: View) -> None:
        """Asks again when other data have come."""
        self._watch_window()
        self._take_up(f"overview/seen-{view.stack}")
        if view.snapshot is None:
            return
        known = (self._key, view.snapshot.stats, tuple(one.last_success_at for one in view.snapshot.sources))
        if known != self._known:
            self._known = known
            self.ask()

    def ask(self) -> None:
        if self._request is not None:
            self._request.forget()
        since = self._look.since
        self._request = self._desk.ask(lambda client: _find(client, since), self._take, self.missed.emit, owner=self)

    def mark_seen(self) -> None:
        self._keep()
        self.ask()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self._keep()
        return super().eventFilter(watched, event)

    def _take(self, found: Found) -> None:
        if self._page.isVisible() and worth_remembering(self._desk.view.snapshot):
            self._look = self._look.showing(found.at)
        self.found.emit(found)

    def _keep(self) -> None:
        if self._look.shown is not None:
            self._look = self._look.over()
            self._memory.keep(self._key, self._look.text)
            self._known = None

    def _take_up(self, key: str) -> None:
        """Every stack has data of its own."""
        if key != self._key:
            self._key, self._look = key, look_of(self._memory.text(key))

    def _watch_window(self) -> None:
        if self._window is not self._page.window():
            self._window = self._page.window()
            self._window.installEventFilter(self)


def _find(client: ApiClient, since: datetime | None) -> Found:
    at = now()
    if since is not None:
        news = _list(client, {"exploited_after": since.isoformat(), "sort_by": "priority_score", "page_size": NEW})
        if news.total:
            return Found(since, at, news.total, news.total_capped, tuple(map(row_of, news.items)))
    latest = _list(client, {"exploited": "true", "sort_by": "kev_date_added", "page_size": LATEST})
    return Found(since, at, 0, False, tuple(map(row_of, latest.items)))


def _list(client: ApiClient, filters: Params) -> ListedPage:
    return client.listed({**filters, "sort_order": "desc"})
