"""A PostgreSQL server, the program's own or a team's, through psycopg2."""

from __future__ import annotations

import psycopg2
from sqlalchemy import create_engine, exc
from sqlalchemy.engine import URL, Connection, Engine

from backend.contract.errors import ConfigurationError, OpenThreatError, StoreDamaged, StoreFull, StoreUnavailable

_SCHEMA_LOCK = 0x4F50_454E_5448  # any number that other programs do not use
_READER = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;"
    " SET LOCAL statement_timeout = '60s';"  # a question that takes longer answers nobody
    " SET LOCAL jit = off;"  # compiling, like starting helpers, costs more than it saves in queries of milliseconds
    " SET LOCAL max_parallel_workers_per_gather = 0"
)
_CONNECTION = {
    "connect_timeout": 5,  # seconds
    "application_name": "openthreat",
    "client_encoding": "utf8",
    # A server that vanished is noticed within a minute instead of two hours.
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
_GONE = ("08", "57P", "53", "40", "55P03", "57014")  # connection, shutdown, resources, serialisation, lock, cancelled


class PostgresServer:
    driver_errors: tuple[type[Exception], ...] = (psycopg2.Error,)
    writes_apart = True

    def __init__(self, url: URL) -> None:
        self._url = url
        self._name = f"{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"

    def create_engine(self) -> Engine:
        given = {name: value for name, value in _CONNECTION.items() if name not in self._url.query}
        return create_engine(
            self._url, pool_size=2, max_overflow=8, pool_timeout=30, pool_pre_ping=True, connect_args=given
        )

    def begin(self, connection: Connection, *, writing: bool) -> None:
        if not writing:
            connection.exec_driver_sql(_READER)

    def revision(self, engine: Engine) -> str | None:
        with engine.connect() as connection:
            if connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar() is None:
                return None
            found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return found

    def lock_schema(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")

    def settle(self, engine: Engine) -> None:
        with engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise ConfigurationError(
                "The database cannot hold all letters",
                f"{self._name} is encoded in {encoding}.",
                "Create a database with ENCODING 'UTF8' and name it in DATABASE_URL.",
            )

    def translate(self, error: BaseException) -> OpenThreatError | None:
        original = getattr(error, "orig", None) or error
        code = getattr(original, "pgcode", None) or ""
        said = self._without_password(str(original).strip().partition("\n")[0])
        if code == "53100":
            return StoreFull(
                "The database server's disk is full",
                f"{self._name}: {said}. What was stored before is whole.",
                "Free some space on the server; the next run continues where this one stopped.",
            )
        if code in ("XX001", "XX002"):
            return StoreDamaged(
                "The database is damaged",
                f"{self._name}: {said}",
                "Restore it from a backup, or empty it: everything is downloaded afresh then.",
            )
        lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
        unnamed = not code and isinstance(original, psycopg2.OperationalError | psycopg2.InterfaceError)
        if lost or unnamed or code.startswith(_GONE):
            return StoreUnavailable(
                "The database cannot be reached",
                f"{self._name}: {said}",
                "Check that PostgreSQL runs there and that DATABASE_URL names it rightly; work goes on by itself then.",
            )
        return None

    def _without_password(self, text: str) -> str:
        password = str(self._url.password or "")
        return text.replace(password, "***") if password else text
