"""SQLite: one file in WAL mode, so that readers never wait for the writer, and an FTS5 index of search documents.

The words of a search document are folded and split already; FTS5 only splits the document at blanks.
"""

from __future__ import annotations

import sqlite3
import string
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Index,
    Integer,
    Select,
    bindparam,
    column,
    create_engine,
    event,
    exc,
    exists,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from backend.contract.errors import OpenThreatError, SearchIndexDamaged, StoreDamaged, StoreFull, StoreUnavailable
from backend.contract.problems import CATALOGUE, ProblemId
from backend.domain.search import Facet
from backend.store.dialects.interface import Columns, SearchTokens
from backend.store.tables import vulnerabilities
from backend.system.machine import free_bytes

BUSY_TIMEOUT = 15.0  # seconds; a request that writes twice is answered before its client gives up
ROOM_TO_WRITE = 50 * 10**6  # bytes: a page of an update, and the log of the database meanwhile
_SESSION = (
    "PRAGMA synchronous = NORMAL",  # in WAL mode a power cut may lose the last transactions, never the file
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -8000",  # KiB for each connection; the system caches the file as well
    "PRAGMA temp_store = MEMORY",  # staged rows, or the ids found by a search
    "PRAGMA journal_size_limit = 67108864",  # bytes; the log of an index build does not stay on the disk
    "PRAGMA secure_delete = OFF",  # Debian's build overwrites freed pages, which public data does not need
)


class _HintingCompiler(SQLiteCompiler):
    """Compiles the hints of `Select.with_hint`, which SQLAlchemy ignores for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        return text


class SqliteFile:
    driver_errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    writes_in_server = False

    def __init__(self, url: URL) -> None:
        self._url = url
        self._path = Path(url.database or "").absolute()

    def create_engine(self) -> Engine:
        engine = create_engine(
            self._url,
            pool_size=2,
            max_overflow=20,
            pool_timeout=BUSY_TIMEOUT,
            connect_args={"timeout": BUSY_TIMEOUT, "isolation_level": None, "check_same_thread": False},
        )
        engine.dialect.statement_compiler = _HintingCompiler
        event.listen(engine, "connect", _configure)
        return engine

    def begin(self, connection: Connection, *, writing: bool) -> None:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writing else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    def revision(self, engine: Engine) -> str | None:  # noqa: ARG002 - a connection would create the file
        if not self._path.exists() or self._path.stat().st_size == 0:
            return None
        with closing(
            sqlite3.connect(f"file:{quote(self._path.as_posix())}?mode=ro", uri=True, timeout=BUSY_TIMEOUT)
        ) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None

    def lock_schema(self, connection: Connection) -> None:
        """BEGIN IMMEDIATE, with which every writing transaction starts, is the lock."""

    def set_up(self, engine: Engine) -> None:  # noqa: ARG002
        """Set the journal mode, a property of the file, once and not for each connection."""
        with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()

    def is_locked(self) -> bool:
        with closing(sqlite3.connect(self._path, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            connection.execute("ROLLBACK")
        return False

    def check_room(self) -> None:
        room = free_bytes(self._path.parent)
        if room is not None and room < ROOM_TO_WRITE:
            raise self._full(f"{room / 10**6:.0f} MB are free.")

    def _full(self, reason: str) -> StoreFull:
        return StoreFull(
            "The disk is full",
            f"{self._path} cannot be written: {reason} The data stored before is intact.",
            "Free some space on that disk; the next run continues where this one stopped.",
        )

    def rebuild_indexes(self, connection: Connection) -> None:
        connection.exec_driver_sql("REINDEX")

    def translate(self, error: BaseException) -> OpenThreatError | None:
        original = getattr(error, "orig", None) or error
        code = getattr(original, "sqlite_errorcode", None)
        where = f"{self._path}: {original}"
        if code == sqlite3.SQLITE_CORRUPT_VTAB:  # the only virtual table is the search index
            return search_index_damaged()
        match code and code & 0xFF:
            case sqlite3.SQLITE_FULL:
                return self._full(f"{original}.")
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return StoreUnavailable(
                    "The database is busy",
                    f"Another program, or a long step of an update, has locked {self._path} for {BUSY_TIMEOUT:.0f} s.",
                    "Try again in a minute. If that does not help, close database tools that have the file open.",
                )
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return StoreDamaged(
                    "The database file is damaged",
                    where,
                    "The next update repairs its indexes. If that is not enough, stop the program, restore a backup or "
                    "move the file elsewhere, and start again: without the file, everything is downloaded again.",
                )
            case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_IOERR:
                return StoreUnavailable(
                    "The database file cannot be used",
                    where,
                    "Check that its folder exists and is writable, and that the disk has no errors.",
                )
            case _:
                return None


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for statement in _SESSION:
        cursor.execute(statement)
    cursor.close()


_DAMAGED_INDEX = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CORRUPT_VTAB, sqlite3.SQLITE_ERROR)
"""SQLITE_ERROR: one of the tables in which FTS5 keeps the index is missing."""
_WHOLE = string.punctuation.replace("'", "''").replace('"', '""')
# detail=none: no positions, because phrases are not searched. columnsize=0: no lengths, because results are not ranked.
# The documents are stored, because a contentless index needs the old one to delete it. "ascii": all other characters
# belong to words.
_CREATE = f"""CREATE VIRTUAL TABLE search_documents USING fts5(
    words, detail=none, columnsize=0, prefix='2 3', tokenize="ascii tokenchars '{_WHOLE}'")"""

_NEEDED_TO_DROP = (
    "CREATE TABLE IF NOT EXISTS search_documents_data (id INTEGER PRIMARY KEY, block BLOB)",
    "CREATE TABLE IF NOT EXISTS search_documents_idx (segid, term, pgno, PRIMARY KEY (segid, term)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS search_documents_config (k PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT OR REPLACE INTO search_documents_config VALUES ('version', 4)",
    "INSERT OR REPLACE INTO search_documents_data VALUES (1, x''), (10, x'00000000000000')",
)
"""FTS5 can drop an index only if it can open it: with its own tables, no averages, and a structure without segments. https://sqlite.org/fts5.html#fts5_data_structures"""

