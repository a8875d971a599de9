"""A database as revision 3 (commit 5267e1f) left it: one row for each claim and complete merged rows.

Its search index kept the documents: on SQLite in FTS5's own content, on PostgreSQL as today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Boolean, Column, Connection, Date, Float, LargeBinary, MetaData, String, Table, Text, text

from backend.domain.claims import SourceRecord, encode_claim
from backend.domain.merge import merge
from backend.domain.search_text import search_words
from backend.store import migrations
from backend.store.dialects import search_index_of
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
    Column("payload", Text, nullable=False),
)
_rows = Table(
    "vulnerabilities",
    _tables,
    Column("id", Identity),
    Column("cve_id", Id),
    Column("state", String(16)),
    Column("severity", String(16)),
    Column("cvss_score", Float),
    Column("cvss_version", String(8)),
    Column("cvss_vector", Text),
    Column("published_at", UtcDateTime),
    Column("modified_at", UtcDateTime),
    Column("exploited_in_the_wild", Boolean),
    Column("kev_date_added", Date),
    Column("cisa_due_date", Date),
    Column("known_ransomware", Boolean),
    Column("eu_exploited", Boolean),
    Column("ssvc_exploitation", String(8), nullable=False),
    Column("epss", Float),
    Column("epss_percentile", Float),
    Column("sources", Lines, nullable=False),
    Column("cwe_ids", Lines, nullable=False),
    Column("vendors", Lines, nullable=False),
    Column("products", Lines, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("priority_score", Float),
    Column("first_seen_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
)
_MERGED = [column.name for column in _rows.c][1:-3]
_details = Table("vulnerability_details", _tables, Column("cve_id", Id), Column("body", Text, nullable=False))
_SQLITE_SEARCH = (
    "DROP TABLE search_vocabulary",
    "DROP TABLE search_documents",
    "DROP TABLE search_texts",
    "CREATE VIRTUAL TABLE search_documents USING fts5(words, detail=none, columnsize=0, prefix='2 3')",
    "CREATE VIRTUAL TABLE search_vocabulary USING fts5vocab(search_documents, row)",
)
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({})",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({}) AND indexname LIKE 'ix_%'",
}


@dataclass(frozen=True)
class OldRows:
    claims: Sequence[Sequence[object]]
    merged: Sequence[Sequence[object]]
    details: Sequence[Sequence[object]]
    documents: Sequence[tuple[int, str]]


def make_old_database(url: str, records: Mapping[str, Sequence[SourceRecord]], at: datetime) -> None:
    """Fill an empty database with these records, all merged.

    Args:
        records: all of each vulnerability, by ascending id.
        at: when the rows were first seen and last changed.
    """
    database = Database(url)
    with database.transaction() as connection:
        indexes = old_schema(connection)
        insert_old_rows(connection, old_rows(records, at=at))
        for statement in indexes:
            connection.execute(text(statement))
    database.close()


def old_schema(connection: Connection) -> list[str]:
    """Create the tables without their secondary indexes, and return the statements that create these."""
    migrations.upgrade(connection, "0003")
    kind = connection.dialect.name
    for statement in _SQLITE_SEARCH if kind == "sqlite" else ():
        connection.execute(text(statement))
    names = ", ".join(f"'{table.name}'" for table in _tables.sorted_tables)
    found = connection.execute(text(_INDEXES[kind].format(names))).all()
    for name, _ in found:
        connection.execute(text(f"DROP INDEX {name}"))
    return [statement for _, statement in found]


def old_rows(
    records: Mapping[str, Sequence[SourceRecord]], *, first: int = 1, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
) -> OldRows:
    """The rows of these records. first: the number of the first merged row."""
    claims = [
        (name, str(made.feed), made.key, made.raw_hash * 2, made.claim.modified_at, encode_claim(made.claim).decode())
        for name, all_made in records.items()
        for made in all_made
    ]
    merged = [row for name, made in records.items() if (row := merge(name, made)) is not None]
    numbered = list(enumerate(reversed(merged), first))  # in no order of the ids
    return OldRows(
        claims,
        [(number, *(getattr(row, name) for name in _MERGED), 0.5, at, at) for number, row in numbered],
        [(row.cve_id, msgspec.json.encode(row.details).decode()) for row in merged],
        [(number, search_words(row)) for number, row in numbered],
    )


def insert_old_rows(connection: Connection, rows: OldRows) -> None:
    for table, values in ((_records, rows.claims), (_rows, rows.merged), (_details, rows.details)):
        insert_rows(connection, table, [column.name for column in table.c], values)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_documents (rowid, words) VALUES (?, ?)", list(rows.documents))
    else:
        search_index_of(connection).insert(connection, rows.documents)
