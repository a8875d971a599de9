"""The plan of a search: which ids, in which order, and how many there are.

Few matches are all read and sorted. With many, rows are read in the requested order along an index, skipping those that
do not match, until the page is full. Each way is fast in its case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Text, select, type_coerce

from backend.domain.search import TEXT_TOTAL_CAP, Facet, SearchQuery, query_words
from backend.store.dialects import search_index_of
from backend.store.repositories.search_order import OrderedPage, counted
from backend.store.tables import became_exploited, filter_index, vulnerabilities, vulnerability_changes

FEW = 2000
"""Number of rows that can be read one by one in a few milliseconds."""
FAR = 10_000
"""From this offset on, skipping rows one by one takes longer than computing the page's first value."""

_ROW, _CHANGE = vulnerabilities.c, vulnerability_changes.c


@dataclass(frozen=True, slots=True)
class ResultPage:
    cve_ids: Sequence[str]
    total: int
    total_capped: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    words: Sequence[str]
    facets: Sequence[str]


def find_page(connection: Connection, query: SearchQuery) -> ResultPage:
    """Find one page of matches and their total."""
    return _Search(connection, query).find_page()


def next_ids(connection: Connection, query: SearchQuery) -> Sequence[str]:
    """Find the page that follows `query.after`, or the first one, without counting or skipping rows."""
    return _Search(connection, query).next_ids()


class _Search:
    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection, self._query = connection, query
        self._index = search_index_of(connection)
        words = query_words(query.text)
        self._tokens = Tokens([word for word in words if len(word) > 1], [*_facets(query), *_letters(words)])
        self._cap = TEXT_TOTAL_CAP if words else None
        self._filters = _filters(query)
        self._order = OrderedPage(connection, query)

    def find_page(self) -> ResultPage:
        if not (self._tokens.words or self._tokens.facets):
            return self._from_rows()
        matching = self._index.matching(self._tokens)
        first = self._index.sample(self._connection, self._tokens, max(FEW, TEXT_TOTAL_CAP) + 1)
        return self._from_few(first, *self._filters) if len(first) <= FEW else self._from_many(matching, len(first))

    def next_ids(self) -> Sequence[str]:
        if not (self._tokens.words or self._tokens.facets):
            return self._next_among()
        first = self._index.sample(self._connection, self._tokens, FEW + 1)
        if len(first) <= FEW:
            return self._order.sort_all(_rows_of(first).where(*self._filters))
        return self._next_among(self._index.is_in(self._index.matching(self._tokens)))

    def _next_among(self, *conditions: ColumnElement[bool]) -> Sequence[str]:
        if self._filters:
            ids = self._ids(self._by_filters(*conditions).limit(FEW + 1))
            if len(ids) <= FEW:
                return self._order.sort_all(_rows_of(ids))
        return self._order.by_sort_index(*conditions, *self._filters)

    def _from_rows(self) -> ResultPage:
        matching = self._by_filters()
        if self._filters:
            first = self._ids(matching.limit(FEW + 1))
            if len(first) <= FEW:
                return self._from_few(first)
        far_down = bool(self._filters) and self._query.offset > FAR
        page = self._order.far_page(self._filters) if far_down else self._order.by_sort_index(*self._filters)
        return self._result_page(page, self._count(matching))

    def _from_few(self, ids: Sequence[int], *filters: ColumnElement[bool]) -> ResultPage:
        """filters: conditions not yet applied to these rows."""
        matching = _rows_of(ids).where(*filters)
        return self._result_page(self._order.sort_all(matching), self._count(matching) if filters else len(ids))

    def _from_many(self, matching: Select[int], at_least: int) -> ResultPage:
        matches = self._index.is_in(matching)
        if self._cap is None:
            total = self._count(self._by_filters(matches) if self._filters else matching)
        elif self._filters:
            ids = self._ids(self._by_filters(matches).limit(self._cap + 1))
            if len(ids) <= self._cap:
                return self._from_few(ids)
            total = len(ids)
        else:
            total = at_least
        return self._result_page(self._order.by_sort_index(matches, *self._filters), total)

    def _result_page(self, cve_ids: Sequence[str], total: int) -> ResultPage:
        if self._cap is not None and total > self._cap:
            return ResultPage(cve_ids, self._cap, total_capped=True)
        return ResultPage(cve_ids, total, total_capped=False)

    def _ids(self, rows: Select[int]) -> Sequence[int]:
        return self._connection.execute(rows).scalars().all()

    def _count(self, rows: Select[object]) -> int:
        return self._connection.execute(counted(rows)).scalar_one()

    def _by_filters(self, *conditions: ColumnElement[bool]) -> Select[int]:
        """Rows selected by the filter index alone."""
        rows = select(_ROW.id).where(*self._filters, *conditions)
        return self._index.using_index(self._connection, rows, filter_index) if self._filters else rows


def _rows_of(ids: Sequence[int]) -> Select[str]:
    return select(_ROW.cve_id).where(_ROW.id.in_(ids))


def _facets(query: SearchQuery) -> Sequence[str]:
    given = ((Facet.VENDOR, query.vendor), (Facet.PRODUCT, query.product), (Facet.CWE, query.cwe))
    return [facet.of(value) for facet, value in given if value]


def _letters(words: Sequence[str]) -> Sequence[str]:
    return [Facet.LETTER + word for word in words if len(word) == 1]


def _filters(query: SearchQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.exploited is not None:
        conditions.append(_ROW.exploited_in_the_wild.is_(query.exploited))
    if query.exploited_after is not None:
        conditions += [_ROW.exploited_in_the_wild.is_(True), _exploited_only_after(query.exploited_after)]
    if query.severity:
        conditions.append(_ROW.severity.in_(query.severity))
    if query.state is not None:
        conditions.append(_ROW.state == query.state)
    if query.source is not None:
        conditions.append(_has_source(query.source))
    if query.min_cvss is not None:
        conditions.append(_ROW.cvss_score >= query.min_cvss)
    if query.min_priority is not None:
        conditions.append(_ROW.priority_score >= query.min_priority)
    if query.published_after is not None:
        conditions.append(_ROW.published_at >= query.published_after)
    if query.published_before is not None:
        conditions.append(_ROW.published_at < query.published_before)
    return conditions


def _exploited_only_after(moment: datetime) -> ColumnElement[bool]:
    """The row was first seen after the moment, or a change after it made the row exploited."""
    changed = became_exploited & (_CHANGE.new == "true") & (_CHANGE.changed_at > moment)
    return (_ROW.first_seen_at > moment) | _ROW.cve_id.in_(select(_CHANGE.cve_id).where(changed))


def _has_source(source: str) -> ColumnElement[bool]:
    """No source's name is part of another's, so a substring of the stored lines is enough, and fast."""
    return type_coerce(_ROW.sources, Text).contains(source)
