"""The bundle that waits to be loaded, or is being loaded: in the database, so that any worker can load it.

There is at most one; another one that is uploaded takes its place unless a run is loading it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, insert, select

from backend.store.repositories.metadata import MetadataRepository
from backend.store.tables import bundle_parts

PART = 2**20
"""Bytes of all parts but the last."""
_WAITING = "bundle"
_PART = bundle_parts.c


class StoredBundle(msgspec.Struct, frozen=True):
    """size: in bytes. task_id: the run that loads it; None while it waits for one."""

    id: str
    size: int
    task_id: str | None = None


class BundleRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection, self._facts = connection, MetadataRepository(connection)

    def get(self) -> StoredBundle | None:
        stored = self._facts.get(_WAITING)
        return msgspec.json.decode(stored, type=StoredBundle) if stored else None

    def put(self, bundle: StoredBundle, parts: Iterable[bytes]) -> None:
        """Store a bundle in place of another one. parts: of PART bytes, the last one perhaps shorter."""
        self.delete()
        for number, content in enumerate(parts):
            self._connection.execute(insert(bundle_parts).values(number=number, content=content))
        self.note(bundle)

    def note(self, bundle: StoredBundle) -> None:
        """Store what is known of the bundle, but not its content."""
        self._facts.set(_WAITING, msgspec.json.encode(bundle).decode())

    def read(self, position: int, size: int) -> bytes:
        """So many bytes from a position; fewer at the end."""
        first, last = position // PART, (position + size - 1) // PART
        rows = select(_PART.content).where(_PART.number.between(first, last)).order_by(_PART.number)
        content = b"".join(bytes(part) for part in self._connection.execute(rows).scalars())
        start = position - first * PART
        return content[start : start + size]

    def delete(self) -> None:
        self._connection.execute(delete(bundle_parts))
        self._facts.delete(_WAITING)
