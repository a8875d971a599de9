"""Fetches the pages of the list that are looked at, and forgets those that were scrolled past before they came."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from backend.contract.problems import Problem
from desktop.ui.page_context import PageContext, Request
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import PAGE, ListPage, Question, find

_AT_ONCE = 2
"""Others want to ask the API as well."""


class Feeder(QObject):
    found = Signal(object)
    """The Found by which another question or a refresh was answered."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, model: VulnerabilityModel, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._model = context, model
        self._question = Question()
        self._asked: Request | None = None
        self._answered = False
        self._underway: dict[int, Request] = {}
        self._wanted: list[int] = []

    @property
    def question(self) -> Question:
        """The one that the rows answer, or will."""
        return self._question

    def ask(self, question: Question) -> None:
        """Rows stay as they are until the first page of the answer is here."""
        self._question, self._wanted, self._answered = question, [], False
        self._forget_pages()
        if self._asked is not None:
            self._asked.forget()
        self._asked = self._context.ask(lambda client: find(client, question, 0), self._begin, self._failed, owner=self)

    def look_at(self, first: int, last: int) -> None:
        """These rows are visible: fetch what is missing of them, then their neighbours."""
        if not self._answered or last < first:
            return
        seen = range(first // PAGE, last // PAGE + 1)
        around = [place for place in (seen.stop, seen.start - 1) if 0 <= place * PAGE < self._model.rowCount()]
        for place in (*around, *seen):
            self._model.cache.use(place)
        self._wanted = [place for place in (*seen, *around) if not self._model.cache.is_fresh(place)]
        for place in [place for place in self._underway if place not in self._wanted]:
            self._underway.pop(place).forget()
        self._fetch()

    def refresh(self, first: int, last: int) -> None:
        """What is at hand may be out of date; these rows are visible. A question without an answer is asked again."""
        if self._answered:
            self._model.cache.grow_old()
            self._forget_pages()
            self.look_at(first, max(first, last))
        elif self._asked is None:
            self.ask(self._question)

    def _fetch(self) -> None:
        question = self._question
        for place in self._wanted:
            if len(self._underway) < _AT_ONCE and place not in self._underway:
                self._underway[place] = self._context.ask(
                    lambda client, place=place: find(client, question, place),  # type: ignore[misc]
                    self._put,
                    self._failed,
                    owner=self,
                )

    def _begin(self, found: ListPage) -> None:
        self._asked, self._answered = None, True
        self._model.begin(found)
        self.found.emit(found)

    def _put(self, found: ListPage) -> None:
        self._underway.pop(found.place, None)
        self._wanted = [place for place in self._wanted if place != found.place]
        self._model.put(found)
        self.found.emit(found)
        self._fetch()

    def _failed(self, problem: Problem) -> None:
        """What was asked for is asked again with the next look."""
        self._forget_pages()
        self._asked = None
        self.failed.emit(problem)

    def _forget_pages(self) -> None:
        for request in self._underway.values():
            request.forget()
        self._underway.clear()
