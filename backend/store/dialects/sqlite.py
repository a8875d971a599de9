"""SQLite: one file in WAL mode, so that readers never wait for the writer, and an FTS5 index of search documents.

The words of a search document are folded and split already; FTS5 only splits the document at blanks.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import string
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Index,
    Integer,
    LargeBinary,
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
from backend.contract.problem_catalogue import CATALOGUE, ProblemId
from backend.domain.search_text import AllOf, AnyOf, Match, Token, Without, vendor_facet
from backend.store.compression import Compressor, Dictionary, decompress
from backend.store.dialects.interface import Columns
from backend.store.tables import vulnerabilities
from backend.system.machine import free_bytes

MOST_UNUSED = 0.25
"""Share of the file from which on it is rewritten without its unused pages."""
SPARED = 256 * 2**20  # bytes that rewriting the file leaves free on the disk
BUSY_TIMEOUT = 15.0  # seconds; a request that writes twice is answered before its client gives up
_LOCK_PAUSES = (0.0005, 0.004)  # seconds between two tries to get the write lock, shortest and longest
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
        if writing:
            _begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    def revision(self, engine: Engine) -> str | None:
        if not self.has_table(engine, "alembic_version"):
            return None
        with closing(self._read_only()) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None

    def has_table(self, engine: Engine, name: str) -> bool:  # noqa: ARG002
        if not self._path.exists() or self._path.stat().st_size == 0:
            return False
        with closing(self._read_only()) as connection:
            return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None

    def _read_only(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(self._path.as_posix())}?mode=ro", uri=True, timeout=BUSY_TIMEOUT)

    def lock_schema(self, connection: Connection) -> None:
        """BEGIN IMMEDIATE, with which every writing transaction starts, is the lock."""

    @contextmanager
    def sole_converter(self, engine: Engine) -> Iterator[bool]:  # noqa: ARG002
        lock = FileLock(self._path.with_name(f"{self._path.name}-converting"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def compact(self) -> int:
        """Rewrite the file if a quarter of it is unused. SQLite makes a copy first, and writes that into its log."""
        with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT, isolation_level=None)) as connection:
            pages, unused, size = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
            if unused < MOST_UNUSED * pages:
                return 0
            self._check_space((pages - unused) * size)
            connection.execute("PRAGMA temp_store = FILE")  # the copy; in memory it would take gigabytes
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return unused * size

    def _check_space(self, copy: int) -> None:
        """The folder holds the log and the system's folder for temporary files the copy, perhaps on the same disk."""
        for folder in (self._path.parent, Path(gettempdir())):
            free = shutil.disk_usage(folder).free
            if free < 2 * copy + SPARED:
                raise StoreFull(
                    "Unused space of the database is not returned",
                    f"{folder} has {free // 2**20:,} MB left, and rewriting {self._path} takes {2 * copy // 2**20:,}.",
                    "Free some space on that disk; the daily cleaning then tries again. Until then nothing is lost.",
                )

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
            case sqlite3.SQLITE_CORRUPT:
                again = f"The next update repairs its indexes. If that is not enough, {_START_ANEW}"
                return StoreDamaged("The database file is damaged", where, again)
            case sqlite3.SQLITE_NOTADB:
                return StoreDamaged("The database file is damaged", where, _START_ANEW.capitalize())
            case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_IOERR:
                return StoreUnavailable(
                    "The database file cannot be used",
                    where,
                    "Check that its folder exists and is writable, and that the disk has no errors.",
                )
            case _:
                return None


def _begin_writing(connection: Connection) -> None:
    """Wait for the write lock as SQLite's own busy handler does, but with short pauses.

    SQLite looks ten times a second. Beside an update, which takes the lock again a millisecond after it returned it,
    a heartbeat or a request could then wait for the whole timeout.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        while not _has_begun(connection, is_last_try=time.monotonic() > deadline):
            time.sleep(random.uniform(*_LOCK_PAUSES))  # noqa: S311 - so that several waiters do not look in step
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")


def _has_begun(connection: Connection, *, is_last_try: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except exc.OperationalError as error:
        if is_last_try or getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for statement in _SESSION:
        cursor.execute(statement)
    cursor.close()


_START_ANEW = (
    "stop the program, restore a backup or move the file elsewhere, and start again: without the file, everything is "
    "downloaded again."
)
_DAMAGED_INDEX = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CORRUPT_VTAB, sqlite3.SQLITE_ERROR)
"""SQLITE_ERROR: one of the tables in which FTS5 keeps the index is missing."""
_WHOLE = string.punctuation.replace("'", "''").replace('"', '""')
# detail=none: no positions, because phrases are not searched. columnsize=0: no lengths, because results are not ranked.
# content='': FTS5 would store the documents uncompressed. To delete one it needs its words, which search_texts has.
# "ascii": all other characters belong to words.
_CREATE = f"""CREATE VIRTUAL TABLE search_documents USING fts5(
    words, content='', detail=none, columnsize=0, prefix='2 3', tokenize="ascii tokenchars '{_WHOLE}'")"""

_SPELLINGS = 500
"""Vulnerabilities of a vendor among which its most frequent spelling is looked for."""

_NEEDED_TO_DROP = (
    "CREATE TABLE IF NOT EXISTS search_documents_data (id INTEGER PRIMARY KEY, block BLOB)",
    "CREATE TABLE IF NOT EXISTS search_documents_idx (segid, term, pgno, PRIMARY KEY (segid, term)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS search_documents_config (k PRIMARY KEY, v) WITHOUT ROWID",
    "INSERT OR REPLACE INTO search_documents_config VALUES ('version', 4)",
    "INSERT OR REPLACE INTO search_documents_data VALUES (1, x''), (10, x'00000000000000')",
)
"""FTS5 can drop an index only if it can open it: with its own tables, no averages, and a structure without segments. https://sqlite.org/fts5.html#fts5_data_structures"""

