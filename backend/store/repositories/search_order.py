"""One page of what answers a query, in the order asked for: by its number, or by the row that it follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, or_, select, true

from backend.domain.search import SearchQuery, SortKey, SortOrder
from backend.store.dialects import search_index_of
from backend.store.tables import filter_index, severity_rank, sort_indexes, vulnerabilities

_ROW = vulnerabilities.c
_IN_FILTER_INDEX = (SortKey.CVSS, SortKey.PRIORITY, SortKey.PUBLISHED, SortKey.MODIFIED, SortKey.SEVERITY)


def counted(rows: Select[object]) -> Select[int]:
    return select(func.count()).select_from(rows.subquery())


class OrderedPage:
    """Rows whose value is not known come last in both directions."""

    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection, self._query = connection, query
        self._index = search_index_of(connection)
        by = query.sort_by
        self._key: ColumnElement[Any] = severity_rank if by is SortKey.SEVERITY else _ROW[by]
        self._unknown = [self._key.is_(None)] if by is not SortKey.SEVERITY and _ROW[by].nullable else []
        self._rising = query.sort_order is SortOrder.ASCENDING

    def sorted(self, few: Select[str]) -> Sequence[str]:
        """All of them are looked at."""
        rows = few.where(or_(*self._following())) if self._query.after else few
        return self._page(rows.order_by(self._key.is_(None), *self._order()), self._query.offset)

    def walked(self, *conditions: ColumnElement[bool]) -> Sequence[str]:
        """Along the sort index."""
        return self._filled(conditions, self._following(), self._query.offset)

    def far_down(self, filters: Sequence[ColumnElement[bool]]) -> Sequence[str]:
        """The filter index alone tells with which value the page begins: only its equals have yet to be passed over."""
        key, query = self._key, self._query
        if query.sort_by not in _IN_FILTER_INDEX:
            return self.walked(*filters)
        known = self._index.along(self._connection, select(key).where(key.is_not(None), *filters), filter_index)
        begins = known.order_by(self._directed(key)).limit(1).offset(query.offset)
        first = self._connection.execute(begins).scalar()
        if first is None:
            return self._filled(filters, self._unknown, query.offset - self._count(known))
        before = self._beyond(literal(first, key.type), key)
        return self._filled(filters, [~before, *self._unknown], query.offset - self._count(known.where(before)))

    def _following(self) -> Sequence[ColumnElement[bool]]:
        """Which rows may come, and in this order: the equals of the one that they follow, those beyond, the unknown.

        Each is a range of the sort index.
        """
        key, after = self._key, self._query.after
        if after is None:
            return [key.is_not(None) if self._unknown else true(), *self._unknown]
        later = self._beyond(_ROW.cve_id, after.cve_id)
        if self._query.sort_by is SortKey.CVE_ID:
            return [later]
        if after.value is None:
            return [key.is_(None) & later]
        value = literal(after.value, key.type)
        return [(key == value) & later, self._beyond(key, value), *self._unknown]

    def _filled(
        self, conditions: Sequence[ColumnElement[bool]], parts: Sequence[ColumnElement[bool]], offset: int
    ) -> Sequence[str]:
        """From one part after the other until the page is full; offset: rows to be passed over."""
        rows, page = select(_ROW.cve_id).where(*conditions), list[str]()
        if self._query.sort_by in sort_indexes:
            rows = self._index.along(self._connection, rows, sort_indexes[self._query.sort_by])
        for part in parts:
            got = self._page(rows.where(part).order_by(*self._order()), offset, self._query.page_size - len(page))
            page += got
            if len(page) == self._query.page_size:
                break
            if got:
                offset = 0
            elif offset and part is not parts[-1]:
                offset = max(offset - self._count(rows.where(part)), 0)
        return page

    def _page(self, rows: Select[str], offset: int, size: int | None = None) -> Sequence[str]:
        return self._connection.execute(rows.limit(size or self._query.page_size).offset(offset)).scalars().all()

    def _count(self, rows: Select[object]) -> int:
        return self._connection.execute(counted(rows)).scalar_one()

    def _order(self) -> Sequence[ColumnElement[object]]:
        if self._query.sort_by is SortKey.CVE_ID:
            return [self._directed(self._key)]
        return [self._directed(self._key), self._directed(_ROW.cve_id)]

    def _directed(self, key: ColumnElement[object]) -> ColumnElement[object]:
        return key.asc() if self._rising else key.desc()

    def _beyond(self, one: ColumnElement[Any], other: ColumnElement[Any] | str) -> ColumnElement[bool]:
        """Whether it comes later than the other."""
        return one > other if self._rising else one < other
