"""One page of matches in the requested order, by page number or by the row before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, or_, select, true

from backend.domain.search import SearchQuery, SortKey, SortOrder
from backend.store.dialects import search_index_of
from backend.store.tables import id_rank, severity_rank, sort_indexes, text_ranks, vulnerabilities

_ROW = vulnerabilities.c
_KEYS: dict[SortKey, ColumnElement[Any]] = {
    **{key: _ROW[key] for key in SortKey},
    SortKey.SEVERITY: severity_rank,
    SortKey.CVE_ID: id_rank,
    **{SortKey(name): rank for name, rank in text_ranks.items()},
}
_NEVER_UNKNOWN = {SortKey.SEVERITY, SortKey.CVE_ID, SortKey.PRIORITY, SortKey.FIRST_SEEN, SortKey.UPDATED}


def counted(rows: Select[object]) -> Select[int]:
    return select(func.count()).select_from(rows.subquery())


class OrderedPage:
    """Reads pages of ids in the order of a query; unknown values come last in both directions.

    Args:
        offset: rows to skip.
        size: of the page.
    """

    def __init__(self, connection: Connection, query: SearchQuery, offset: int, size: int) -> None:
        self._connection, self._query, self._offset, self._size = connection, query, offset, size
        self._index = search_index_of(connection)
        self._key = _KEYS[query.sort_by]
        self._unknown = [] if query.sort_by in _NEVER_UNKNOWN else [self._key.is_(None)]
        self._ascending = query.sort_order is SortOrder.ASCENDING

    def sort_all(self, few: Select[str]) -> Sequence[str]:
        """Read and sort all rows of a small selection."""
        rows = few.where(or_(*self._following())) if self._query.after else few
        return self._page(rows.order_by(self._key.is_(None), *self._order()), self._offset)

    def by_sort_index(self, *conditions: ColumnElement[bool]) -> Sequence[str]:
        """Read rows along the sort index until the page is full."""
        return self._fill_page(conditions, self._following(), self._offset)

    def _following(self) -> Sequence[ColumnElement[bool]]:
        """The ranges of the sort index that follow, in order: equal to the row before, beyond it, unknown values."""
        key, after = self._key, self._query.after
        if after is None:
            return [key.is_not(None) if self._unknown else true(), *self._unknown]
        later = self._beyond(_ROW.cve_id, after.cve_id)
        if after.value is None:
            return [key.is_(None) & later]
        value = literal(after.value, key.type)
        return [(key == value) & later, self._beyond(key, value), *self._unknown]

    def _fill_page(
        self, conditions: Sequence[ColumnElement[bool]], parts: Sequence[ColumnElement[bool]], offset: int
    ) -> Sequence[str]:
        """Read one range after the other until the page is full. offset: rows to skip."""
        rows, page = select(_ROW.cve_id).where(*conditions), list[str]()
        if self._query.sort_by in sort_indexes:
            rows = self._index.using_index(self._connection, rows, sort_indexes[self._query.sort_by])
        for part in parts:
            ids = self._page(rows.where(part).order_by(*self._order()), offset, self._size - len(page))
            page += ids
            if len(page) == self._size:
                break
            if ids:
                offset = 0
            elif offset and part is not parts[-1]:
                offset = max(offset - self._count(rows.where(part)), 0)
        return page

    def _page(self, rows: Select[str], offset: int, size: int | None = None) -> Sequence[str]:
        return self._connection.execute(rows.limit(size or self._size).offset(offset)).scalars().all()

    def _count(self, rows: Select[object]) -> int:
        return self._connection.execute(counted(rows)).scalar_one()

    def _order(self) -> Sequence[ColumnElement[object]]:
        return [self._in_direction(self._key), self._in_direction(_ROW.cve_id)]

    def _in_direction(self, key: ColumnElement[object]) -> ColumnElement[object]:
        return key.asc() if self._ascending else key.desc()

    def _beyond(self, left: ColumnElement[Any], right: ColumnElement[Any] | str) -> ColumnElement[bool]:
        """The left value comes after the right one in the order of the query."""
        return left > right if self._ascending else left < right
