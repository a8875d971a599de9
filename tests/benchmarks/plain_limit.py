"""The lower bound of a first load: decode every record, write its rows, build their indexes, nothing else.

The rows are those that commit 5267e1f wrote (revision 3 of the database), whatever the store writes today: so the limit
stays the same measure, and a leaner store counts. Runs in a separate process after an update; reads the feed files and
the records of the finished database.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import msgspec
from sqlalchemy import text

from backend.connectors.mitre.record import MitreRecord
from backend.connectors.nvd.parse import Item
from backend.domain.claims import SourceRecord
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.merged_rows import IngestRepository
from tests.fakes.old_database import OldRows, insert_old_rows, old_rows, old_schema
from tests.servers import new_database

PAGE = 2000


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


@contextmanager
def empty_database(finished: str) -> Iterator[str]:
    """A database of the same kind."""
    if finished.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/plain.db"
    else:
        with new_database(finished) as url:
            yield url


def pages(database: Database) -> Iterator[Mapping[str, Sequence[SourceRecord]]]:
    after = ""
    while True:
        with database.reading() as connection:
            records = IngestRepository(connection).records_after(after, PAGE)
            epss = EpssRepository(connection).records_of(records)
        if not records:
            return
        yield {name: [*made, *([epss[name]] if name in epss else [])] for name, made in records.items()}
        after = max(records)


def write_limit(finished: str) -> tuple[float, float]:
    """Return (write, index) seconds for the rows of a finished database in bare tables, indexed afterwards."""
    source, write = Database(finished), 0.0
    with empty_database(finished) as url:
        target = Database(url)
        with target.transaction() as connection:
            indexes = old_schema(connection)
        for number, records in enumerate(pages(source)):
            rows = old_rows(records, first=number * PAGE + 1)
            write += timed(lambda rows=rows: _write(target, rows))
        index = timed(lambda: _index(target, indexes))
        target.close()
    source.close()
    return write, index


def _write(target: Database, rows: OldRows) -> None:
    with target.transaction() as connection:
        insert_old_rows(connection, rows)


def _index(target: Database, indexes: Sequence[str]) -> None:
    with target.transaction() as connection:
        for statement in indexes:
            connection.execute(text(statement))


def main(world: str, database_url: str) -> int:
    decode = timed(lambda: decode_all(Path(world)))
    write, index = write_limit(database_url)
    limit = Limit(decode, write, index)
    print(json.dumps(asdict(limit) | {"total": limit.total}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
