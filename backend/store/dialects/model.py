"""What SQLite and PostgreSQL each do their own way when a program talks to them. Both keep the same promises."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.engine import URL, Connection, Engine

from backend.contract.errors import ConfigurationError, OpenThreatError


class Server(Protocol):
    """One database as the engine sees it: how to connect, begin, and understand what goes wrong."""

    driver_errors: tuple[type[Exception], ...]
    """What the driver raises where its cursor is used without SQLAlchemy (COPY)."""

    writes_apart: bool
    """Whether the writing is another process's work, so that this one has its hands free meanwhile."""

    def create_engine(self) -> Engine:
        """An engine with its pool. Nothing is connected yet."""

    def begin(self, connection: Connection, *, writing: bool) -> None:
        """Opens the transaction. A reader cannot write and never waits for the writer."""

    def revision(self, engine: Engine) -> str | None:
        """The schema's revision, read without changing anything; None for a database that holds nothing of ours."""

    def lock_schema(self, connection: Connection) -> None:
        """Inside a writing transaction: waits until no other process prepares this database."""

    def settle(self, engine: Engine) -> None:
        """What has to be true of a database before it becomes ours, and cannot be done inside a transaction.

        Raises ConfigurationError when it cannot become ours.
        """

    def translate(self, error: BaseException) -> OpenThreatError | None:
        """What the driver's error means for people; None for the program's own affairs (constraints, bad SQL)."""


def server_for(url: URL) -> Server:
    """Imports only the driver that is used. Raises ConfigurationError for a kind of database that nobody here knows."""
    match url.get_backend_name():
        case "sqlite":
            from backend.store.dialects.sqlite import SqliteFile

            return SqliteFile(url)
        case "postgresql":
            from backend.store.dialects.postgresql import PostgresServer

            return PostgresServer(url)
        case other:
            raise ConfigurationError(
                "DATABASE_URL cannot be used",
                f"There is no support for {other}.",
                "Use postgresql://user:password@host:5432/name, or leave it empty for the built-in database.",
            )
