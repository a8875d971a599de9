"""How a query is answered: which ids, in which order, and how many there are.

What is found is either few: then all of it is looked up and sorted; or many: then rows are walked in the order asked
for, and what was not found is passed over, until the page is full. Each is fast where it is used.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, func, literal, select, tuple_, type_coerce

from backend.domain.query import TEXT_TOTAL_CAP, Position, SearchQuery, SortKey, SortOrder
from backend.domain.words import Facet, query_words
from backend.store.dialects.search_choice import search_index_of
from backend.store.tables import (
    became_exploited,
    filter_index,
    severity_rank,
    sort_indexes,
    vulnerabilities,
    vulnerability_changes,
)

FEW = 2000
"""So many rows are looked up one by one in some milliseconds."""

_ROW, _CHANGE = vulnerabilities.c, vulnerability_changes.c


@dataclass(frozen=True, slots=True)
class Answer:
    cve_ids: Sequence[str]
    total: int
    total_capped: bool


@dataclass(frozen=True, slots=True)
class Tokens:
    words: Sequence[str]
    facets: Sequence[str]


def answer(connection: Connection, query: SearchQuery) -> Answer:
    return _Search(connection, query).answer()


def next_ids(connection: Connection, query: SearchQuery) -> Sequence[str]:
    """The page that follows `query.after`, or the first one. Nothing is counted, and nothing passed over."""
    return _Search(connection, query).next_ids()


class _Search:
    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection, self._query = connection, query
        self._index = search_index_of(connection)
        words = query_words(query.text)
        self._tokens = Tokens([word for word in words if len(word) > 1], [*_facets(query), *_letters(words)])
        self._cap = TEXT_TOTAL_CAP if words else None
        self._filters = _filters(query)

    def answer(self) -> Answer:
        if not (self._tokens.words or self._tokens.facets):
            return self._from_rows()
        found = self._index.found(self._tokens)
        first = self._index.first(self._connection, self._tokens, max(FEW, TEXT_TOTAL_CAP) + 1)
        return self._from_few(first, *self._filters) if len(first) <= FEW else self._from_many(found, len(first))

    def next_ids(self) -> Sequence[str]:
        if not (self._tokens.words or self._tokens.facets):
            return self._next_among()
        first = self._index.first(self._connection, self._tokens, FEW + 1)
        if len(first) <= FEW:
            return self._sorted(_these(first).where(*self._filters))
        return self._next_among(self._index.among(self._index.found(self._tokens)))

    def _next_among(self, *conditions: ColumnElement[bool]) -> Sequence[str]:
        if self._filters:
            ids = self._ids(self._by_filters(*conditions).limit(FEW + 1))
            if len(ids) <= FEW:
                return self._sorted(_these(ids))
        return self._walked(*conditions, *self._filters)

    def _from_rows(self) -> Answer:
        matching = self._by_filters()
        if self._filters:
            first = self._ids(matching.limit(FEW + 1))
            if len(first) <= FEW:
                return self._from_few(first)
        return self._told(self._walked(*self._filters), self._count(matching))

    def _from_few(self, ids: Sequence[int], *filters: ColumnElement[bool]) -> Answer:
        """`filters`: what has yet to be asked of these rows."""
        matching = _these(ids).where(*filters)
        return self._told(self._sorted(matching), self._count(matching) if filters else len(ids))

    def _from_many(self, found: Select[int], at_least: int) -> Answer:
        among = self._index.among(found)
        if self._cap is None:
            total = self._count(self._by_filters(among) if self._filters else found)
        elif self._filters:
            ids = self._ids(self._by_filters(among).limit(self._cap + 1))
            if len(ids) <= self._cap:
                return self._from_few(ids)
            total = len(ids)
        else:
            total = at_least
        return self._told(self._walked(among, *self._filters), total)

    def _told(self, cve_ids: Sequence[str], total: int) -> Answer:
        if self._cap is not None and total > self._cap:
            return Answer(cve_ids, self._cap, total_capped=True)
        return Answer(cve_ids, total, total_capped=False)

    def _ids(self, rows: Select[int]) -> Sequence[int]:
        return self._connection.execute(rows).scalars().all()

    def _count(self, rows: Select[Any]) -> int:
        return self._connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()

    def _by_filters(self, *conditions: ColumnElement[bool]) -> Select[int]:
        """Found in the filter index alone."""
        rows = select(_ROW.id).where(*self._filters, *conditions)
        return self._index.along(self._connection, rows, filter_index) if self._filters else rows

    def _sorted(self, few: Select[str]) -> Sequence[str]:
        key, after = _sort_key(self._query.sort_by), self._query.after
        rows = few.order_by(key.is_(None), *self._order(key))
        if after is not None:
            beyond = self._beyond(after, key)
            rows = rows.where(beyond if after.value is None else beyond | key.is_(None))
        return self._page(rows, self._query.offset, self._query.page_size)

    def _walked(self, *conditions: ColumnElement[bool]) -> Sequence[str]:
        """Along the sort index: first the rows with a value, then those without."""
        key, query = _sort_key(self._query.sort_by), self._query
        rows = select(_ROW.cve_id).where(*conditions)
        if query.sort_by in sort_indexes:
            rows = self._index.along(self._connection, rows, sort_indexes[query.sort_by])
        known, unknown = rows, rows.where(key.is_(None)).order_by(self._directed(_ROW.cve_id))
        if _may_be_unknown(query.sort_by):
            known = rows.where(key.is_not(None))
            if query.after is not None and query.after.value is None:
                return self._page(unknown.where(self._beyond(query.after, key)), 0, query.page_size)
        if query.after is not None:
            known = known.where(self._beyond(query.after, key))
        page = self._page(known.order_by(*self._order(key)), query.offset, query.page_size)
        if len(page) == query.page_size or not _may_be_unknown(query.sort_by):
            return page
        passed = query.offset + len(page) if page or not query.offset else self._count(known)
        return [*page, *self._page(unknown, max(query.offset - passed, 0), query.page_size - len(page))]

    def _beyond(self, after: Position, key: ColumnElement[Any]) -> ColumnElement[bool]:
        """Of the rows whose value is known like that one's: as a pair, which an index leads to."""
        after_it = operator.gt if self._query.sort_order is SortOrder.ASCENDING else operator.lt
        beyond: ColumnElement[bool]
        if self._query.sort_by is SortKey.CVE_ID:
            beyond = after_it(_ROW.cve_id, after.cve_id)
        elif after.value is None:
            beyond = key.is_(None) & after_it(_ROW.cve_id, after.cve_id)
        else:
            one = tuple_(literal(after.value, key.type), literal(after.cve_id, _ROW.cve_id.type))
            beyond = after_it(tuple_(key, _ROW.cve_id), one)
        return beyond

    def _page(self, rows: Select[str], offset: int, size: int) -> Sequence[str]:
        return self._connection.execute(rows.limit(size).offset(offset)).scalars().all()

    def _order(self, key: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
        if self._query.sort_by is SortKey.CVE_ID:
            return (self._directed(key),)
        return self._directed(key), self._directed(_ROW.cve_id)

    def _directed(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        return key.asc() if self._query.sort_order is SortOrder.ASCENDING else key.desc()


def _these(ids: Sequence[int]) -> Select[str]:
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
    """Of what is known exploited: seen for the first time since, or not known to be so until then."""
    turned = became_exploited & (_CHANGE.new == "true") & (_CHANGE.changed_at > moment)
    return (_ROW.first_seen_at > moment) | _ROW.cve_id.in_(select(_CHANGE.cve_id).where(turned))


def _has_source(source: str) -> ColumnElement[bool]:
    """No source's name is part of another's: finding it anywhere among the lines is enough, and fast."""
    return type_coerce(_ROW.sources, Text).contains(source)


def _sort_key(sort_by: SortKey) -> ColumnElement[Any]:
    return severity_rank if sort_by is SortKey.SEVERITY else _ROW[sort_by]


def _may_be_unknown(sort_by: SortKey) -> bool:
    return sort_by is not SortKey.SEVERITY and bool(_ROW[sort_by].nullable)
