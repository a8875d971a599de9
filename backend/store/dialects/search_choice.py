"""Which search index goes with a connection's database."""

from __future__ import annotations

from sqlalchemy import Connection

from backend.store.dialects.search import SearchIndex


def search_index_of(connection: Connection) -> SearchIndex:
    """Imports only the one that is used."""
    if connection.dialect.name == "postgresql":
        from backend.store.dialects.postgresql_search import TsvectorIndex

        return TsvectorIndex()
    from backend.store.dialects.sqlite_search import Fts5Index

    return Fts5Index()
