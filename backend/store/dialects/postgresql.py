"""PostgreSQL through psycopg2: the server, and a GIN index of search documents.

The words of a search document become lexemes of a tsvector directly, without PostgreSQL's own parser. The documents
have a table of their own, so that a new score does not change the index. They are stored as text and the index is on an
expression, because a stored tsvector takes a third more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import psycopg2
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    create_engine,
    delete,
    event,
    exc,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateIndex, DropIndex

from backend.contract.errors import ConfigurationError, OpenThreatError, StoreDamaged, StoreFull, StoreUnavailable
from backend.domain.names import vendor_key
from backend.domain.search_text import AllOf, AnyOf, Match, Token, Without
from backend.store.dialects.bulk import insert_rows, like, staged, temporary_table
from backend.store.dialects.interface import Columns
from backend.store.tables import vulnerabilities

_SCHEMA_LOCK = 0x4F50_454E_5448  # arbitrary numbers that other programs do not use
_CONVERSION_LOCK = _SCHEMA_LOCK + 1
_EVENTS_LOCK = _SCHEMA_LOCK + 2
_READER = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;"
    " SET LOCAL statement_timeout = '60s';"  # no caller waits longer
    " SET LOCAL idle_in_transaction_session_timeout = 0;"  # a bundle is read as fast as its receiver takes it
    " SET LOCAL jit = off;"  # JIT and parallel workers cost more than they save in queries of milliseconds
    " SET LOCAL max_parallel_workers_per_gather = 0"
)
_IDLE_TIMEOUT_S = 60
"""Seconds without a statement after which the server ends a transaction. Where a host loses its connection without
closing it, locks would be held for hours otherwise.
"""
_SESSION = f"SET idle_in_transaction_session_timeout = '{_IDLE_TIMEOUT_S}s'"
_CONNECTION = {
    "connect_timeout": 5,  # seconds
    "application_name": "openthreat",
    "client_encoding": "utf8",
    # A vanished server is detected within a minute instead of two hours.
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 1000 * _IDLE_TIMEOUT_S,  # of what was sent to it
}
_GONE = ("08", "57P", "53", "40", "55P03", "57014")  # connection, shutdown, resources, serialisation, lock, cancelled


class PostgresServer:
    driver_errors: tuple[type[Exception], ...] = (psycopg2.Error,)
    writes_in_server = True

    def __init__(self, url: URL) -> None:
        self._url = url
        self._name = f"{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"

    def create_engine(self) -> Engine:
        given = {name: value for name, value in _CONNECTION.items() if name not in self._url.query}
        engine = create_engine(
            self._url, pool_size=2, max_overflow=8, pool_timeout=30, pool_pre_ping=True, connect_args=given
        )
        event.listen(engine, "connect", _set_up_session)
        return engine

    def begin(self, connection: Connection, *, writing: bool) -> None:
        if not writing:
            connection.exec_driver_sql(_READER)

    def revision(self, engine: Engine) -> str | None:
        with engine.connect() as connection:
            if connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar() is None:
                return None
            found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return found

    def has_table(self, engine: Engine, name: str) -> bool:
        with engine.connect() as connection:
            return connection.execute(select(func.to_regclass(name))).scalar() is not None

    @contextmanager
    def sole_converter(self, engine: Engine) -> Iterator[bool]:
        with engine.connect() as connection:
            acquired = connection.execute(select(func.pg_try_advisory_lock(_CONVERSION_LOCK))).scalar_one()
            connection.commit()  # the lock is the session's, and the conversion takes longer than a transaction may
            try:
                yield bool(acquired)
            finally:
                if acquired:
                    connection.execute(select(func.pg_advisory_unlock(_CONVERSION_LOCK)))

    def compact(self) -> int:
        """Nothing to do: PostgreSQL returns the space of dropped tables and reuses that of deleted rows."""
        return 0

    def lock_schema(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")

    def set_up(self, engine: Engine) -> None:
        with engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise ConfigurationError(
                "The database cannot store all characters",
                f"The encoding of {self._name} is {encoding}.",
                "Create a database with ENCODING 'UTF8' and set DATABASE_URL to it.",
            )

    def is_locked(self) -> bool:
        """Writers of different rows do not wait for one another."""
        return False

    def check_room(self) -> None:
        """The server's disk cannot be asked for; a write says that it is full (53100)."""

    def rebuild_indexes(self, connection: Connection) -> None:
        for name in connection.exec_driver_sql(_OUR_TABLES).scalars().all():
            connection.exec_driver_sql(f'REINDEX TABLE "{name}"')

    def translate(self, error: BaseException) -> OpenThreatError | None:
        original = getattr(error, "orig", None) or error
        code = getattr(original, "pgcode", None) or ""
        message = self._without_password(str(original).strip().partition("\n")[0])
        if code == "53100":
            return StoreFull(
                "The database server's disk is full",
                f"{self._name}: {message}. The data stored before is intact.",
                "Free some space on the server; the next run continues where this one stopped.",
            )
        if code in ("XX001", "XX002"):
            return StoreDamaged(
                "The database is damaged",
                f"{self._name}: {message}",
                "The next update builds its indexes anew. If that is not enough, restore a backup, or empty the "
                "database: everything is then downloaded again.",
            )
        if code == "25006":
            return StoreUnavailable(
                "The database does not accept writes",
                f"{self._name}: {message}",
                "It is a replica, or set to read-only. Set DATABASE_URL to the server that accepts writes.",
            )
        lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
        unnamed = not code and isinstance(original, psycopg2.OperationalError | psycopg2.InterfaceError)
        if lost or unnamed or code.startswith(_GONE):
            return StoreUnavailable(
                "The database cannot be reached",
                f"{self._name}: {message}",
                "Check that PostgreSQL is running there and that DATABASE_URL is right; work then continues by itself.",
            )
        return None

    def _without_password(self, text: str) -> str:
        password = str(self._url.password or "")
        return text.replace(password, "***") if password else text


