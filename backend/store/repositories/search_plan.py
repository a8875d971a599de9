"""How a query is answered: which ids, in which order, and how many there are.

What is found by words or names is either few, then all of it is looked up and sorted; or many, then rows are walked in the
order asked for, and those that were not found are passed over, until the page is full. Both are fast where they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, literal_column, select

from backend.contract.names import Severity
from backend.domain.query import TEXT_TOTAL_CAP, SearchQuery, SortKey, SortOrder
from backend.domain.words import Facet, query_words
from backend.store.dialects.search import search_index_of
from backend.store.tables import severity_rank, vulnerabilities

FEW = 2000
"""Up to so many rows are looked up one by one: some milliseconds."""

_ROW = vulnerabilities.c


@dataclass(frozen=True, slots=True)
class Answer:
    cve_ids: Sequence[str]
    total: int
    total_capped: bool


@dataclass(frozen=True)
class Tokens:
    """What the search index is asked for."""

    words: Sequence[str]
    facets: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.words or self.facets)


def plan(connection: Connection, query: SearchQuery) -> Answer:
    return _Search(connection, query).answer()


class _Search:
    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection, self._query = connection, query
        self._index = search_index_of(connection)
        self._tokens = Tokens(query_words(query.text), _facets(query))
        self._filters = _filters(query)

    def answer(self) -> Answer:
        if self._tokens and self._count(self._index.found(self._tokens).limit(FEW + 1)) <= FEW:
            return self._from_few()
        ...
