"""Tokens of the API. Only a hash of each is stored: 256 random bits need neither salt nor a slow hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection, delete, insert, select, update

from backend.store.tables import access_tokens

_ROW = access_tokens.c


@dataclass(frozen=True, slots=True)
class StoredToken:
    id: int
    digest: bytes
    name: str
    role: str
    created_at: datetime
    created_by_user: str
    created_by_machine: str
    last_used_at: datetime | None
    last_used_from: str


class AccessTokenRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[StoredToken]:
        return [StoredToken(*row) for row in self._connection.execute(select(access_tokens).order_by(_ROW.id))]

    def find(self, token: str) -> StoredToken | None:
        row = self._connection.execute(select(access_tokens).where(_ROW.digest == _digest(token))).first()
        return StoredToken(*row) if row else None

    def is_named(self, name: str) -> bool:
        return self._connection.execute(select(_ROW.id).where(_ROW.name == name)).first() is not None

    def add(self, token: str, name: str, role: str, user: str, machine: str, now: datetime) -> int:
        """Store a token and return its number."""
        values = {"name": name, "role": role, "created_by_user": user, "created_by_machine": machine}
        added = insert(access_tokens).values(digest=_digest(token), created_at=now, last_used_from="", **values)
        number: int = self._connection.execute(added.returning(_ROW.id)).scalar_one()
        return number

    def note_use(self, token_id: int, address: str, now: datetime) -> None:
        used = update(access_tokens).where(_ROW.id == token_id)
        self._connection.execute(used.values(last_used_at=now, last_used_from=address))

    def delete(self, token_id: int) -> bool:
        return self._connection.execute(delete(access_tokens).where(_ROW.id == token_id)).rowcount == 1


def _digest(token: str) -> bytes:
    return blake2b(token.encode("utf-8", "replace"), digest_size=32).digest()