_documents = table("search_documents", column("rowid", Integer), column("words"))
_texts = table("search_texts", column("id", Integer), column("words", LargeBinary))
_schema = table("sqlite_master", column("type"), column("name"))
_query: ColumnElement[str] = column("search_documents")  # in FTS5 the hidden column for MATCH has the name of the table


def search_index_damaged() -> SearchIndexDamaged:
    kind = CATALOGUE[ProblemId.SEARCH_INDEX_DAMAGED]
    return SearchIndexDamaged(kind.title, kind.message, kind.hint)


class Fts5Index:
    def create(self, connection: Connection) -> None:
        connection.exec_driver_sql(_CREATE)
        connection.exec_driver_sql("CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_documents, row)")
        connection.exec_driver_sql("CREATE TABLE search_texts (id INTEGER PRIMARY KEY, words BLOB NOT NULL)")

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
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_texts")
        self.create(connection)

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        if documents:
            compressor = Compressor(Dictionary.WORDS)
            texts = [(identity, compressor.compress(words.encode())) for identity, words in documents]
            connection.exec_driver_sql("INSERT INTO search_documents (rowid, words) VALUES (?, ?)", list(documents))
            connection.exec_driver_sql("INSERT INTO search_texts (id, words) VALUES (?, ?)", texts)

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        stored = self._stored(connection, [identity for identity, _ in documents])
        changed = [(identity, words) for identity, words in documents if stored.get(identity) != words]
        self._delete(connection, [(identity, stored[identity]) for identity, _ in changed if identity in stored])
        self.insert(connection, changed)

    def delete(self, connection: Connection, ids: Sequence[int]) -> None:
        self._delete(connection, list(self._stored(connection, ids).items()))

    def _stored(self, connection: Connection, ids: Sequence[int]) -> dict[int, str]:
        rows = connection.execute(select(_texts.c.id, _texts.c.words).where(_texts.c.id.in_(ids)))
        return {identity: decompress(words).decode() for identity, words in rows}

    def _delete(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        if documents:
            forget = "INSERT INTO search_documents (search_documents, rowid, words) VALUES ('delete', ?, ?)"
            connection.exec_driver_sql(forget, list(documents))
            connection.exec_driver_sql("DELETE FROM search_texts WHERE id = ?", [(number,) for number, _ in documents])

    def drop(self, connection: Connection) -> None:
        """Nothing to drop: FTS5 merges its segments gradually while writing."""

    def build(self, connection: Connection) -> None:
        """Nothing to build, since nothing was dropped."""

    def matching(self, match: Match) -> Select[int]:
        expression: BindParameter[str] = bindparam("search_match", _expression(match), unique=True)
        matches = _query.op("MATCH", is_comparison=True)(expression)
        return select(_documents.c.rowid).select_from(_documents).where(matches)

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
        return [(self._spelling(connection, term), count) for term, count in most]

    def _spelling(self, connection: Connection, term: str) -> str:
        """The most frequent spelling of a vendor's key among some of its vulnerabilities."""
        some = self.matching(Token(term)).limit(_SPELLINGS)
        rows = connection.execute(select(vulnerabilities.c.vendors).where(vulnerabilities.c.id.in_(some))).scalars()
        spellings: Counter[str] = Counter(name for names in rows for name in names if vendor_facet(name) == term)
        return spellings.most_common(1)[0][0]


def _expression(match: Match) -> str:
    """A match in FTS5's query syntax (https://sqlite.org/fts5.html#full_text_query_syntax)."""
    match match:
        case Token(text, beginning):
            return _quoted(text) + (" *" if beginning else "")
        case AllOf(parts):
            return "(" + " AND ".join(map(_expression, parts)) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(map(_expression, parts)) + ")"
        case Without(wanted, excluded):
            return f"({_expression(wanted)} NOT {_expression(excluded)})"


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
