"""How a query is answered: which ids, in which order, and how many there are.

What is found by words and names is either few: then all of it is looked up and sorted; or many: then rows are walked in the
order asked for, and what was not found is passed over, until the page is full. Each is fast where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, func, select, type_coerce

from backend.domain.query import TEXT_TOTAL_CAP, SearchQuery, SortKey, SortOrder
from backend.domain.words import Facet, query_words
from backend.store.dialects.search import search_index_of
from backend.store.tables import severity_rank, vulnerabilities

FEW = 2000
"""So many rows are looked up one by one in some milliseconds."""

_ROW = vulnerabilities.c


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


class _Search:
    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection, self._query = connection, query
        self._index = search_index_of(connection)
        self._tokens = Tokens(query_words(query.text), _facets(query))
        self._filters = _filters(query)

    def answer(self) -> Answer:
        if not (self._tokens.words or self._tokens.facets):
            return self._from_rows()
        found = self._index.found(self._tokens)
        if self._count(found.limit(FEW + 1)) <= FEW:
            return self._from_few(_ROW.id.in_(found), *self._filters)
        return self._from_many(found)

    def _from_rows(self) -> Answer:
        total = self._count(select(_ROW.cve_id).where(*self._filters))
        if total <= FEW:
            return Answer(self._sorted(*self._filters), total, total_capped=False)
        return Answer(self._walked(total, *self._filters), total, total_capped=False)

    def _from_few(self, *conditions: ColumnElement[bool]) -> Answer:
        total = self._count(select(_ROW.cve_id).where(*conditions))
        return self._told(self._sorted(*conditions), total)

    def _from_many(self, found: Select[int]) -> Answer:
        held = self._index.holds(_ROW.id, self._tokens)
        if not self._filters:
            matching: Select[Any] = found
        else:
            matching = select(_ROW.cve_id).where(_ROW.id.in_(found), *self._filters)
        total = self._count(matching.limit(TEXT_TOTAL_CAP + 1) if self._tokens.words else matching)
        if total <= TEXT_TOTAL_CAP:
            return self._told(self._sorted(_ROW.id.in_(found), *self._filters), total)
        return self._told(self._walked(total, held, *self._filters), total)

    def _told(self, cve_ids: Sequence[str], total: int) -> Answer:
        capped = bool(self._tokens.words) and total > TEXT_TOTAL_CAP
        return Answer(cve_ids, TEXT_TOTAL_CAP if capped else total, capped)

    def _count(self, rows: Select[Any]) -> int:
        return self._connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one()

    def _sorted(self, *conditions: ColumnElement[bool]) -> Sequence[str]:
        key = _sort_key(self._query.sort_by)
        chosen = select(_ROW.cve_id).where(*conditions).order_by(key.is_(None), *self._order(key))
        return self._page(chosen, self._query.offset, self._query.page_size)

    def _walked(self, total: int, *conditions: ColumnElement[bool]) -> Sequence[str]:
        """Along the sort index: first the rows with a value, then those without."""
        key, query = _sort_key(self._query.sort_by), self._query
        rows = select(_ROW.cve_id).where(*conditions)
        with_value = rows.where(key.is_not(None)).order_by(*self._order(key))
        page = self._page(with_value, query.offset, query.page_size)
        if len(page) == query.page_size or not _may_be_unknown(query.sort_by):
            return page
        passed = query.offset + len(page) if page else self._count(rows.where(key.is_not(None)))
        without = rows.where(key.is_(None)).order_by(self._directed(_ROW.cve_id))
        return [*page, *self._page(without, max(query.offset - passed, 0), query.page_size - len(page))]

    def _page(self, rows: Select[str], offset: int, size: int) -> Sequence[str]:
        return self._connection.execute(rows.limit(size).offset(offset)).scalars().all()

    def _order(self, key: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
        if self._query.sort_by is SortKey.CVE_ID:
            return (self._directed(key),)
        return self._directed(key), self._directed(_ROW.cve_id)

    def _directed(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        return key.asc() if self._query.sort_order is SortOrder.ASCENDING else key.desc()


def _facets(query: SearchQuery) -> Sequence[str]:
    given = ((Facet.VENDOR, query.vendor), (Facet.PRODUCT, query.product), (Facet.CWE, query.cwe))
    return [facet.of(value) for facet, value in given if value]


def _filters(query: SearchQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.exploited is not None:
        conditions.append(_ROW.exploited_in_the_wild.is_(query.exploited))
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


def _has_source(source: str) -> ColumnElement[bool]:
    """Among the lines of `sources`."""
    lines = "\n" + type_coerce(_ROW.sources, Text) + "\n"
    return lines.contains(f"\n{source}\n")


def _sort_key(sort_by: SortKey) -> ColumnElement[Any]:
    return severity_rank if sort_by is SortKey.SEVERITY else _ROW[sort_by]


def _may_be_unknown(sort_by: SortKey) -> bool:
    return sort_by is not SortKey.SEVERITY and bool(_ROW[sort_by].nullable)
