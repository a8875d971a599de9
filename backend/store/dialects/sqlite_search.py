"""Search on SQLite: FTS5 over the search documents. Their words are cut already; FTS5 only splits them at blanks."""

from __future__ import annotations

import string
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Integer,
    Select,
    bindparam,
    column,
    exists,
    literal_column,
    select,
    table,
)

from backend.domain.search import Facet
from backend.store.dialects.search import Columns, SearchTokens
from backend.store.tables import vulnerabilities

_WHOLE = string.punctuation.replace("'", "''").replace('"', '""')
# detail=none: no positions, for nobody asks for phrases. columnsize=0: no lengths, for nobody ranks. The documents are
# kept, because a contentless index cannot forget an old one by itself. "ascii": whatever is not ASCII belongs to words.
_CREATE = f"""CREATE VIRTUAL TABLE search_documents USING fts5(
    words, detail=none, columnsize=0, prefix='2 3', tokenize="ascii tokenchars '{_WHOLE}'")"""

_documents = table("search_documents", column("rowid", Integer), column("words"))
_schema = table("sqlite_master", column("type"), column("name"))
_query: ColumnElement[str] = column("search_documents")  # FTS5 names the hidden column that MATCH asks like the table


class Fts5Index:
    def create(self, connection: Connection) -> None:
        connection.exec_driver_sql(_CREATE)
        connection.exec_driver_sql("CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_documents, row)")

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        if documents:
            connection.exec_driver_sql("INSERT INTO search_documents (rowid, words) VALUES (?, ?)", list(documents))

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        stored = select(_documents.c.rowid, _documents.c.words)
        known = stored.where(_documents.c.rowid.in_([identity for identity, _ in documents]))
        same = set(map(tuple, connection.execute(known)))
        news = [document for document in documents if document not in same]
        if news:
            connection.exec_driver_sql("INSERT OR REPLACE INTO search_documents (rowid, words) VALUES (?, ?)", news)

    def delete(self, connection: Connection, ids: Sequence[int]) -> None:
        if ids:
            connection.exec_driver_sql(
                "DELETE FROM search_documents WHERE rowid = ?", [(identity,) for identity in ids]
            )

    def drop(self, connection: Connection) -> None:
        """FTS5 merges what is written by and by; there is nothing to be dropped."""

    def build(self, connection: Connection) -> None:
        """Nothing was dropped."""

    def found(self, tokens: SearchTokens) -> Select[int]:
        return select(_documents.c.rowid).select_from(_documents).where(_matches(tokens))

    def first(self, connection: Connection, tokens: SearchTokens, limit: int) -> Sequence[int]:
        """Whole words are looked up in no time, beginnings only after all words that begin so have been united."""
        for match in (_matches(tokens, whole_words=True), _matches(tokens)):
            ids = connection.execute(select(_documents.c.rowid).where(match).limit(limit)).scalars().all()
            if len(ids) == limit:
                break
        return ids

    def among(self, found: Select[int]) -> ColumnElement[bool]:
        """The plus keeps SQLite from looking up all that was found row by row."""
        return literal_column("+vulnerabilities.id", Integer).in_(found)

    def along(self, connection: Connection, rows: Select[*Columns], index: Index) -> Select[*Columns]:
        """SQLite keeps no statistics here and refuses to name an index that a first load has dropped."""
        built = select(exists().select_from(_schema).where(_schema.c.type == "index", _schema.c.name == index.name))
        if not connection.execute(built).scalar_one():
            return rows
        return rows.with_hint(vulnerabilities, f'INDEXED BY "{index.name}"', "sqlite")

    def top_vendors(self, connection: Connection, limit: int) -> list[tuple[str, int]]:
        most = connection.exec_driver_sql(
            "SELECT term, doc FROM search_vocabulary"
            " WHERE term >= 'v=' AND term < 'v>' ORDER BY doc DESC, term LIMIT ?",
            (limit,),
        )
        return [(Facet.VENDOR.value_in(term), count) for term, count in most]


def _matches(tokens: SearchTokens, *, whole_words: bool = False) -> ColumnElement[bool]:
    parts = [_quoted(token) for token in tokens.facets]
    parts += [_quoted(word) + ("" if whole_words else " *") for word in tokens.words]
    return _query.op("MATCH", is_comparison=True)(bindparam("search_tokens", " AND ".join(parts), unique=True))


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
