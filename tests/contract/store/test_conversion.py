"""A database of revision 3 with rows in it becomes one of today: whole, in place, and wherever it is interrupted."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
from sqlalchemy import Connection, text

from backend.contract.errors import StoreFull, StoreUnavailable
from backend.contract.wire import utc_now
from backend.domain.claims import (
    Claim,
    Exploitation,
    Feed,
    KevEntry,
    Origin,
    ReferenceClaim,
    Score,
    SourceRecord,
    Weakness,
)
from backend.domain.merge import MERGE_VERSION, merge
from backend.domain.priority import facts_of, priority_score
from backend.domain.search import SearchQuery
from backend.store import conversion
from backend.store.dialects import sqlite
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository, EpssScore, place_of
from backend.store.repositories.merged_rows import IngestRepository, MergedRow
from backend.store.repositories.metadata import MERGED_BY_KEY, MetadataRepository
from backend.store.repositories.source_records import changes_of
from backend.store.repositories.vulnerabilities import StoredVulnerability, VulnerabilityRepository
from tests.contract.store.test_engine import ELSEWHERE, tables_of
from tests.fakes.old_database import make_old_database

SEEN = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
WORDS = ("giraffe", "zebra", "okapi", "kudu", "gnu")
COUNT = 400


def world(count: int = COUNT) -> dict[str, list[SourceRecord]]:
    """Vulnerabilities of several years and of every source; some are known to EPSS alone."""
    chance = random.Random(3)
    made = [_records(f"CVE-{2000 + number % 7}-{1000 + number}", number, chance) for number in range(count)]
    made.append([SourceRecord(Feed.EUVD, "EUVD-2024-1", "EUVD-2024-1", Claim(title="No alias"), b"e" * 8)])
    return {records[0].vulnerability_id: records for records in sorted(made, key=lambda rows: rows[0].vulnerability_id)}


def _records(cve_id: str, number: int, chance: random.Random) -> list[SourceRecord]:
    def record(feed: Feed, key: str = cve_id, **facts: object) -> SourceRecord:
        return SourceRecord(feed, key, cve_id, Claim(**facts), chance.randbytes(8))

    scores = record(Feed.EPSS, epss=chance.randrange(10**5) / 10**5, epss_percentile=chance.randrange(10**5) / 10**5)
    if number % 10 == 9:
        return [scores]
    vector = f"CVSS:3.1/AV:{chance.choice('NL')}/AC:L/PR:N/UI:N/S:U/C:H/I:{chance.choice('LH')}/A:H"
    text = f"A {chance.choice(WORDS)} in the {chance.choice(WORDS)} number {number} 資料."
    records = [
        record(
            Feed.NVD,
            scores=(Score(Origin.NVD, "3.1", vector),),
            description=text,
            modified_at=SEEN,
            references=tuple(ReferenceClaim(f"https://example.org/advisories/{number}/{part}") for part in range(6)),
        ),
        record(Feed.MITRE, title=text, weaknesses=(Weakness(Origin.CNA, "CWE-79"),), vendors=(chance.choice(WORDS),)),
        record(Feed.EUVD_MAPPING, f"EUVD-2024-{number}", aliases=(f"EUVD-2024-{number}",)),
        scores,
    ]
    if number % 3 == 0:
        records += [record(Feed.EUVD, f"EUVD-2024-{number}", description="EU", exploitation=(Exploitation("euvd"),))]
    if number % 5 == 0:
        records += [record(Feed.KEV, kev=KevEntry(SEEN.date()), exploitation=(Exploitation("cisa-kev"),))]
    return records


def fill(database: Database, records: dict[str, list[SourceRecord]]) -> None:
    """Write the records as an import of today does."""
    with database.transaction() as connection:
        scores: dict[int, dict[int, EpssScore]] = {}
        for record in (record for made in records.values() for record in made if record.feed is Feed.EPSS):
            year, number = place_of(record.key) or (0, 0)
            scores.setdefault(year, {})[number] = EpssScore.of(record.claim) or EpssScore(0, None)
        for year, found in scores.items():
            EpssRepository(connection).put(year, found)
        claims = {name: [record for record in made if record.feed is not Feed.EPSS] for name, made in records.items()}
        store = IngestRepository(connection)
        store.put_records(changes_of(claims, before={}))
        merged = [row for name, made in records.items() if (row := merge(name, made)) is not None]
        today = utc_now().date()
        store.put_vulnerabilities([MergedRow(row, priority_score(facts_of(row), today)) for row in merged], SEEN)


def everything(database: Database, records: dict[str, list[SourceRecord]]) -> dict[str, object]:
    """All that can be read: records, hashes, scores, search results, tables."""
    with database.reading() as connection:
        reader, store = VulnerabilityRepository(connection), IngestRepository(connection)
        found: list[StoredVulnerability] = reader.read(list(records))
        return {
            "rows": found,
            "records": {name: sorted(made, key=repr) for name, made in store.records_of(records).items()},
            "hashes": store.hashes(Feed.EUVD, [f"EUVD-2024-{number}" for number in range(COUNT)]),
            "scores": EpssRepository(connection).records_of(records),
            "searches": [
                sorted(reader.search(SearchQuery(text=word)).cve_ids) for word in (*WORDS, "cve-2003", "資料")
            ],
            "sorted": reader.search(SearchQuery(page_size=500)).cve_ids,
            "tables": tables_of(database),
            "indexes": indexes_of(connection),
        }


def indexes_of(connection: Connection) -> list[str]:
    """The names of the table's indexes, also of those on expressions, which SQLAlchemy does not read from SQLite."""
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'vulnerabilities'",
        "postgresql": "SELECT indexname FROM pg_indexes WHERE tablename = 'vulnerabilities'",
    }[connection.dialect.name]
    return sorted(connection.execute(text(names)).scalars())


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[SourceRecord]]:
    monkeypatch.setattr(conversion, "PAGE", 25)
    return world()


