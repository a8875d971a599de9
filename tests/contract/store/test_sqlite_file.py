"""The SQLite file: full disk, damage, unusual paths, other programs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.contract.errors import StoreDamaged, StoreFull, StoreTooNew, StoreUnavailable
from backend.store.dialects import sqlite
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import MetadataRepository
from tests.contract.store.test_engine import recall, remember
from tests.fakes.vulnerabilities import put_records, put_vulnerabilities, record, vulnerability


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "openthreat.db"


def opened(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    database.prepare()
    return database


ODD = "percent%20and#and" + ("" if os.name == "nt" else "?x=1")  # Windows allows no question mark in file names


@pytest.mark.parametrize("name", ["with blank", "资料 ü", ODD, "x" * 200])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    database = opened(folder / "openthreat.db")
    remember(database, "a", "1")
    database.close()
    assert recall(opened(folder / "openthreat.db"), "a") == "1"
    assert (folder / "openthreat.db").stat().st_size > 0


def test_a_full_disk_is_told_and_leaves_the_database_whole(path: Path) -> None:
    database = opened(path)
    rows = [(vulnerability(f"CVE-2024-{number:05}", title="word " * 300), 0.5) for number in range(2000)]
    remember(database, "a", "1")

    def overfill() -> None:
        with database.transaction() as connection:
            used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {used + 100}")
            MetadataRepository(connection).set("a", "2")
            put_vulnerabilities(connection, rows, datetime(2024, 1, 1, tzinfo=UTC))

    with pytest.raises(StoreFull, match="disk is full"):
        overfill()
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    again = opened(path)
    assert recall(again, "a") == "1"
    with again.reading() as reader:
        assert IngestRepository(reader).is_empty()


def test_a_damaged_file_is_told_with_a_remedy(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreDamaged, match="damaged") as caught:
        opened(path)
    assert "start again" in caught.value.hint


def test_a_page_in_the_middle_that_is_damaged_is_told(path: Path) -> None:
    database = opened(path)
    with database.transaction() as connection:
        put_records(connection, *(record(f"CVE-2024-{number}") for number in range(3000)))
    database.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 3 * 2] = b"\xff" * (len(content) // 3)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged), opened(path).reading() as reader:
        IngestRepository(reader).records_after("", 5000)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="missing") as caught:
        opened(tmp_path / "missing" / "openthreat.db")
    assert "folder exists" in caught.value.hint


def test_a_file_that_another_program_keeps_locked_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.1)
    database = opened(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as tool:
        tool.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            remember(database, "a", "1")
        tool.execute("ROLLBACK")
    remember(database, "a", "1")


WRITE_PAGE_AFTER_PAGE = """
import sys, time
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
database = Database(sys.argv[1])
for page in range(2000):
    with database.transaction() as connection:
        MetadataRepository(connection).set("page", str(page))
        time.sleep(0.03)
    if page == 0:
        print("began", flush=True)
"""


def test_a_writer_gets_its_turn_beside_one_that_hardly_ever_lets_go(path: Path) -> None:
    """As a heartbeat beside an update, which writes page after page in another process."""
    database = opened(path)
    command = [sys.executable, "-c", WRITE_PAGE_AFTER_PAGE, f"sqlite:///{path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as greedy:
        try:
            assert greedy.stdout is not None
            assert greedy.stdout.readline().strip() == b"began"
            for heartbeat in range(20):
                remember(database, "heartbeat", str(heartbeat))
            with database.reading() as connection:
                pages = int(MetadataRepository(connection).get("page") or 0)
            assert pages < 300, "with SQLite's own waiting, about 500"
        finally:
            greedy.kill()


def test_a_file_of_a_newer_version_is_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        newer.execute("INSERT INTO alembic_version VALUES ('from the future')")
        newer.commit()
    before, folder = path.read_bytes(), sorted(path.parent.iterdir())
    with pytest.raises(StoreTooNew, match="from the future"):
        opened(path)
    assert (path.read_bytes(), sorted(path.parent.iterdir())) == (before, folder)


def test_a_newer_file_left_by_a_crash_is_refused_too(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = 'only in the log'")
        with pytest.raises(StoreTooNew, match="only in the log"):
            opened(path)


def test_the_file_is_in_wal_mode_from_its_beginning(path: Path) -> None:
    opened(path).close()
    assert path.read_bytes()[18:20] == b"\x02\x02"
