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


def search_index_of(connection: Connection) -> SearchIndex:
    if connection.dialect.name == "postgresql":
        from backend.store.dialects.postgresql import TsvectorIndex

        return TsvectorIndex()
    from backend.store.dialects.sqlite import Fts5Index

    return Fts5Index()
