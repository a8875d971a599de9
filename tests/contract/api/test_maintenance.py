"""The tasks clean-cache and update-stats."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.errors import RunLost, StoreFull
from backend.contract.names import RunState, Source, TaskName, Trigger
from backend.services.maintenance.cleanup import clean_cache
from backend.services.query.statistics import cached_stats, current_stats, update_stats
from backend.services.runs.queue import new_run
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.runs import RunOutcome, RunRepository
from backend.store.repositories.sources import SourceRepository
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability
from tests.fakes.watch import CountingWatch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class HeldRun(CountingWatch):
    """A run that is not lost unless the test marks it so."""

    id = "1"
    lost = False

    def fence(self, connection: Connection) -> None:
        if self.lost:
            raise RunLost("Taken over")

    def begin_step(self, step: int, steps: int) -> None:
        raise AssertionError("these tasks have one step")

    def source(self, source: Source, **facts: object) -> None:
        raise AssertionError("these tasks read no source")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def clean(database: Database, home: Path, run: HeldRun | None = None, **settings: object) -> dict[str, object]:
    return clean_cache(Settings(home=home, **settings), database, run or HeldRun(), lambda: NOW)


def test_search_answers_live_for_a_day(database: Database, home: Path) -> None:
    with database.transaction() as connection:
        caches = CacheRepository(connection)
        caches.put("search", "old", "{}", NOW - timedelta(hours=25))
        caches.put("search", "young", "{}", NOW - timedelta(hours=23))
        caches.put("stats", "all", "{}", NOW - timedelta(days=9))
    assert clean(database, home)["search_entries"] == 1
    with database.reading() as connection:
        caches = CacheRepository(connection)
        assert (caches.get("search", "old"), bool(caches.get("search", "young")), bool(caches.get("stats", "all"))) == (
            None,
            True,
            True,
        )


def test_runs_live_as_long_as_the_settings_say(database: Database, home: Path) -> None:
    with database.transaction() as connection:
        runs = RunRepository(connection)
        for task_id, age in (("old", 8), ("young", 6), ("waiting", 8)):
            runs.add(replace(new_run(TaskName.TEST, Trigger.API, NOW - timedelta(days=age)), task_id=task_id))
            if task_id != "waiting":
                hold = runs.claim(task_id, "w", NOW - timedelta(days=age))
                assert hold is not None
                runs.finish(hold, RunOutcome(RunState.SUCCESS), NOW - timedelta(days=age))
    assert clean(database, home, user={"retention": {"run_days": 7}})["runs"] == 1
    with database.reading() as connection:
        assert [run.task_id for run in RunRepository(connection).history()[0]] == ["young", "waiting"]


def test_forgotten_downloads_go(database: Database, home: Path) -> None:
    folder = home / "cache" / "nvd"
    folder.mkdir(parents=True)
    for name, age in (("old", 32), ("young", 30)):
        (folder / name).write_bytes(b"12345")
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(folder / name, (moment, moment))
    assert clean(database, home).items() >= {"files": 1, "bytes_freed": 5}.items()
    assert [path.name for path in folder.iterdir()] == ["young"]


def test_a_run_that_was_taken_over_removes_nothing(database: Database, home: Path) -> None:
    with database.transaction() as connection:
        CacheRepository(connection).put("search", "old", "{}", NOW - timedelta(hours=25))
    run = HeldRun()
    run.lost = True
    with pytest.raises(RunLost):
        clean(database, home, run)
    with database.reading() as connection:
        assert CacheRepository(connection).get("search", "old")


def test_statistics_are_kept_until_a_source_lands(database: Database, home: Path) -> None:
    def put(cve_id: str) -> None:
        with database.transaction() as connection:
            put_vulnerabilities(connection, [(vulnerability(cve_id), 0.5)], NOW)

    put("CVE-2024-1111")
    assert update_stats(Settings(home=home), database, HeldRun(), lambda: NOW)["total_vulnerabilities"] == 1
    put("CVE-2024-2222")
    later = NOW + timedelta(minutes=5)
    with database.reading() as connection:
        stored = current_stats(connection, later)
        assert (stored.total_vulnerabilities, stored.computed_at) == (1, NOW)
    with database.transaction() as connection:
        SourceRepository(connection).record_success(Source.NVD, NOW + timedelta(minutes=1))
    with database.reading() as connection:
        fresh = current_stats(connection, later)
        assert (fresh.total_vulnerabilities, fresh.last_update) == (2, NOW + timedelta(minutes=1))


def test_statistics_of_another_version_are_computed_anew(database: Database) -> None:
    with database.transaction() as connection:
        CacheRepository(connection).put("stats", "all", '{"total": 1}', NOW)
    with database.reading() as connection:
        assert cached_stats(connection) is None
        assert current_stats(connection, NOW).total_vulnerabilities == 0


def test_unused_space_is_returned_and_a_full_disk_is_no_failure(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "compact", lambda _: 4096)
    assert clean(database, home)["bytes_freed"] == 4096

    def fails(_: Database) -> int:
        raise StoreFull("Unused space is not returned")

    monkeypatch.setattr(Database, "compact", fails)
    assert clean(database, home)["bytes_freed"] == 0
