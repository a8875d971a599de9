"""Search on PostgreSQL: the documents' words are lexemes of a tsvector, past its own parser, under a GIN index.

They have a table of their own, so that a new score does not touch the index.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    Select,
    Table,
    bindparam,
    cast,
    delete,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.schema import CreateIndex, DropIndex

from backend.store.dialects.bulk import insert_rows, like, staged, temporary_table
from backend.store.dialects.search import Columns, SearchTokens
from backend.store.tables import vulnerabilities

_documents = Table(
    "search_documents",
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("words", TSVECTOR, nullable=False),
)
_incoming = temporary_table("incoming_documents", *map(like, _documents.c))
_gin = Index(
    "ix_search_documents_words",
    _documents.c.words,
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": "512"},  # KiB of news that every search reads besides; 4 MiB take long
)


class TsvectorIndex:
    def create(self, connection: Connection) -> None:
        _documents.create(connection)

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        insert_rows(connection, _documents, ("id", "words"), _as_text(documents))

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        if not documents:
            return
        with staged(connection, _incoming, ("id", "words"), _as_text(documents)):
            differing = (
                select(_incoming)
                .outerjoin_from(_incoming, _documents, _documents.c.id == _incoming.c.id)
                .where(_incoming.c.words.is_distinct_from(_documents.c.words))
            )
            rows = insert(_documents).from_select(["id", "words"], differing)
            connection.execute(rows.on_conflict_do_update(index_elements=["id"], set_={"words": rows.excluded.words}))

    def delete(self, connection: Connection, ids: Sequence[int]) -> None:
        if ids:
            connection.execute(delete(_documents).where(_documents.c.id.in_(ids)))

    def drop(self, connection: Connection) -> None:
        connection.execute(DropIndex(_gin, if_exists=True))

    def build(self, connection: Connection) -> None:
        connection.execute(CreateIndex(_gin, if_not_exists=True))
        connection.exec_driver_sql("ANALYZE search_documents")

    def found(self, tokens: SearchTokens) -> Select[int]:
        return select(_documents.c.id).where(_matches(tokens))

    def first(self, connection: Connection, tokens: SearchTokens, limit: int) -> Sequence[int]:
        return connection.execute(self.found(tokens).limit(limit)).scalars().all()

    def among(self, found: Select[int]) -> ColumnElement[bool]:
        return vulnerabilities.c.id.in_(found)

    def along(self, connection: Connection, rows: Select[*Columns], index: Index) -> Select[*Columns]:  # noqa: ARG002
        """The planner has statistics of everything."""
        return rows

    def top_vendors(self, connection: Connection, limit: int) -> list[tuple[str, int]]:
        most = connection.exec_driver_sql(
            "SELECT vendor, count(*) FROM vulnerabilities, string_to_table(vendors, E'\n') AS vendor"
            " WHERE vendors <> '' GROUP BY vendor ORDER BY count(*) DESC, vendor COLLATE \"C\" LIMIT %s",
            (limit,),
        )
        return [(vendor, count) for vendor, count in most]


def _matches(tokens: SearchTokens) -> ColumnElement[bool]:
    parts = [_quoted(facet) for facet in tokens.facets] + [f"{_quoted(word)}:*" for word in tokens.words]
    return _documents.c.words.op("@@", is_comparison=True)(
        cast(bindparam("search_tokens", " & ".join(parts), unique=True), TSQUERY)
    )


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def _as_text(documents: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """COPY takes a tsvector as its quoted lexemes."""
    return [(identity, _quoted(words).replace(" ", "' '")) for identity, words in documents]
