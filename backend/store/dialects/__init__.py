"""The choice of a database's dialect: its server class and its search index. Imports only the one that is used."""

from __future__ import annotations

from sqlalchemy.engine import URL, Connection

from backend.contract.errors import ConfigurationError
from backend.store.dialects.interface import DatabaseServer, SearchIndex


def server_for(url: URL) -> DatabaseServer:
    """The server of a URL.

    Raises:
        ConfigurationError: the kind of database is not supported.
    """
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
                f"{other} is not supported.",
                "Use postgresql://user:password@host:5432/name, or leave it empty for the built-in database.",
            )


def lock_events(connection: Connection) -> None:
    """Let this transaction be the only one that writes events, until it ends.

    An event is new where none like it is stored. Two transactions at once would each write the event of one
    vulnerability, and would decide without the findings of the other whether it concerns the users. SQLite has one
    writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        from backend.store.dialects import postgresql

        postgresql.lock_events(connection)


def search_index_of(connection: Connection) -> SearchIndex:
    if connection.dialect.name == "postgresql":
        from backend.store.dialects.postgresql import TsvectorIndex

        return TsvectorIndex()
    from backend.store.dialects.sqlite import Fts5Index

    return Fts5Index()
