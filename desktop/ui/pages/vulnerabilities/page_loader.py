"""Loads the visible pages of the list; requests for pages that were scrolled past are abandoned."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from backend.contract.problems import Problem
from desktop.ui.page_context import PageContext, Request
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import PAGE, ListPage, Query, find

_MAX_REQUESTS = 2
"""Requests at the same time; the rest of the window needs the API as well."""


class PageLoader(QObject):
    loaded = Signal(object)
    """A ListPage of a new query or of a refresh."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, model: VulnerabilityModel, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._model = context, model
        self._query = Query()
        self._request: Request | None = None
        self._answered = False
        self._pending: dict[int, Request] = {}
        self._wanted: list[int] = []

    @property
    def query(self) -> Query:
        """The query whose results are shown or being loaded."""
        return self._query

    def load(self, query: Query) -> None:
        """Start a query; the rows stay until its first page has arrived."""
        self._query, self._wanted, self._answered = query, [], False
        self._abandon_pages()
        if self._request is not None:
            self._request.forget()
        self._request = self._context.ask(
            lambda client: find(client, query, 0), self._show_first_page, self._failed, owner=self
        )

    def load_visible(self, first: int, last: int) -> None:
        """Load missing pages of the visible rows, then the neighbouring pages."""
        if not self._answered or last < first:
            return
        seen = range(first // PAGE, last // PAGE + 1)
        around = [place for place in (seen.stop, seen.start - 1) if 0 <= place * PAGE < self._model.rowCount()]
        for place in (*around, *seen):
            self._model.cache.use(place)
        self._wanted = [place for place in (*seen, *around) if not self._model.cache.is_fresh(place)]
        for place in [place for place in self._pending if place not in self._wanted]:
            self._pending.pop(place).forget()
        self._fetch()

    def refresh(self, first: int, last: int) -> None:
        """Load the visible rows again and mark all others as outdated; repeat a query that has failed."""
        if self._answered:
            self._model.cache.mark_outdated()
            self._abandon_pages()
            self.load_visible(first, max(first, last))
        elif self._request is None:
            self.load(self._query)

    def _fetch(self) -> None:
        query = self._query
        for place in self._wanted:
            if len(self._pending) < _MAX_REQUESTS and place not in self._pending:
                self._pending[place] = self._context.ask(
                    lambda client, place=place: find(client, query, place),  # type: ignore[misc]
                    self._show_page,
                    self._failed,
                    owner=self,
                )

    def _show_first_page(self, page: ListPage) -> None:
        self._request, self._answered = None, True
        self._model.show_first_page(page)
        self.loaded.emit(page)

    def _show_page(self, page: ListPage) -> None:
        self._pending.pop(page.number, None)
        self._wanted = [place for place in self._wanted if place != page.number]
        self._model.show_page(page)
        self.loaded.emit(page)
        self._fetch()

    def _failed(self, problem: Problem) -> None:
        """Abandon all requests; they are repeated when the rows are visible again."""
        self._abandon_pages()
        self._request = None
        self.failed.emit(problem)

    def _abandon_pages(self) -> None:
        for request in self._pending.values():
            request.forget()
        self._pending.clear()
