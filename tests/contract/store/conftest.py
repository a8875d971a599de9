from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.store.engine import Database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with all tables, on SQLite and on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()
