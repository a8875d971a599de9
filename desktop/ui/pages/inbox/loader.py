"""Requests the events of the inbox in the background. What was shown last stays until the answer is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from backend.client.api import ApiClient
from backend.contract.inbox import InboxEvents, InboxScope
from backend.contract.wire import Wire, utc_now
from desktop.state.last_answers import LastAnswer, LastAnswers
from desktop.ui.page_context import PageContext, Request
from desktop.ui.pages.inbox.query import InboxFilter, remembered_text
from desktop.ui.pages.inbox.rows import InboxRow, row_of

PAGE, MOST = 100, 500
"""Events of one page, and the largest page of the API."""
_KEPT = "inbox"
_MINE = (InboxScope.MINE, InboxScope.PC)


@dataclass(frozen=True)
class InboxAnswer:
    """A page of events.

    Attributes:
        total: Events that the query finds.
        unread: Unread events of the scope, whatever the time.
        exploited: Those of the unread that are known exploited.
        has_mine: Whether anything can be in the scope "mine": a machine's inventory is stored, or something is watched.
        as_of: When it was the API's answer, before the program started; None: it has come since.
    """

    query: InboxFilter
    rows: tuple[InboxRow, ...]
    total: int
    unread: int
    exploited: int
    has_mine: bool = True
    as_of: datetime | None = None


class StoredInbox(Wire):
    """What is kept of an answer. query: as `remembered_text` writes it."""

    query: str
    page: InboxEvents
    has_mine: bool


class InboxLoader(QObject):
    recalled = Signal(object)
    """The InboxAnswer that was the last one before the program started."""
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

    def recall(self, query: InboxFilter) -> None:
        """Read the last answer to the query that an earlier run of the program has kept, if there is one."""
        answers, machine_id = self._context.last_answers, self._context.state.scan.machine
        self._context.work(
            lambda: _recalled(answers.read(_KEPT, StoredInbox), query, machine_id),
            lambda answer: self.recalled.emit(answer) if answer else None,
            self.failed.emit,
            owner=self,
        )

    def load(self, query: InboxFilter, shown: int = 0) -> None:
        """Request the newest events, and keep them. shown: how many are in the list, which should stay."""
        size, answers = min(max(PAGE, -(-shown // PAGE) * PAGE), MOST), self._context.last_answers
        self._ask(lambda client: _find_and_keep(client, answers, query, size), query, self.loaded.emit)

    def load_more(self, query: InboxFilter, shown: int) -> None:
        """Request the page after those that are shown; newer events meanwhile make it overlap."""
        self._ask(lambda client: find(client, query, shown // PAGE + 1, PAGE), query, self.continued.emit)

    def _ask(
        self, call: Callable[[ApiClient], StoredInbox], query: InboxFilter, done: Callable[[InboxAnswer], None]
    ) -> None:
        if self._request is not None:
            self._request.forget()
        machine_id = self._context.state.scan.machine
        self._request = self._context.ask(
            lambda client: answer_of(call(client), query, machine_id), done, self.failed.emit, owner=self
        )


def find(client: ApiClient, query: InboxFilter, page: int, size: int) -> StoredInbox:
    """Fetch a page of events.

    Args:
        client: Of the calling thread.
        query: What to list.
        page: From 1.
        size: Events of a page.

    Raises:
        ApiError: The API cannot be reached, or refused the request.
    """
    found = client.inbox({**query.params(utc_now()), "page": page, "page_size": size})
    has_mine = bool(found.items) or query.scope not in _MINE or _has_mine(client)
    return StoredInbox(query=remembered_text(query), page=found, has_mine=has_mine)


def answer_of(found: StoredInbox, query: InboxFilter, machine_id: str, as_of: datetime | None = None) -> InboxAnswer:
    """Put a page of events into words. machine_id: the id of this PC; empty while it is not known."""
    page, today = found.page, utc_now().astimezone().date()
    rows = tuple(row_of(event, machine_id, today) for event in page.items)
    return InboxAnswer(query, rows, page.total, page.unread, page.unread_exploited, found.has_mine, as_of)


def _find_and_keep(client: ApiClient, answers: LastAnswers, query: InboxFilter, size: int) -> StoredInbox:
    database = answers.database()
    found = find(client, query, 1, size)
    answers.write(_KEPT, database, found)
    return found


def _recalled(kept: LastAnswer[StoredInbox] | None, query: InboxFilter, machine_id: str) -> InboxAnswer | None:
    if kept is None or kept.answer.query != remembered_text(query):
        return None
    return answer_of(kept.answer, query, machine_id, kept.at)


def _has_mine(client: ApiClient) -> bool:
    return bool(client.machines().items or client.watchlist().items)
