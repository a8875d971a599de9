"""The cursors of connectors: opaque but for a few fields."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from backend.contract.names import Source
from backend.store.repositories.sources import SourceRepository


def advance(connection: Connection, source: Source, cursor: bytes) -> None:
    """Store the cursor of a connector, and the fields of it that are not opaque."""
    reached = reached_by(cursor)
    SourceRepository(connection).advance(source, cursor, reached.watermark, reached.model, reached.model_since)


def reached_by(cursor: bytes) -> Reached:
    """The fields of a cursor that are not opaque."""
    return msgspec.json.decode(cursor, type=Reached)


class Reached(msgspec.Struct):
    """The fields of a connector's cursor that are not opaque (see `store.repositories.sources.StoredSource`)."""

    watermark: datetime | None = None
    model: str | None = None
    model_since: datetime | None = None
