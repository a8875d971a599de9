"""Requests the events of the inbox in the background. What was shown last stays until the answer is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.inbox import InboxScope
from backend.contract.wire import utc_now
from desktop.ui.page_context import PageContext, Request
from desktop.ui.pages.inbox.query import InboxQuery
from desktop.ui.pages.inbox.rows import EventRow, row_of

PAGE, MOST = 100, 500
"""Events of one page, and the largest page of the API."""


@dataclass(frozen=True)
class InboxAnswer:
    """A page of events.

    Attributes:
        total: Events that the query finds.
        unread: Unread events of the scope, whatever the time.
        exploited: Those of the unread that are known exploited.
        has_mine: Whether anything can be in the scope "mine": a machine's inventory is stored, or something is watched.
    """

    query: InboxQuery
    rows: tuple[EventRow, ...]
    total: int
    unread: int
    exploited: int
    has_mine: bool = True


class InboxLoader(QObject):
    loaded = Signal(object)
    """The InboxAnswer with the newest events."""
    continued = Signal(object)
    """The InboxAnswer with the next older ones."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, owner: QObject) -> None:
        super().__init__(owner)
        self._context = context
        self._request: Request | None = None

    def load(self, query: InboxQuery, shown: int = 0) -> None:
        """Request the newest events. shown: how many are in the list, which should stay."""
        size = min(max(PAGE, -(-shown // PAGE) * PAGE), MOST)
        self._ask(query, 1, size, self.loaded.emit)

    def load_more(self, query: InboxQuery, shown: int) -> None:
        """Request the page after those that are shown; newer events meanwhile make it overlap."""
        self._ask(query, shown // PAGE + 1, PAGE, self.continued.emit)

    def _ask(self, query: InboxQuery, page: int, size: int, done: Callable[[InboxAnswer], None]) -> None:
        if self._request is not None:
            self._request.forget()
        machine_id = self._context.state.scan.machine
        self._request = self._context.ask(
            lambda client: find(client, machine_id, query, page, size), done, self.failed.emit, owner=self
        )


def find(client: ApiClient, machine_id: str, query: InboxQuery, page: int, size: int) -> InboxAnswer:
    """Fetch a page of events.

    Args:
        machine_id: The id of this PC; empty while it is not known.
        page: From 1.
        size: Events of a page.

    Raises:
        ApiError: The API cannot be reached, or refused the request.
    """
    now = utc_now()
    found = client.inbox({**query.params(now), "page": page, "page_size": size})
    today = now.astimezone().date()
    rows = tuple(row_of(event, machine_id, today) for event in found.items)
    has_mine = bool(rows) or query.scope is not InboxScope.MINE or _has_mine(client)
    return InboxAnswer(query, rows, found.total, found.unread, found.unread_exploited, has_mine)


def _has_mine(client: ApiClient) -> bool:
    return bool(client.machines().items or client.watchlist().items)