_documents = table("search_documents", column("rowid", Integer), column("words"))
_schema = table("sqlite_master", column("type"), column("name"))
_query: ColumnElement[str] = column("search_documents")  # in FTS5 the hidden column for MATCH has the name of the table


def search_index_damaged() -> SearchIndexDamaged:
    kind = CATALOGUE[ProblemId.SEARCH_INDEX_DAMAGED]
    return SearchIndexDamaged(kind.title, kind.message, kind.hint)


class Fts5Index:
    def create(self, connection: Connection) -> None:
        connection.exec_driver_sql(_CREATE)
        connection.exec_driver_sql("CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_documents, row)")

    def is_whole(self, connection: Connection) -> bool:
        """FTS5's own check of its structures. Other errors than damage are raised."""
        try:
            connection.exec_driver_sql("INSERT INTO search_documents (search_documents) VALUES ('integrity-check')")
        except exc.DatabaseError as error:
            if getattr(error.orig, "sqlite_errorcode", None) not in _DAMAGED_INDEX:
                raise
            return False
        return True

    def recreate(self, connection: Connection) -> None:
        for statement in _NEEDED_TO_DROP:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("DROP TABLE search_vocabulary")
        connection.exec_driver_sql("DROP TABLE search_documents")
        self.create(connection)

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        if documents:
            connection.exec_driver_sql("INSERT INTO search_documents (rowid, words) VALUES (?, ?)", list(documents))

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        stored = select(_documents.c.rowid, _documents.c.words)
        known = stored.where(_documents.c.rowid.in_([identity for identity, _ in documents]))
        same = set(map(tuple, connection.execute(known)))
        changed = [document for document in documents if document not in same]
        if changed:
            connection.exec_driver_sql("INSERT OR REPLACE INTO search_documents (rowid, words) VALUES (?, ?)", changed)

    def delete(self, connection: Connection, ids: Sequence[int]) -> None:
        if ids:
            connection.exec_driver_sql(
                "DELETE FROM search_documents WHERE rowid = ?", [(identity,) for identity in ids]
            )

    def drop(self, connection: Connection) -> None:
        """Nothing to drop: FTS5 merges its segments gradually while writing."""

    def build(self, connection: Connection) -> None:
        """Nothing to build, since nothing was dropped."""

    def matching(self, tokens: SearchTokens) -> Select[int]:
        return select(_documents.c.rowid).select_from(_documents).where(_matches(tokens))

    def sample(self, connection: Connection, tokens: SearchTokens, limit: int) -> Sequence[int]:
        """Look up whole words first, which is immediate; a prefix needs the union of all words with that beginning."""
        for match in (_matches(tokens, whole_words=True), _matches(tokens)):
            ids = connection.execute(select(_documents.c.rowid).where(match).limit(limit)).scalars().all()
            if len(ids) == limit:
                break
        return ids

    def is_in(self, matching: Select[int]) -> ColumnElement[bool]:
        """The plus keeps SQLite from reading every matching row by its id."""
        return literal_column("+vulnerabilities.id", Integer).in_(matching)

    def using_index(self, connection: Connection, rows: Select[*Columns], index: Index) -> Select[*Columns]:
        """SQLite has no statistics here, and a hint for a missing index (during a first load) is an error."""
        is_built = select(exists().select_from(_schema).where(_schema.c.type == "index", _schema.c.name == index.name))
        if not connection.execute(is_built).scalar_one():
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
