"""EUVD over HTTP: listings, changes first, a backlog within a budget, and failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.connectors.euvd import EuvdConnector, listings, records
from backend.connectors.euvd.cursor import read_cursor
from backend.contract.errors import SourceError
from backend.domain.claims import Feed
from tests.fakes import feed_euvd
from tests.fakes.feed_model import FeedRequest, Reply, World
from tests.fakes.feed_server import FeedServer
from tests.integration.connectors.reading import PatientWatch, Reading, settings_for

NEW = "EUVD-2025-777"


@pytest.fixture
def service() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def reading_of(service: FeedServer, folder: Path, watch: PatientWatch | None = None, **settings: object) -> Reading:
    patient = watch or PatientWatch()

    def connect() -> EuvdConnector:
        return EuvdConnector(settings_for(service.url, folder, **settings), patient, patient.clock)

    return Reading(connect)


@pytest.fixture
def reading(service: FeedServer, home: Path) -> Reading:
    return reading_of(service, home)


@pytest.fixture
def loaded(reading: Reading, service: FeedServer) -> Reading:
    """A reading with all data of 2025-01-10; requests are counted from then on."""
    reading.update()
    service.requests.clear()
    return reading


def add(world: World, euvd_id: str, when: datetime, aliases: str = "CVE-2025-30000\n", **changes: object) -> None:
    world.euvd = [item for item in world.euvd if item["id"] != euvd_id]
    world.euvd.insert(0, feed_euvd.record(euvd_id, aliases, when, **changes))


def full(service: FeedServer, folder: Path) -> Reading:
    fresh = reading_of(service, folder)
    fresh.update()
    return fresh


def keys(reading: Reading, feed: Feed) -> set[str]:
    return {key for name, key, _ in reading.claims if name is feed}


def test_the_first_run_takes_everything(reading: Reading, service: FeedServer) -> None:
    reading.update()
    assert keys(reading, Feed.EUVD) == {item["id"] for item in service.world.euvd}
    assert keys(reading, Feed.EUVD_MAPPING) == {item["id"] for item in service.world.euvd[:-1]}
    assert keys(reading, Feed.EUVD_KEV) == {service.world.kev[0]["cveID"], service.world.euvd[-1]["id"]}
    assert not read_cursor(reading.cursor).windows
    assert not reading.problems


def test_the_mapping_is_read_by_cve_id_as_it_is_listed_and_downloaded_once(service: FeedServer, home: Path) -> None:
    watch = PatientWatch()
    connector = EuvdConnector(settings_for(service.url, home), watch, watch.clock)
    with pytest.raises(SourceError, match="not there"):
        connector.open_lookup()
    pages = connector.pages(None, lambda feed, ids: {})
    page = next(page for page in pages if page.feed is Feed.EUVD_MAPPING)
    lookup = connector.open_lookup()
    ids = {record.vulnerability_id: None for record in page.records if record.vulnerability_id is not None}
    by_id = lookup.records([*ids, "CVE-2024-99999", "EUVD-2024-1"])
    lookup.close()
    assert page.sweep == "last"
    assert sorted(by_id, key=lambda record: record.key) == sorted(page.records, key=lambda record: record.key)
    assert service.count("euvd", "mapping") == 1
    list(pages)
    with pytest.raises(SourceError, match="not there"):
        connector.open_lookup()


def test_the_next_run_reads_only_the_last_days(loaded: Reading, service: FeedServer) -> None:
    loaded.update()
    assert [request.path for request in service.requests] == [
        "/api/lastvulnerabilities",
        "/api/kev/dump",
        "/api/search",
    ]
    assert service.requests[-1].query["fromUpdatedDate"] >= "2025-01-01"


@pytest.mark.parametrize("days", [0.3, 1, 15, 400])
def test_increments_equal_a_full_load(days: float, loaded: Reading, service: FeedServer, tmp_path: Path) -> None:
    world = service.world
    world.at += timedelta(days=days)
    add(world, NEW, world.at - timedelta(hours=1))
    add(world, "EUVD-2024-9", world.at - timedelta(hours=5), world.euvd[9]["aliases"], baseScore=1.0)
    world.kev[1]["sources"] = None
    loaded.update()
    assert loaded.claims == full(service, tmp_path).claims
    assert NEW in keys(loaded, Feed.EUVD)


def test_a_world_that_moves_on_in_leaps_ends_with_the_same(
    reading: Reading, service: FeedServer, tmp_path: Path
) -> None:
    moments = [datetime(*day, tzinfo=UTC) for day in ((2025, 1, 10), (2025, 1, 25), (2026, 3, 12), (2026, 8, 27))]
    for place, moment in enumerate(moments):
        for number in range(5):
            add(
                service.world,
                f"EUVD-2025-{place}{number}",
                moment - timedelta(days=number * 9, hours=1),
                f"CVE-2025-{place}000{number}\n",
            )
    for moment in moments:
        service.world.at = moment
        reading.update()
    assert reading.claims == full(service, tmp_path).claims
    assert len(keys(reading, Feed.EUVD)) == len(service.world.euvd)


def test_changes_come_first_and_the_backlog_follows_over_the_runs(
    service: FeedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MANY", 150)
    for number in range(600):
        add(
            service.world,
            f"EUVD-2023-{number}",
            service.world.at - timedelta(hours=7 * number),
            f"CVE-2023-{number + 1000}\n",
        )
    reading = reading_of(service, home, euvd_pages=4)
    reading.update()
    assert 0 < len(keys(reading, Feed.EUVD)) < len(service.world.euvd)
    service.world.at += timedelta(days=1)
    add(service.world, NEW, service.world.at)
    reading.update()
    assert NEW in keys(reading, Feed.EUVD)
    runs = 0
    while read_cursor(reading.cursor).windows:
        service.requests.clear()
        reading.update()
        assert service.count("euvd", "/search") <= 4
        runs += 1
        assert runs < 200
    assert keys(reading, Feed.EUVD) == {item["id"] for item in service.world.euvd}


def test_killed_after_any_page_the_next_run_ends_with_the_same(
    service: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MANY", 5)
    monkeypatch.setattr(listings, "ENTRIES", 10)
    whole = full(service, tmp_path / "whole")
    for killed in range(whole.pages + 1):
        reading = reading_of(service, tmp_path / str(killed))
        reading.update(at_most=killed)
        reading.update()
        assert reading.claims == whole.claims
    assert whole.pages > 8


def test_what_changes_between_a_kill_and_the_next_run_is_in_after_that_run(
    service: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MANY", 500)
    world = service.world
    for number in range(350):
        add(world, f"EUVD-2023-{number}", world.at - timedelta(hours=7 * number), f"CVE-2023-{number + 1000}\n")
    for killed in range(8):
        reading = reading_of(service, tmp_path / str(killed))
        reading.update(at_most=killed)
        world.at += timedelta(days=20)
        for number in range(30):
            add(world, f"EUVD-2025-{killed}{number}", world.at - timedelta(hours=number), "")
        reading.update()
        assert reading.claims == full(service, tmp_path / f"fresh {killed}").claims


def test_a_day_too_big_for_one_run_is_read_over_several(loaded: Reading, service: FeedServer, home: Path) -> None:
    world = service.world
    for number in range(250):
        add(world, f"EUVD-2025-{number}", world.at, f"CVE-2025-{number + 1000}\n")
    loaded.connect = reading_of(service, home, euvd_pages=1).connect
    for _ in range(3):
        loaded.update()
    assert len(keys(loaded, Feed.EUVD)) == len(world.euvd)


def test_nothing_is_missed_when_records_leave_a_window_while_it_is_read(
    service: FeedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day of 350 records is read in two runs; in between 30 of the records already read change again."""
    world, day = service.world, datetime(2024, 6, 1, 12, tzinfo=UTC)
    world.euvd = []
    for number in range(350):
        add(world, f"EUVD-2024-{number}", day - timedelta(seconds=number), f"CVE-2024-{number + 1000}\n")
    for number in range(350, 360):
        add(world, f"EUVD-2024-{number}", world.at - timedelta(hours=2), f"CVE-2024-{number + 1000}\n")
    reading = reading_of(service, home)
    real, seen = service.answer, 0

    def moving(request: FeedRequest) -> Reply | None:
        nonlocal seen
        if request.path == "/api/search":
            seen += 1
            if seen == 3:
                for number in range(150, 180):  # of the second page, which was read
                    add(world, f"EUVD-2024-{number}", world.at + timedelta(days=1), f"CVE-2024-{number + 1000}\n")
        return real(request)

    service.answer = moving  # type: ignore[method-assign]
    reading.update()
    assert keys(reading, Feed.EUVD) == {f"EUVD-2024-{number}" for number in range(360)}


