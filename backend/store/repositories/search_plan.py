"""The plan of a search: which ids, in which order, and how many there are.

A text has kinds of matches, from the best to the weakest, and a page is filled from one kind after the other. Of each
kind, few matches are all read and sorted. With many, rows are read in the requested order along an index, skipping
those that do not match, until the page is full. Each way is fast in its case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, select

from backend.domain.search import TEXT_TOTAL_CAP, SearchQuery, SortKey, SortOrder
from backend.domain.search_text import AllOf, AnyOf, Match, Without, read_text
from backend.store.dialects import search_index_of
from backend.store.repositories.concern import concerns
from backend.store.repositories.search_filters import facets, of_state, row_filters, state_filter
from backend.store.repositories.search_order import OrderedPage, counted
from backend.store.tables import filter_index, is_rejected, vulnerabilities

FEW = 2000
"""Number of rows that can be read one by one in a few milliseconds."""
FAR = 10_000
"""From this offset on, reading rows to skip them takes longer than collecting the numbers of all that match, so that
skipping reads the sort index alone."""

_ROW = vulnerabilities.c


@dataclass(frozen=True, slots=True)
class ResultPage:
    cve_ids: Sequence[str]
    total: int
    total_capped: bool


def find_page(connection: Connection, query: SearchQuery) -> ResultPage:
    """Find one page of matches and their total."""
    return _Search(connection, query).find_page()


def next_ids(connection: Connection, query: SearchQuery) -> Sequence[str]:
    """Find the page that follows `query.after`, or the first one, without counting or skipping rows."""
    return _Search(connection, query).next_ids()


@dataclass(frozen=True, slots=True)
class _Part:
    """Ids of a page from one kind of matches, and the number of these matches, or a smaller one if it is not exact."""

    cve_ids: Sequence[str]
    total: int
    exact: bool


class _Search:
    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection, self._query = connection, query
        self._index = search_index_of(connection)
        self._text = read_text(query.text)
        self._facets = facets(query)
        self._cap = TEXT_TOTAL_CAP if self._text else None
        self._filters = [*row_filters(query), *([concerns(connection, query.watched)] if query.mine else [])]
        self._row_filters = [*self._filters, *state_filter(query)]

    @property
    def _is_unfindable(self) -> bool:
        """The text has signs only, which no document has: not the same as no text."""
        return self._text is None and bool(self._query.text.strip())

    def find_page(self) -> ResultPage:
        if self._is_unfindable:
            return ResultPage([], 0, total_capped=False)
        if self._text is None and not self._facets:
            return self._from_rows() if self._filters or self._query.state else self._from_all_published()
        cve_ids, total, offset, size = list[str](), 0, self._query.offset, self._query.page_size
        for match in self._kinds():
            if self._cap is not None and total > self._cap and not size:
                break
            part = self._find(match, offset, size)
            cve_ids += part.cve_ids
            total += part.total
            size -= len(part.cve_ids)
            if part.cve_ids:
                offset = 0
            elif offset:
                offset = max(offset - (part.total if part.exact else self._count(self._filtered(match))), 0)
        return self._result_page(cve_ids, total)

    def next_ids(self) -> Sequence[str]:
        if self._is_unfindable:
            return []
        if self._text is None and not self._facets:
            return self._next_among(self._row_filters)
        match = self._all_matches()
        first = self._sample(match, FEW + 1)
        if len(first) <= FEW:
            return self._order().sort_all(_rows_of(first).where(*self._filters))
        return self._next_among(self._filters, self._index.is_in(self._index.matching(match)))

    # -- what matches -------------------------------------------------------------------------------------------------
    def _kinds(self) -> Sequence[Match]:
        """The kinds of matches in their order, each without the earlier ones."""
        text = self._text
        if text is None:
            return [self._all_matches()]
        by_relevance = self._query.sort_by is SortKey.PRIORITY and self._query.sort_order is SortOrder.DESCENDING
        graded = text.graded if by_relevance else [text.own, text.matches] if text.own else [text.matches]
        kinds = []
        for number, match in enumerate(graded):
            better = graded[:number]
            wanted = self._with_facets(match)
            if match != text.own or self._query.state is not None:
                wanted = of_state(wanted, self._query.state)
            kinds.append(Without(wanted, AnyOf(tuple(better))) if better else wanted)
        return kinds

    def _all_matches(self) -> Match:
        text, state = self._text, self._query.state
        everything = of_state(self._with_facets(text.matches if text else None), state)
        return AnyOf((everything, self._with_facets(text.own))) if text and text.own and state is None else everything

    def _with_facets(self, match: Match | None) -> Match:
        return AllOf((*([match] if match else []), *self._facets))

    # -- reading ------------------------------------------------------------------------------------------------------
    def _sample(self, match: Match, limit: int) -> Sequence[int]:
        """Up to `limit` of the matching rows; all of them if there are fewer."""
        return self._ids(self._index.matching(match).limit(limit))

    def _find(self, match: Match, offset: int, size: int) -> _Part:
        first = self._sample(match, max(FEW, TEXT_TOTAL_CAP) + 1)
        if len(first) <= FEW:
            return self._from_few(first, offset, size, self._filters)
        return self._from_many(match, len(first), offset, size)

    def _next_among(self, filters: Sequence[ColumnElement[bool]], *conditions: ColumnElement[bool]) -> Sequence[str]:
        if filters:
            ids = self._ids(self._by_filters(filters, *conditions).limit(FEW + 1))
            if len(ids) <= FEW:
                return self._order().sort_all(_rows_of(ids))
        return self._order().by_sort_index(*conditions, *filters)

    def _from_rows(self) -> ResultPage:
        filters, order = self._row_filters, self._order()
        matching = self._by_filters(filters)
        if filters:
            first = self._ids(matching.limit(FEW + 1))
            if len(first) <= FEW:
                return self._result_page(order.sort_all(_rows_of(first)), len(first))
        far_down = bool(filters) and self._query.offset > FAR
        page = order.by_sort_index(_ROW.id.in_(matching)) if far_down else order.by_sort_index(*filters)
        return self._result_page(page, self._count(matching))

    def _from_all_published(self) -> ResultPage:
        """Without the few rejected ones: looking for them costs less than reading the state of all others."""
        rejected = select(_ROW.id).where(is_rejected)
        page = self._order().by_sort_index(_ROW.id.not_in(rejected))
        return self._result_page(page, self._count(select(_ROW.id)) - self._count(rejected))

    def _from_few(self, ids: Sequence[int], offset: int, size: int, filters: Sequence[ColumnElement[bool]]) -> _Part:
        """filters: conditions not yet applied to these rows."""
        matching = _rows_of(ids).where(*filters)
        page = self._order(offset, size).sort_all(matching) if size and ids else []
        return _Part(page, self._count(matching) if filters and ids else len(ids), exact=True)

    def _from_many(self, match: Match, at_least: int, offset: int, size: int) -> _Part:
        matching = self._index.matching(match)
        matches = self._index.is_in(matching)
        exact = False
        if self._cap is None:
            total, exact = self._count(self._filtered(match)), True
        elif self._filters:
            ids = self._ids(self._by_filters(self._filters, matches).limit(self._cap + 1))
            if len(ids) <= self._cap:
                return self._from_few(ids, offset, size, ())
            total = len(ids)
        else:
            total = at_least
        page = self._order(offset, size).by_sort_index(matches, *self._filters) if size else []
        return _Part(page, total, exact)

    def _filtered(self, match: Match) -> Select[int]:
        matching = self._index.matching(match)
        return self._by_filters(self._filters, self._index.is_in(matching)) if self._filters else matching

    def _result_page(self, cve_ids: Sequence[str], total: int) -> ResultPage:
        if self._cap is not None and total > self._cap:
            return ResultPage(cve_ids, self._cap, total_capped=True)
        return ResultPage(cve_ids, total, total_capped=False)

    def _order(self, offset: int | None = None, size: int | None = None) -> OrderedPage:
        query = self._query
        return OrderedPage(
            self._connection,
            query,
            query.offset if offset is None else offset,
            query.page_size if size is None else size,
        )

    def _ids(self, rows: Select[int]) -> Sequence[int]:
        return self._connection.execute(rows).scalars().all()

    def _count(self, rows: Select[object]) -> int:
        return self._connection.execute(counted(rows)).scalar_one()

    def _by_filters(self, filters: Sequence[ColumnElement[bool]], *conditions: ColumnElement[bool]) -> Select[int]:
        """Rows selected by the filter index alone, unless they are found by their numbers."""
        rows = select(_ROW.id).where(*filters, *conditions)
        if not filters or self._query.mine or self._query.triage:
            return rows
        return self._index.using_index(self._connection, rows, filter_index)


def _rows_of(ids: Sequence[int]) -> Select[str]:
    return select(_ROW.cve_id).where(_ROW.id.in_(ids))
