"""The lower bound of a first load: decode every record, write the same rows, build the same indexes, nothing else.

Runs in a separate process after an update; reads the feed files and the rows of the finished database.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path

import msgspec
import psycopg2
from sqlalchemy.engine import make_url

from backend.connectors.mitre.record import MitreRecord
from backend.connectors.nvd.parse import Item

TABLES = ("source_records", "vulnerabilities", "vulnerability_details", "search_documents")
BATCH = 2000


class _Feed(msgspec.Struct):
    vulnerabilities: list[Item]


@dataclass
class Limit:
    """Seconds."""

    decode: float
    write: float
    index: float

    @property
    def total(self) -> float:
        return self.decode + self.write + self.index


def timed(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def decode_all(world: Path) -> None:
    feed, record = msgspec.json.Decoder(_Feed), msgspec.json.Decoder(MitreRecord)
    for path in sorted((world / "feeds/json/cve/2.0").glob("nvdcve-2.0-2*.json.gz")):
        feed.decode(gzip.decompress(path.read_bytes()))
    for path in world.glob("CVEProject/cvelistV5/releases/download/*/*.zip.zip"):
        with zipfile.ZipFile(path) as outer, zipfile.ZipFile(BytesIO(outer.read("cves.zip"))) as archive:
            for name in archive.namelist():
                record.decode(archive.read(name))
    for line in gzip.decompress((world / "epss_scores-current.csv.gz").read_bytes()).splitlines()[2:]:
        float(line.split(b",")[1])


def sqlite_limit(finished: str) -> tuple[float, float]:
    """Return (write, index) seconds for the rows of a finished SQLite database in a new one with the same tables."""
    source = sqlite3.connect(finished)
    with tempfile.TemporaryDirectory() as folder:
        target = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        target.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        schema = dict(
            source.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        )
        for table in TABLES:
            target.execute(schema[table])
        write = sum(_copy_sqlite(source, target, table) for table in TABLES)
        indexes = [sql for name, sql in schema.items() if sql.startswith("CREATE") and " INDEX " in sql]
        return write, timed(
            lambda: [target.execute(sql) for sql in indexes if any(f" {table} " in sql for table in TABLES)]
        )


def _copy_sqlite(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> float:
    columns = "rowid, words" if table == "search_documents" else "*"
    rows = source.execute(
        f"SELECT {columns} FROM {table} ORDER BY rowid" if table != "source_records" else f"SELECT * FROM {table}"
    )
    seconds = 0.0
    for batch in _batches(rows):
        into = f"{table} (rowid, words)" if table == "search_documents" else table
        statement = f"INSERT INTO {into} VALUES ({', '.join('?' * len(batch[0]))})"
        began = time.monotonic()
        target.execute("BEGIN")
        target.executemany(statement, batch)
        target.execute("COMMIT")
        seconds += time.monotonic() - began
    return seconds


def _batches(rows: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def postgres_limit(finished: str) -> tuple[float, float]:
    """Return (write, index) seconds for COPY of the same rows into bare tables, indexed afterwards."""
    url = make_url(finished).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(url)
    connection.autocommit = True
    write = index = 0.0
    with connection.cursor() as cursor, tempfile.TemporaryFile() as rows:
        for table in TABLES:
            rows.seek(0)
            rows.truncate()
            cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
            rows.seek(0)
            cursor.execute(f"DROP TABLE IF EXISTS plain_{table}")
            cursor.execute(f"CREATE TABLE plain_{table} (LIKE {table})")
            write += timed(lambda table=table: cursor.copy_expert(f"COPY plain_{table} FROM STDIN", rows))
        cursor.execute(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)", (list(TABLES),)
        )
        for table, name, definition in cursor.fetchall():
            plain = definition.replace(f" {name} ", f" plain_{name} ").replace(f".{table} ", f".plain_{table} ")
            index += timed(lambda plain=plain: cursor.execute(plain))
        for table in TABLES:
            cursor.execute(f"DROP TABLE plain_{table}")
    connection.close()
    return write, index


def main(world: str, database_url: str) -> int:
    decode = timed(lambda: decode_all(Path(world)))
    is_postgres = database_url.startswith("postgresql")
    write, index = postgres_limit(database_url) if is_postgres else sqlite_limit(make_url(database_url).database or "")
    limit = Limit(decode, write, index)
    print(json.dumps(asdict(limit) | {"total": limit.total}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
