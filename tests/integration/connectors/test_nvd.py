"""NVD over HTTP: first load, increments by feeds and by the API, rate limits, and failures."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.connectors.nvd import NvdConnector, api, cursor, feeds
from backend.connectors.nvd.cursor import read_cursor
from tests.fakes import feed_nvd
from tests.fakes.feed_model import FeedRequest, Reply
from tests.fakes.feed_server import FeedServer
from tests.integration.connectors.reading import PatientWatch, Reading, settings_for

NEW = "CVE-2025-30000"


@pytest.fixture
def service() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def watch() -> PatientWatch:
    return PatientWatch()


def reading_of(service: FeedServer, watch: PatientWatch, folder: Path, **settings: object) -> Reading:
    def connect() -> NvdConnector:
        return NvdConnector(settings_for(service.url, folder, **settings), watch, watch.clock)

    return Reading(connect)


@pytest.fixture
def reading(service: FeedServer, watch: PatientWatch, home: Path) -> Reading:
    return reading_of(service, watch, home)


@pytest.fixture
def loaded(reading: Reading, service: FeedServer) -> Reading:
    """A reading with all data of 2025-01-10; requests are counted from then on."""
    reading.update()
    service.requests.clear()
    return reading


def pass_days(service: FeedServer, days: float, *changed: str) -> None:
    service.world.at += timedelta(days=days)
    for cve_id in changed:
        feed_nvd.change(service.world, cve_id, service.world.at - timedelta(days=days / 2), vulnStatus="Modified")


def test_the_first_load_takes_the_year_feeds(reading: Reading, service: FeedServer) -> None:
    reading.update()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)
    assert service.count("nvd") == 0
    assert read_cursor(reading.cursor).watermark == datetime(2025, 1, 10, 0, 0, 0, 123456, UTC)
    assert not reading.problems


def test_feeds_that_were_unpacked_on_the_way_are_read(reading: Reading, service: FeedServer) -> None:
    real = service.answer

    def unpacked(request: FeedRequest) -> Reply | None:
        reply = real(request)
        if reply and request.path.endswith(".json.gz"):
            return Reply(gzip.decompress(reply.body), "application/json")
        return reply

    service.answer = unpacked  # type: ignore[method-assign]
    reading.update()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)
    assert read_cursor(reading.cursor).watermark is not None


def test_what_was_kept_back_is_read_again_without_a_download(service: FeedServer, home: Path) -> None:
    def refused() -> set[str]:
        watch, keys = PatientWatch(), set()
        for page in NvdConnector(settings_for(service.url, home), watch, watch.clock).pages(None, lambda feed, ids: {}):
            page.kept_back = True
            keys |= {record.key for record in page.records}
        return keys

    assert refused() == set(service.world.nvd)
    assert refused() == set(service.world.nvd)
    assert service.count("nvd_feeds", "2023.json.gz") == 1


def test_leaves_no_file_behind(reading: Reading, home: Path) -> None:
    reading.update()
    assert not [path for path in (home / "cache").rglob("*") if path.is_file()]


def test_nothing_new_costs_one_small_request(loaded: Reading, service: FeedServer) -> None:
    assert loaded.update() == 0
    assert [request.path.rpartition(".")[2] for request in service.requests] == ["meta"]


@pytest.mark.parametrize(
    ("days", "way"),
    [
        (0.5, "modified.json.gz"),
        (7, "modified.json.gz"),
        (15, "/rest/json"),
        (119, "/rest/json"),
        (150, "2025.json.gz"),
    ],
)
def test_increments_equal_a_full_load(
    days: float, way: str, loaded: Reading, service: FeedServer, tmp_path: Path
) -> None:
    pass_days(service, days, "CVE-2024-10001", "CVE-2019-0708", NEW)
    loaded.update()
    assert any(way in request.path for request in service.requests)
    fresh = reading_of(service, PatientWatch(), tmp_path)
    fresh.update()
    assert loaded.claims == fresh.claims
    assert len(fresh.claims) == len(service.world.nvd)


def test_a_gap_within_reach_of_the_modified_feed_asks_nothing_else(loaded: Reading, service: FeedServer) -> None:
    pass_days(service, 7, NEW)
    loaded.update()
    assert not [request for request in service.requests if "modified" not in request.path]


def test_after_a_long_gap_only_years_that_differ_are_fetched(loaded: Reading, service: FeedServer) -> None:
    known = read_cursor(loaded.cursor)
    assert known.watermark
    known.watermark -= timedelta(days=150)
    known.years["2024"].sha256 = "0" * 64
    known.modified = ""
    loaded.cursor = known.written()
    loaded.update()
    assert [request.path for request in service.requests if request.path.endswith("gz")] == [
        f"/feeds/json/cve/2.0/nvdcve-2.0-{name}.json.gz" for name in ("modified", "2024")
    ]


def test_a_change_without_a_new_date_is_found_within_a_month(loaded: Reading, service: FeedServer) -> None:
    place = next(place for place in loaded.claims if place[1] == "CVE-2023-20001")
    service.world.nvd["CVE-2023-20001"]["vulnStatus"] = "Rejected"
    pass_days(service, 29)
    loaded.update()
    assert loaded.claims[place].state == "PUBLISHED"
    pass_days(service, 2)
    loaded.update()
    assert loaded.claims[place].state == "REJECTED"


@pytest.mark.parametrize("days", [0, 5, 20, 150])
def test_killed_after_any_page_the_next_run_ends_with_the_same(
    days: float, service: FeedServer, watch: PatientWatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "RECORDS", 3)
    monkeypatch.setattr(api, "PAGE", 2)
    monkeypatch.setattr(feeds, "FIRST_YEAR", 2019)
    killed = 0
    while True:
        service.world = type(service.world)(at=datetime(2025, 1, 10, tzinfo=UTC))
        feed_nvd.invent(service.world)
        reading = reading_of(service, watch, tmp_path / str(killed))
        if days:
            reading.update()
            pass_days(service, days, "CVE-2024-10001", "CVE-2019-0708", "CVE-2023-20003", NEW)
        taken = reading.update(at_most=killed)
        reading.update()
        fresh = reading_of(service, PatientWatch(), tmp_path / f"fresh {killed}")
        fresh.update()
        assert reading.claims == fresh.claims
        if taken < killed:
            break
        killed += 1
    assert killed > 1


def test_a_run_that_was_killed_goes_on_where_it_was(
    reading: Reading, service: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "RECORDS", 3)
    whole = reading_of(service, PatientWatch(), tmp_path)
    whole.update()
    for _ in range(whole.pages):
        reading.update(at_most=1)
    assert reading.pages == whole.pages
    assert reading.claims == whole.claims


@pytest.mark.parametrize("fault", ["bad-checksum", "empty", "truncate", "garbage", "404", "down"])
def test_what_is_not_the_feed_is_not_taken_in_and_the_api_helps_out(
    fault: str, loaded: Reading, service: FeedServer
) -> None:
    pass_days(service, 1, NEW)
    service.faults["nvd_feeds"] = fault
    error = loaded.fails()
    assert all((error.title, error.message, error.hint))
    assert any(key == NEW for _, key, _ in loaded.claims)
    service.faults.clear()
    loaded.update()
    assert read_cursor(loaded.cursor).modified


@pytest.mark.parametrize("fault", ["bad-checksum", "empty", "truncate", "garbage", "404", "503", "down"])
def test_without_feeds_and_api_nothing_changes(fault: str, loaded: Reading, service: FeedServer) -> None:
    before, cursor = dict(loaded.claims), loaded.cursor
    pass_days(service, 1, NEW)
    service.faults = {"nvd_feeds": fault, "nvd": "503"}
    error = loaded.fails()
    assert all((error.title, error.message, error.hint))
    assert (loaded.claims, loaded.cursor) == (before, cursor)
    service.faults.clear()
    loaded.update()
    assert any(key == NEW for _, key, _ in loaded.claims)


def test_a_year_feed_that_is_not_what_its_checksum_says_keeps_only_itself_back(
    reading: Reading, service: FeedServer
) -> None:
    real = service.answer

    def spoiled(request: FeedRequest) -> Reply | None:
        service.faults["nvd_feeds"] = "bad-checksum" if "2023" in request.path else ""
        return real(request)

    service.answer = spoiled  # type: ignore[method-assign]
    assert "2023" in reading.fails().message
    assert {key.split("-")[1] for _, key, _ in reading.claims} >= {"2019", "2024"}
    cursor = read_cursor(reading.cursor)
    assert "2023" not in cursor.years
    assert cursor.watermark is None, "without one year nothing is known up to any moment"
    service.answer = real  # type: ignore[method-assign]
    service.faults.clear()
    service.requests.clear()
    reading.update()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)
    assert not [request for request in service.requests if "2019.json.gz" in request.path]


@pytest.mark.parametrize("fault", ["bad-checksum", "bad-total", "garbage"])
def test_a_year_that_stays_broken_does_not_keep_the_changes_away(
    fault: str, reading: Reading, service: FeedServer
) -> None:
    real = service.answer

    def spoiled(request: FeedRequest) -> Reply | None:
        service.faults["nvd_feeds"] = fault if "2023" in request.path else ""
        return real(request)

    service.answer = spoiled  # type: ignore[method-assign]
    reading.fails()
    pass_days(service, 1, NEW)
    reading.fails()
    assert NEW in {key for _, key, _ in reading.claims}
    service.answer = real  # type: ignore[method-assign]
    service.faults.clear()
    reading.update()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)
    watermark = read_cursor(reading.cursor).watermark
    assert watermark is not None
    assert watermark.replace(microsecond=0) == service.world.at


@pytest.mark.parametrize("fewer", [1, 2])
def test_a_service_that_sends_smaller_pages_than_asked_is_read_to_the_end(
    fewer: int, loaded: Reading, service: FeedServer
) -> None:
    pass_days(service, 20, *sorted(service.world.nvd)[:7])
    real = service.answer

    def clamped(request: FeedRequest) -> Reply | None:
        if "/rest/" in request.path:
            request.query["resultsPerPage"] = str(fewer)
        return real(request)

    service.answer = clamped  # type: ignore[method-assign]
    loaded.update()
    modified = {key: claim.modified_at for (_, key, _), claim in loaded.claims.items()}
    assert {modified[cve_id] for cve_id in sorted(service.world.nvd)[:7]} == {datetime(2025, 1, 20, tzinfo=UTC)}


def test_a_feed_with_fewer_records_than_it_announces_does_not_count_as_read(
    reading: Reading, service: FeedServer
) -> None:
    real = service.answer

    def spoiled(request: FeedRequest) -> Reply | None:
        service.faults["nvd_feeds"] = "bad-total" if "2019" in request.path else ""
        return real(request)

    service.answer = spoiled  # type: ignore[method-assign]
    for _ in range(2):
        assert "announces" in reading.fails().message
        assert {"2018", "2019"} & set(read_cursor(reading.cursor).years) == {"2018"}
    service.answer = real  # type: ignore[method-assign]
    service.faults.clear()
    reading.update()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)


def test_without_feeds_the_first_load_comes_by_the_api(reading: Reading, service: FeedServer) -> None:
    service.faults["nvd_feeds"] = "404"
    reading.fails()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)
    assert read_cursor(reading.cursor).watermark is not None


def test_an_api_without_any_record_is_not_believed(reading: Reading, service: FeedServer) -> None:
    service.faults = {"nvd_feeds": "404", "nvd": "empty"}
    assert "no records" in reading.fails().title
    assert not reading.pages


def test_one_malformed_record_is_reported_and_the_rest_lands(reading: Reading, service: FeedServer) -> None:
    service.faults["nvd_feeds"] = "bad-record"
    reading.update()
    assert {key for _, key, _ in reading.claims} == set(service.world.nvd)
    assert any("published" in problem.reason for problem in reading.problems)


def test_a_wrong_key_is_told_with_the_remedy(service: FeedServer, watch: PatientWatch, home: Path) -> None:
    reading = reading_of(service, watch, home, nvd_api_key="invalid")
    reading.update()
    pass_days(service, 20, NEW)
    error = reading.fails()
    assert "key" in error.title
    assert "NVD_API_KEY" in error.hint
    assert "invalid" not in f"{error.hint}{error.title}"


@pytest.mark.parametrize(("key", "most"), [(None, 5), ("secret", 50)])
def test_keeps_the_limits_of_the_service(
    key: str | None, most: int, service: FeedServer, watch: PatientWatch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE", 1)
    moments: list[float] = []
    real = service.answer

    def counted(request: FeedRequest) -> Reply | None:
        if "/rest/" in request.path:
            moments.append(watch.now)
            assert request.headers.get("apiKey") == key
        return real(request)

    service.answer = counted  # type: ignore[method-assign]
    for number in range(60):
        feed_nvd.change(service.world, f"CVE-2024-{number + 2000}", service.world.at)
    service.faults["nvd_feeds"] = "404"
    reading = reading_of(service, watch, home, nvd_api_key=key)
    reading.fails()
    assert len(moments) == len(service.world.nvd) == len(reading.claims)
    assert all(later - earlier > 30 for earlier, later in zip(moments, moments[most:], strict=False))


def test_asks_as_slowly_as_nvd_wishes(
    service: FeedServer, watch: PatientWatch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE", 10)
    service.faults["nvd_feeds"] = "404"
    reading_of(service, watch, home, nvd_delay=None).fails()
    assert watch.slept == pytest.approx([6.0, 6.0])


def test_pages_become_smaller_where_the_service_asks_for_it(loaded: Reading, service: FeedServer) -> None:
    pass_days(service, 20, NEW)
    service.faults["nvd"] = "small-pages"
    loaded.update()
    sizes = [request.query["resultsPerPage"] for request in service.requests if request.source == "nvd"]
    assert sizes == ["2000", "1000", "500"]
    assert any(key == NEW for _, key, _ in loaded.claims)


def test_nothing_is_missed_when_records_leave_the_window_while_it_is_read(
    loaded: Reading, service: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE", 2)
    changed = sorted(service.world.nvd)[:9]
    pass_days(service, 20, *changed)
    real, seen = service.answer, 0

    def moving(request: FeedRequest) -> Reply | None:
        nonlocal seen
        seen += "/rest/" in request.path
        if seen == 3:  # after two pages, records of the first one change again and leave the window
            for cve_id in changed[:2]:
                feed_nvd.change(service.world, cve_id, service.world.at + timedelta(days=1))
        return real(request)

    service.answer = moving  # type: ignore[method-assign]
    loaded.update()
    modified = {key: claim.modified_at for (_, key, _), claim in loaded.claims.items()}
    assert {modified[cve_id] for cve_id in changed[2:]} == {datetime(2025, 1, 20, tzinfo=UTC)}
