"""Small things the program remembers about the database: a name, a text."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from backend.store.dialects.bulk import upsert
from backend.store.tables import facts


class FactRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        return self._connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()

    def set(self, name: str, value: str) -> None:
        statement = upsert(self._connection, facts).values(name=name, value=value)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def forget(self, name: str) -> None:
        self._connection.execute(delete(facts).where(facts.c.name == name))