def _set_up_session(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(_SESSION)
    connection.commit()


def lock_events(connection: Connection) -> None:
    """Let this transaction be the only one that writes events, until it ends."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_EVENTS_LOCK})")


_OUR_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
_documents = Table(
    "search_documents",
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
)
_lexemes: ColumnElement[str] = func.array_to_tsvector(
    func.string_to_array(_documents.c.words, literal_column("' '")), type_=TSVECTOR
)
_incoming = temporary_table("incoming_documents", *map(like, _documents.c))
_gin = Index(
    "ix_search_documents_words",
    _lexemes,
    postgresql_using="gin",
    postgresql_with={
        "gin_pending_list_limit": "512"
    },  # KiB of pending entries that every search also reads; the default of 4 MiB is slow
)


class TsvectorIndex:
    def create(self, connection: Connection) -> None:
        _documents.create(connection)

    def is_whole(self, connection: Connection) -> bool:
        """Whether each vulnerability has its document, in a table that exists."""
        if connection.exec_driver_sql("SELECT to_regclass('search_documents')").scalar() is None:
            return False
        document = select(_documents.c.id).where(_documents.c.id == vulnerabilities.c.id)
        missing = select(vulnerabilities.c.id).where(~document.exists())
        return not connection.execute(select(missing.exists())).scalar_one()

    def recreate(self, connection: Connection) -> None:
        _documents.drop(connection, checkfirst=True)
        self.create(connection)
        self.build(connection)

    def insert(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        insert_rows(connection, _documents, ("id", "words"), documents)

    def put(self, connection: Connection, documents: Sequence[tuple[int, str]]) -> None:
        if not documents:
            return
        with staged(connection, _incoming, ("id", "words"), documents):
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

    def matching(self, match: Match) -> Select[int]:
        expression = cast(bindparam("search_match", _expression(match), unique=True), TSQUERY)
        return select(_documents.c.id).where(_lexemes.op("@@", is_comparison=True)(expression))

    def is_in(self, matching: Select[int]) -> ColumnElement[bool]:
        return vulnerabilities.c.id.in_(matching)

    def using_index(self, connection: Connection, rows: Select[*Columns], index: Index) -> Select[*Columns]:  # noqa: ARG002
        """No hint: the planner has statistics."""
        return rows

    def top_vendors(self, connection: Connection, limit: int) -> list[tuple[str, int]]:
        rows = connection.exec_driver_sql(
            "SELECT vendor, count(*) FROM vulnerabilities, string_to_table(vendors, E'\n') AS vendor"
            " WHERE vendors <> '' GROUP BY vendor ORDER BY count(*) DESC, vendor COLLATE \"C\""
        ).all()
        counts: Counter[str] = Counter()
        spellings: dict[str, str] = {}
        for name, count in rows:
            key = vendor_key(name)
            counts[key] += count
            spellings.setdefault(key, name)
        most = sorted(counts.items(), key=lambda vendor: (-vendor[1], vendor[0]))[:limit]
        return [(spellings[key], count) for key, count in most]


def _expression(match: Match) -> str:
    """A match in the syntax of tsquery (https://www.postgresql.org/docs/current/datatype-textsearch.html)."""
    match match:
        case Token(text, beginning):
            return _quoted(text) + (":*" if beginning else "")
        case AllOf(parts):
            return "(" + " & ".join(map(_expression, parts)) + ")"
        case AnyOf(parts):
            return "(" + " | ".join(map(_expression, parts)) + ")"
        case Without(wanted, excluded):
            return f"({_expression(wanted)} & !{_expression(excluded)})"


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