def test_the_mapping_is_fetched_when_the_service_has_come_to_another_half_day(
    loaded: Reading, service: FeedServer
) -> None:
    loaded.update()
    assert service.count("euvd-listings", "mapping") == 0
    service.world.at += timedelta(days=1)
    add(service.world, NEW, service.world.at)
    loaded.update()
    assert service.count("euvd-listings", "mapping") == 1
    assert NEW in keys(loaded, Feed.EUVD_MAPPING)


def test_what_left_a_listing_is_withdrawn(loaded: Reading, service: FeedServer) -> None:
    gone = service.world.euvd.pop(3)["id"]
    add(service.world, NEW, service.world.at)
    service.world.at += timedelta(days=1)
    loaded.update()
    assert gone not in keys(loaded, Feed.EUVD_MAPPING)


def test_one_record_with_a_wrong_date_does_not_move_the_clock(loaded: Reading, service: FeedServer) -> None:
    add(service.world, "EUVD-2025-1", datetime(2035, 1, 1, tzinfo=UTC))
    service.world.at = datetime(2035, 1, 1, tzinfo=UTC)
    loaded.update()
    head = read_cursor(loaded.cursor).head
    assert head
    assert head < datetime(2025, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("fault", ["empty", "garbage", "truncate", "404", "403", "503", "down", "204"])
def test_what_is_no_answer_changes_nothing(fault: str, loaded: Reading, service: FeedServer) -> None:
    before, cursor = dict(loaded.claims), loaded.cursor
    service.faults = {"euvd": fault, "euvd-listings": fault}
    error = loaded.fails()
    assert all((error.title, error.message, error.hint))
    assert (loaded.claims, loaded.cursor) == (before, cursor)


@pytest.mark.parametrize("fault", ["empty", "garbage", "truncate", "404", "503", "down"])
def test_a_broken_listing_does_not_keep_the_records_away(fault: str, reading: Reading, service: FeedServer) -> None:
    service.faults["euvd-listings"] = fault
    error = reading.fails()
    assert all((error.title, error.message, error.hint))
    assert keys(reading, Feed.EUVD) == {item["id"] for item in service.world.euvd}
    assert not keys(reading, Feed.EUVD_MAPPING)
    service.faults.clear()
    reading.update()
    assert keys(reading, Feed.EUVD_MAPPING)


@pytest.mark.parametrize("feed", [Feed.EUVD_MAPPING, Feed.EUVD_KEV])
def test_a_listing_that_is_doubted_is_read_again_and_all_else_as_usual(
    feed: Feed, loaded: Reading, service: FeedServer, tmp_path: Path
) -> None:
    world = service.world
    before = keys(loaded, feed)
    world.euvd = [
        item if place < 9 else {**item, "aliases": "", "exploitedSince": ""} for place, item in enumerate(world.euvd)
    ]
    world.at += timedelta(days=1)
    add(world, NEW, world.at, exploitedSince=f"{world.at:%b %d, %Y, %I:%M:%S %p}")
    loaded.doubted = {feed}
    loaded.update()
    assert keys(loaded, feed) >= before
    assert NEW in keys(loaded, Feed.EUVD)
    loaded.doubted.clear()
    loaded.update()
    assert keys(loaded, feed) == keys(full(service, tmp_path), feed)


def test_a_search_without_records_where_there_must_be_some_is_a_failure(loaded: Reading, service: FeedServer) -> None:
    real = service.answer

    def emptied(request: FeedRequest) -> Reply | None:
        service.faults["euvd"] = "empty" if request.path == "/api/search" else ""
        return real(request)

    service.answer = emptied  # type: ignore[method-assign]
    assert "no records" in loaded.fails().message


def test_one_malformed_record_is_reported_and_the_rest_lands(reading: Reading, service: FeedServer) -> None:
    service.faults = {"euvd": "bad-record", "euvd-listings": "bad-record"}
    reading.update()
    assert len(keys(reading, Feed.EUVD)) == len(service.world.euvd) - 1
    assert len(keys(reading, Feed.EUVD_MAPPING)) == len(service.world.euvd) - 1
    assert len(reading.problems) == 2


def test_pauses_between_requests(service: FeedServer, home: Path) -> None:
    watch = PatientWatch()
    reading_of(service, home, watch, euvd_delay=0.6).update()
    assert watch.slept == pytest.approx([0.6] * (len(service.requests) - 1))
