"""The tables of revision 3 and older under the names that the migration gives them, and how far they are converted.

Every process asks this at its start; what converts them is in `store.conversion`.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Column, Connection, Float, LargeBinary, MetaData, String, Table, Text, inspect

from backend.store.repositories.metadata import MetadataRepository
from backend.store.tables import Id, Identity, UtcDateTime

POSITION_KEY = "conversion"

old_tables = MetaData()
old_records = Table(
    "old_source_records",
    old_tables,
    Column("vulnerability_id", Id, primary_key=True),
    Column("feed", String(16), primary_key=True),
    Column("key", Id, primary_key=True),
    Column("raw_hash", LargeBinary(16)),
    Column("payload", Text),
)
old_rows = Table(
    "old_vulnerabilities",
    old_tables,
    Column("id", Identity, primary_key=True),
    Column("cve_id", Id),
    Column("priority_score", Float),
    Column("first_seen_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
)
old_details = Table("old_vulnerability_details", old_tables, Column("cve_id", Id, primary_key=True))


class ConversionPosition(msgspec.Struct, frozen=True):
    """How far the conversion is: vulnerabilities done and in all, and the last id."""

    done: int = 0
    total: int = 0
    last_id: str = ""

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.total, 1)


def conversion_position(connection: Connection) -> ConversionPosition | None:
    """How far the conversion is; None if there is nothing to convert."""
    if not inspect(connection).has_table(old_records.name):
        return None
    stored = MetadataRepository(connection).get(POSITION_KEY)
    return msgspec.json.decode(stored, type=ConversionPosition) if stored else ConversionPosition()