@pytest.fixture
def old_url(empty_database_url: str, records: dict[str, list[SourceRecord]]) -> str:
    make_old_database(empty_database_url, records, SEEN)
    return empty_database_url


@pytest.fixture
def imported(database: Database, records: dict[str, list[SourceRecord]]) -> dict[str, object]:
    fill(database, records)
    return everything(database, records)


@pytest.fixture
def old(old_url: str) -> Iterator[Database]:
    database = Database(old_url)
    yield database
    database.close()


def test_an_old_database_equals_a_fresh_import(
    old: Database, records: dict[str, list[SourceRecord]], imported: dict[str, object]
) -> None:
    assert not old.is_prepared()
    old.prepare()
    assert old.is_prepared()
    assert old.conversion() is None
    assert everything(old, records) == imported
    with old.reading() as connection:
        assert MetadataRepository(connection).get(MERGED_BY_KEY) == str(MERGE_VERSION)


def test_new_rows_do_not_take_the_numbers_of_old_ones(old: Database, records: dict[str, list[SourceRecord]]) -> None:
    old.prepare()
    later = {"CVE-2030-1000": [SourceRecord(Feed.NVD, "CVE-2030-1000", "CVE-2030-1000", Claim(title="An okapi"))]}
    fill(old, later)
    with old.reading() as connection:
        found = VulnerabilityRepository(connection).read([*records, *later])
    assert len(found) == len([name for name, made in records.items() if made[0].feed is not Feed.EPSS]) + 1


@pytest.mark.parametrize("failing", [1, 4, 11])
def test_interrupted_at_any_page_it_goes_on_there(
    old: Database,
    old_url: str,
    records: dict[str, list[SourceRecord]],
    imported: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    failing: int,
) -> None:
    real, calls = conversion._merge, 0

    def fails(*given: object) -> None:
        nonlocal calls
        calls += 1
        real(*given)
        if calls == failing:
            raise StoreUnavailable("gone")

    monkeypatch.setattr(conversion, "_merge", fails)
    with pytest.raises(StoreUnavailable):
        old.prepare()
    reached = old.conversion()
    assert not old.is_prepared()
    assert reached is not None
    assert reached.done == 25 * (failing - 1)
    again = Database(old_url)
    again.prepare()
    assert calls == failing + len(records) // 25 + 1 - (failing - 1)
    assert everything(again, records) == imported
    again.close()


def test_killed_at_random_moments_it_loses_nothing(
    old: Database, old_url: str, records: dict[str, list[SourceRecord]], imported: dict[str, object]
) -> None:
    dice, program = random.Random(8), ELSEWHERE.replace(";", "; import backend.store.conversion as c; c.PAGE = 2;", 1)
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", program, old_url])
        try:
            child.wait(dice.uniform(0.5, 2.5))
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
    old.prepare()
    assert everything(old, records) == imported


def test_while_one_process_converts_the_others_are_told_to_wait(old: Database, old_url: str) -> None:
    old.migrate()
    other = Database(old_url)
    with old._server.sole_converter(old._readers) as is_sole:
        assert is_sole
        with pytest.raises(StoreUnavailable, match="being prepared"):
            other.prepare()
    other.prepare()
    assert old.is_prepared()
    other.close()


class TestFile:
    """What only a file can run into."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "émpty.db"

    def test_a_full_disk_stops_it_and_loses_nothing(
        self,
        old: Database,
        old_url: str,
        path: Path,
        records: dict[str, list[SourceRecord]],
        imported: dict[str, object],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        old.migrate()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM")  # or the pages of the old search index would be room enough
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
        old.close()
        monkeypatch.setattr(conversion, "PAGE", 1000)  # smaller pages find room in what they replace
        monkeypatch.setattr(sqlite, "_SESSION", (*sqlite._SESSION, f"PRAGMA max_page_count = {pages}"))
        full = Database(old_url)
        with pytest.raises(StoreFull):
            full.prepare()
        full.close()
        monkeypatch.undo()
        monkeypatch.setattr(conversion, "PAGE", 25)
        roomy = Database(old_url)
        roomy.prepare()
        assert everything(roomy, records) == imported
        roomy.close()

    def test_freed_space_is_returned(self, old: Database, path: Path) -> None:
        before = path.stat().st_size
        old.prepare()
        assert path.stat().st_size < before
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert old.compact() == 0

    def test_without_room_for_a_copy_the_space_is_returned_later(
        self,
        old: Database,
        path: Path,
        records: dict[str, list[SourceRecord]],
        imported: dict[str, object],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
        old.prepare()
        size = path.stat().st_size
        assert everything(old, records) == imported
        with pytest.raises(StoreFull, match="not returned"):
            old.compact()
        monkeypatch.undo()
        assert old.compact() > 0
        assert path.stat().st_size < size
        assert everything(old, records) == imported

    def test_a_fault_while_returning_space_does_not_undo_the_conversion(
        self, old: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(_: object) -> NoReturn:
            raise StoreFull("no space")

        monkeypatch.setattr(sqlite.SqliteFile, "compact", fails)
        old.prepare()
        assert old.is_prepared()
