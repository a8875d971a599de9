"""A database as revision 3 left it: one row for each claim, EPSS's among them, and complete merged rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy import Boolean, Column, Connection, Float, LargeBinary, MetaData, String, Table, Text, text

from backend.domain.claims import Feed, SourceRecord, encode_claim
from backend.domain.merge import merge
from backend.store import migrations
from backend.store.dialects.bulk import insert_rows
from backend.store.engine import Database
from backend.store.tables import Id, Identity, Lines, UtcDateTime

_tables = MetaData()
_records = Table(
    "source_records",
    _tables,
    Column("vulnerability_id", Id),
    Column("feed", String(16)),
    Column("key", Id),
    Column("raw_hash", LargeBinary(16)),
    Column("modified_at", UtcDateTime),
    Column("payload", Text),
)
_ROW = (
    Column("id", Identity),
    Column("cve_id", Id),
    Column("state", String(16)),
    Column("severity", String(16)),
    Column("exploited_in_the_wild", Boolean),
    Column("eu_exploited", Boolean),
    Column("ssvc_exploitation", String(8), nullable=False),
    Column("priority_score", Float),
    *(Column(name, Lines, nullable=False) for name in ("sources", "cwe_ids", "vendors", "products")),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("first_seen_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
)
_rows = Table("vulnerabilities", _tables, *_ROW)
_details = Table("vulnerability_details", _tables, Column("cve_id", Id), Column("body", Text))
_SEARCH = {
    "sqlite": (
        "DROP TABLE search_vocabulary",
        "DROP TABLE search_documents",
        "DROP TABLE search_texts",
        "CREATE VIRTUAL TABLE search_documents USING fts5(words, detail=none, columnsize=0, prefix='2 3')",
        "CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_documents, row)",
    ),
    "postgresql": (),
}


def make_old_database(url: str, records: Mapping[str, Sequence[SourceRecord]], at: datetime) -> None:
    """Fill an empty database with these records, all merged.

    Args:
        records: all of each vulnerability, by ascending id.
        at: when the rows were first seen and last changed.
    """
    database = Database(url)
    with database.transaction() as connection:
        migrations.upgrade(connection, "0003")
        for statement in _SEARCH[connection.dialect.name]:
            connection.execute(text(statement))
        _fill(connection, records, at)
    database.close()


def _fill(connection: Connection, records: Mapping[str, Sequence[SourceRecord]], at: datetime) -> None:
    claims = [
        (
            record.vulnerability_id,
            str(record.feed),
            record.key,
            record.raw_hash * 2,
            record.claim.modified_at,
            encode_claim(record.claim).decode(),
        )
        for record in chain.from_iterable(records.values())
    ]
    insert_rows(connection, _records, [column.name for column in _records.c], claims)
    merged = [row for name, made in records.items() if (row := merge(name, made)) is not None]
    rows = [
        [
            *(number, row.cve_id, row.state, row.severity, row.exploited_in_the_wild, row.eu_exploited),
            *(row.ssvc_exploitation, 0.5, row.sources, row.cwe_ids, row.vendors, row.products),
            *(row.title, row.description, at, at),
        ]
        for number, row in enumerate(reversed(merged), 1)
    ]
    insert_rows(connection, _rows, [column.name for column in _rows.c], rows)
    insert_rows(connection, _details, ("cve_id", "body"), [(row.cve_id, "{}" * 500) for row in merged])
    assert Feed.EPSS in {record.feed for record in chain.from_iterable(records.values())}
