from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from backend.config import Settings
from backend.connectors.connector import RawRecord
from backend.connectors.mitre import MitreConnector, baseline, change_log, client, parse
from backend.connectors.mitre.cursor import MitreCursor, read_cursor
from backend.contract.errors import RunInterrupted, SourceError
from backend.domain.claims import Claim, Feed
from tests.fakes import feed_mitre
from tests.fakes.feed_model import FeedRequest, Reply, json_reply
from tests.fakes.feed_server import FeedServer
from tests.fakes.intake import Intake
from tests.fakes.watch import CountingWatch
from tests.integration.connectors.conftest import impatient

ARCHIVE, SINGLE = "all_CVEs", "xxx/CVE-"


@pytest.fixture
def connector(settings: Settings, watch: CountingWatch, monkeypatch: pytest.MonkeyPatch) -> MitreConnector:
    monkeypatch.setattr(baseline, "PAGE", 10)
    monkeypatch.setattr(client, "SINGLE_PAGE", 2)
    return MitreConnector(settings, watch, impatient(watch, settings, "The CVE list"))


@pytest.fixture
def intake() -> Intake:
    return Intake()


def expected(feeds: FeedServer) -> dict[tuple[Feed, str], Claim]:
    """The claims of a full import of the current world."""
    records = [RawRecord(cve_id, feed_mitre.raw(feeds.world, cve_id), cve_id) for cve_id in feeds.world.mitre]
    return {(Feed.MITRE, record.key): parse.parse(record).claims[0][1] for record in records}


def at(intake: Intake) -> MitreCursor:
    return read_cursor(intake.cursor)


def loaded(connector: MitreConnector, intake: Intake, feeds: FeedServer) -> None:
    """The state after the first load; requests are counted from then on."""
    intake.run(connector)
    feeds.requests.clear()


class TestFirstLoad:
    def test_takes_the_archive_in_pages(self, connector: MitreConnector, intake: Intake, feeds: FeedServer) -> None:
        intake.run(connector)
        assert intake.claims == expected(feeds)
        assert [len(page.records) for page in intake.pages] == [10, 10, 5, 0]
        assert not any(page.sweep for page in intake.pages)
        assert feeds.count("mitre", SINGLE) == 0, "what the archive brought is not fetched again"

    def test_leaves_no_archive_behind(self, connector: MitreConnector, intake: Intake, settings: Settings) -> None:
        intake.run(connector)
        assert list(settings.cache_folder.iterdir()) == []

    def test_says_up_to_when_everything_is_known(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        intake.run(connector, stop_after=2)
        assert at(intake).watermark is None
        intake.run(connector)
        assert at(intake).watermark == feeds.world.at

    def test_leaves_out_what_was_read_by_id_and_downloads_once(
        self, connector: MitreConnector, feeds: FeedServer
    ) -> None:
        pages = connector.pages(None, lambda feed, ids: {})
        first = {record.key for record in next(pages).records}
        lookup = connector.open_lookup()
        wanted = sorted(set(feeds.world.mitre) - first)[::2]
        given = lookup.records([*wanted, "CVE-2024-99999", "EUVD-2024-1"])
        lookup.close()
        rest = list(pages)
        assert [record.key for record in given] == wanted
        of_archive = {record.key for page in rest if page.part == "CVE list" for record in page.records}
        assert of_archive == set(feeds.world.mitre) - first - set(wanted)
        assert read_cursor(rest[-1].cursor).watermark == feeds.world.at
        assert feeds.count("mitre-archive") == 1

    def test_a_record_that_cannot_be_read_by_id_is_reported_by_its_page(
        self, connector: MitreConnector, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(baseline, "MAX_RECORD", 1)
        pages = connector.pages(None, lambda feed, ids: {})
        read = [next(pages)]
        lookup = connector.open_lookup()
        assert lookup.records(sorted(feeds.world.mitre)) == []
        lookup.close()
        read += pages
        assert sum(len(page.problems) for page in read) == len(feeds.world.mitre)

    @pytest.mark.parametrize("pages", [1, 2, 3])
    def test_a_killed_run_goes_on_without_another_download(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, pages: int
    ) -> None:
        intake.run(connector, stop_after=pages)
        first = len(intake.claims)
        intake.run(connector)
        assert feeds.count("mitre-archive") == 1
        assert intake.claims == expected(feeds)
        assert intake.parsed == len(intake.claims) - first

    def test_killed_before_the_first_page_too(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        intake.run(connector, stop_after=0)
        intake.run(connector)
        assert feeds.count("mitre-archive") == 1
        assert intake.claims == expected(feeds)

    def test_what_was_kept_back_is_read_again_without_another_download(
        self, connector: MitreConnector, feeds: FeedServer
    ) -> None:
        for _ in range(2):
            keys = set()
            for page in connector.pages(None, lambda feed, ids: {}):
                page.kept_back = True
                keys |= {record.key for record in page.records}
            assert keys == set(feeds.world.mitre)
        assert feeds.count("mitre-archive") == 1

    def test_begins_again_where_the_cache_was_emptied(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, settings: Settings
    ) -> None:
        intake.run(connector, stop_after=1)
        for path in settings.cache_folder.iterdir():
            path.unlink()
        intake.run(connector)
        assert feeds.count("mitre-archive") == 2
        assert intake.claims == expected(feeds)

    def test_an_archive_begun_on_another_day_is_finished_first(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        intake.run(connector, stop_after=1)
        feeds.world.at += timedelta(days=2)
        feed_mitre.change(feeds.world, "CVE-2024-10002", feeds.world.at - timedelta(days=1), title="New")
        intake.run(connector)
        assert intake.claims == expected(feeds)
        assert feeds.count("mitre-archive") == 1

    def test_a_broken_download_goes_on(self, connector: MitreConnector, intake: Intake, feeds: FeedServer) -> None:
        feeds.faults["mitre-archive"] = "truncate*2"
        intake.run(connector)
        assert ["Range" in request.headers for request in feeds.requests if ARCHIVE in request.path] == [
            False,
            True,
            True,
        ]
        assert intake.claims == expected(feeds)

    def test_stops_when_the_run_is_to_end(self, settings: Settings, intake: Intake) -> None:
        with pytest.raises(RunInterrupted):
            intake.run(MitreConnector(settings, CountingWatch(stop_after=3)))


class TestUpdates:
    def test_nothing_new_is_one_request(self, connector: MitreConnector, intake: Intake, feeds: FeedServer) -> None:
        loaded(connector, intake, feeds)
        intake.run(connector)
        assert [request.path.rpartition("/")[2] for request in feeds.requests] == ["deltaLog.json"]
        assert intake.pages == []

    def test_what_the_log_names_is_fetched_singly(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feeds.world.at += timedelta(hours=10)
        for number in (10002, 10003, 10004, 77777):
            feed_mitre.change(feeds.world, f"CVE-2024-{number}", feeds.world.at - timedelta(hours=1), title="New")
        intake.run(connector)
        assert intake.claims == expected(feeds)
        assert feeds.count("mitre", SINGLE) == 4
        assert feeds.count("mitre-archive") == 0
        assert [len(page.records) for page in intake.pages] == [2, 2]
        assert at(intake).watermark == feeds.world.at - timedelta(hours=1)

    def test_what_arrives_in_the_log_late_is_not_missed(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feeds.world.at += timedelta(hours=10)
        feed_mitre.change(feeds.world, "CVE-2024-10002", feeds.world.at)
        intake.run(connector)
        feed_mitre.change(feeds.world, "CVE-2024-10003", feeds.world.at - timedelta(hours=6), title="Late")
        intake.run(connector)
        assert intake.claims == expected(feeds)

    def test_a_killed_run_is_made_good(self, connector: MitreConnector, intake: Intake, feeds: FeedServer) -> None:
        loaded(connector, intake, feeds)
        for number in range(10002, 10008):
            feed_mitre.change(feeds.world, f"CVE-2024-{number}", feeds.world.at + timedelta(hours=1), title="New")
        intake.run(connector, stop_after=1)
        assert intake.claims != expected(feeds)
        intake.run(connector)
        assert intake.claims == expected(feeds)

    def test_the_date_that_the_log_gives_is_not_trusted(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feed_mitre.change(feeds.world, "CVE-2024-10002", feeds.world.at + timedelta(hours=1), title="New")
        feeds.world.mitre_commits[0]["updated"][0]["dateUpdated"] = "2024-08-04T18:28:42.884Z"
        intake.run(connector)
        assert intake.claims == expected(feeds)

    def test_a_record_that_is_gone_is_reported(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        for cve_id in ("CVE-2024-10002", "CVE-2024-88888"):
            feed_mitre.change(feeds.world, cve_id, feeds.world.at + timedelta(hours=1))
        del feeds.world.mitre["CVE-2024-88888"]
        intake.run(connector)
        assert [problem.record for problem in intake.problems] == ["CVE-2024-88888"]
        assert intake.claims == expected(feeds)

    def test_a_record_beyond_measure_is_reported(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loaded(connector, intake, feeds)
        monkeypatch.setattr(client, "MAX_RECORD", 10_000)
        feed_mitre.change(feeds.world, "CVE-2024-10002", feeds.world.at, title="x" * 20_000)
        intake.run(connector)
        assert [problem.record for problem in intake.problems] == ["CVE-2024-10002"]

    def test_of_very_many_the_archive_is_taken(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loaded(connector, intake, feeds)
        monkeypatch.setattr(client, "MOST_SINGLE", 5)
        for cve_id in list(feeds.world.mitre)[:12]:
            feed_mitre.change(feeds.world, cve_id, feeds.world.at + timedelta(hours=3), title="New")
        feeds.world.at += timedelta(days=1)
        intake.run(connector)
        assert intake.claims == expected(feeds)
        assert (feeds.count("mitre-archive"), feeds.count("mitre", SINGLE)) == (1, 0)

    def test_and_singly_where_the_archive_is_older(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loaded(connector, intake, feeds)
        monkeypatch.setattr(client, "MOST_SINGLE", 5)
        for cve_id in list(feeds.world.mitre)[:12]:
            feed_mitre.change(feeds.world, cve_id, feeds.world.at + timedelta(hours=3), title="New")
        feeds.world.at += timedelta(hours=4)
        intake.run(connector)
        assert intake.claims == expected(feeds)
        assert (feeds.count("mitre-archive"), feeds.count("mitre", SINGLE)) == (0, 12)

    @pytest.mark.parametrize(("fault", "got"), [("429", 5), ("403", 3), ("503", 1), ("garbage", 5), ("down", 4)])
    def test_what_was_fetched_before_a_refusal_stays_and_the_next_run_goes_on(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, fault: str, got: int
    ) -> None:
        loaded(connector, intake, feeds)
        feeds.world.at += timedelta(hours=3)
        changed = [f"CVE-2024-{number}" for number in range(10002, 10009)]
        for cve_id in changed:
            feed_mitre.change(feeds.world, cve_id, feeds.world.at - timedelta(hours=1), title="New")
        real, left = feeds.answer, got

        def limited(request: FeedRequest) -> Reply | None:
            nonlocal left
            single = SINGLE in request.path
            feeds.faults["mitre"] = fault if single and left <= 0 else ""
            left -= single
            return real(request)

        feeds.answer = limited  # type: ignore[method-assign]
        with pytest.raises(SourceError, match="CVE list"):
            intake.run(connector)
        fetched = {record.key for page in intake.pages for record in page.records}
        assert fetched == set(changed[:got])
        assert at(intake).watermark is not None
        assert at(intake).watermark < feeds.world.at - timedelta(hours=1)
        left = 100
        intake.run(connector)
        again = {record.key for page in intake.pages for record in page.records}
        assert again == set(changed[got:])
        assert intake.claims == expected(feeds)
        assert (at(intake).watermark, at(intake).fetched) == (feeds.world.at - timedelta(hours=1), {})

    def test_a_record_that_changes_again_after_it_was_fetched_is_fetched_again(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        for number in range(10002, 10008):
            feed_mitre.change(feeds.world, f"CVE-2024-{number}", feeds.world.at + timedelta(hours=1), title="New")
        intake.run(connector, stop_after=1)
        feed_mitre.change(feeds.world, "CVE-2024-10002", feeds.world.at + timedelta(hours=2), title="Newer")
        feeds.requests.clear()
        intake.run(connector)
        assert intake.claims == expected(feeds)
        assert feeds.count("mitre", SINGLE) == 5, "the second record of the first page is not fetched again"

    def test_where_many_are_left_the_newest_archive_is_taken(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loaded(connector, intake, feeds)
        monkeypatch.setattr(client, "MANY_LEFT", 5)
        for cve_id in list(feeds.world.mitre)[:12]:
            feed_mitre.change(feeds.world, cve_id, feeds.world.at + timedelta(hours=3), title="New")
        feeds.world.at += timedelta(days=1)
        feeds.faults["mitre-record"] = "429"
        with pytest.raises(SourceError, match="429"):
            intake.run(connector)
        assert intake.claims == expected(feeds)
        assert feeds.count("mitre-archive") == 1


class TestReconciliation:
    def test_after_a_week_a_fresh_archive_brings_what_the_log_forgot(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at + timedelta(days=1), logged=False, title="New")
        for day in range(1, 9):
            feeds.world.at += timedelta(days=1)
            feed_mitre.change(feeds.world, "CVE-2024-10006", feeds.world.at, title=f"Day {day}")
            intake.run(connector)
            assert feeds.count("mitre-archive") == (1 if day == 8 else 0)
        assert intake.claims == expected(feeds)

    def test_a_log_that_does_not_reach_back_is_no_basis(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at + timedelta(days=1), title="Long ago")
        feeds.world.at += timedelta(days=60)
        feed_mitre.change(feeds.world, "CVE-2024-10006", feeds.world.at - timedelta(days=1), title="Yesterday")
        intake.run(connector)
        assert feeds.count("mitre-archive") == 1
        assert intake.claims == expected(feeds)

    def test_a_log_too_long_to_read_is_no_basis_either(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loaded(connector, intake, feeds)
        feeds.world.at += timedelta(days=1)
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at - timedelta(hours=1), title="New")
        monkeypatch.setattr(change_log, "MAX_LOG", 100)
        intake.run(connector)
        assert feeds.count("mitre-archive") == 1
        assert intake.claims == expected(feeds)

    def test_an_archive_does_not_take_back_what_was_fetched_after_midnight(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feeds.world.at = datetime(2025, 1, 19, 15, tzinfo=UTC)
        midnight = dict(feeds.world.mitre)
        feed_mitre.change(feeds.world, "CVE-2024-10006", feeds.world.at, title="This afternoon")
        intake.run(connector, stop_after=1)
        now, feeds.world.mitre = feeds.world.mitre, midnight
        before = dict(intake.claims)
        intake.run(connector)
        feeds.world.mitre = now
        assert feeds.count("mitre-archive") >= 1
        assert intake.claims == before == expected(feeds)

    def test_a_parser_of_another_version_reads_everything_again(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        assert b'"parser":%d' % parse.PARSER_VERSION in (intake.cursor or b"")
        intake.cursor = (
            intake.cursor.replace(b'"parser":%d' % parse.PARSER_VERSION, b'"parser":7') if intake.cursor else None
        )
        intake.run(connector)
        assert feeds.count("mitre-archive") == 1
        assert sum(len(page.records) for page in intake.pages) == len(feeds.world.mitre)

    def test_years_of_moves_end_as_a_full_import_does(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        for number, day in enumerate(("2025-01-10", "2025-01-25", "2026-03-12", "2026-08-27"), start=10001):
            feeds.world.at = datetime.fromisoformat(f"{day}T00:00:00+00:00")
            feed_mitre.change(feeds.world, f"CVE-2024-{number}", feeds.world.at - timedelta(days=3), title=day)
            intake.run(connector, stop_after=1)
            intake.run(connector)
            assert intake.claims == expected(feeds)
            intake.run(connector)
            assert intake.parsed == 0


class TestTrouble:
    @pytest.mark.parametrize(
        ("fault", "message"),
        [
            ("403", "refused the request"),
            ("503", "cannot be reached"),
            ("down", "cannot be reached"),
            ("hang", "in time"),
            ("truncate", "cannot be reached"),
            ("garbage", "web page"),
        ],
    )
    def test_of_the_service_is_told_and_nothing_is_touched(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, fault: str, message: str
    ) -> None:
        for attempt in range(2):
            feeds.faults["mitre"] = fault
            before, cursor = dict(intake.claims), intake.cursor
            with pytest.raises(SourceError, match=message) as caught:
                intake.run(connector)
            assert caught.value.title.startswith("The CVE list")
            assert (intake.claims, intake.cursor) == (before, cursor)
            feeds.faults.clear()
            intake.run(connector)
            assert intake.claims == expected(feeds)
            feed_mitre.change(feeds.world, f"CVE-2024-1000{attempt}", feeds.world.at, title="New")

    @pytest.mark.parametrize(("fault", "message"), [("bad-checksum", "damaged"), ("empty", "is empty")])
    def test_with_the_archive_is_told_and_it_is_fetched_anew(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, fault: str, message: str
    ) -> None:
        feeds.faults["mitre"] = fault
        with pytest.raises(SourceError, match=message):
            intake.run(connector)
        feeds.faults.clear()
        intake.run(connector)
        assert feeds.count("mitre-archive") == 2
        assert intake.claims == expected(feeds)

    def test_one_bad_record_is_left_to_the_parser(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        feeds.faults["mitre-archive"] = "bad-record"
        intake.run(connector)
        assert [problem.record for problem in intake.problems] == ["CVE-2024-66666"]
        assert intake.claims == expected(feeds)

    def test_a_record_beyond_measure_in_the_archive_is_reported(
        self, settings: Settings, watch: CountingWatch, intake: Intake, feeds: FeedServer
    ) -> None:
        feed_mitre.change(feeds.world, "CVE-2024-10004", feeds.world.at, title="x" * (9 * 2**20))
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at, title="x" * 200_000)
        intake.run(MitreConnector(settings, watch))  # patient: packing so much may take a second
        assert {problem.record for problem in intake.problems} == {"CVE-2024-10004"}
        assert (Feed.MITRE, "CVE-2024-10005") in intake.claims
        assert len(intake.claims) == len(feeds.world.mitre) - 1

    def test_a_log_that_is_suddenly_empty_is_not_taken_for_no_news(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feeds.faults["mitre"] = "empty"
        with pytest.raises(SourceError, match="log of changes is empty"):
            intake.run(connector)

    def test_a_log_that_has_been_quiet_for_a_month_is_checked_against_the_archive(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        loaded(connector, intake, feeds)
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at + timedelta(days=1), logged=False, title="New")
        feeds.world.at += timedelta(days=40)
        intake.run(connector)
        assert intake.claims == expected(feeds)

    @pytest.mark.parametrize(
        ("fault", "message"),
        [("bad-record", "no valid dates"), ("empty", "log of changes is empty"), ("garbage", "page")],
    )
    def test_with_the_log_is_told_and_the_archive_brings_the_changes(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, fault: str, message: str
    ) -> None:
        loaded(connector, intake, feeds)
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at + timedelta(hours=2), title="New")
        feeds.world.at += timedelta(days=1)
        feeds.faults["mitre-log"] = fault
        for _ in range(2):
            with pytest.raises(SourceError, match=message):
                intake.run(connector)
            assert intake.claims == expected(feeds)
        assert feeds.count("mitre-archive") == 1

    @pytest.mark.parametrize(
        "odd",
        [
            {"fetchTime": None, "new": []},
            {"fetchTime": "2025-01-10T01:00:00Z", "updated": "all"},
            {"fetchTime": "2025-01-10T01:00:00Z", "new": [None, {"cveId": 7}], "error": 5},
            7,
            None,
        ],
    )
    def test_with_one_entry_of_the_log_costs_only_that_entry(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer, odd: object
    ) -> None:
        loaded(connector, intake, feeds)
        feed_mitre.change(feeds.world, "CVE-2024-10005", feeds.world.at + timedelta(hours=2), title="New")
        real = feeds.answer

        def with_odd_entry(request: FeedRequest) -> Reply | None:
            reply = real(request)
            if reply and request.path.endswith("deltaLog.json"):
                return json_reply([odd, *json.loads(reply.body)])
            return reply

        feeds.answer = with_odd_entry  # type: ignore[method-assign]
        feeds.world.at += timedelta(hours=3)
        intake.run(connector)
        assert intake.claims == expected(feeds)

    def test_an_archive_that_was_unpacked_on_the_way_is_read(
        self, connector: MitreConnector, intake: Intake, feeds: FeedServer
    ) -> None:
        real = feeds.answer

        def unpacked(request: FeedRequest) -> Reply | None:
            reply = real(request)
            if reply and ARCHIVE in request.path:
                with zipfile.ZipFile(io.BytesIO(reply.body)) as outer:
                    return Reply(outer.read("cves.zip"), "application/zip")
            return reply

        feeds.answer = unpacked  # type: ignore[method-assign]
        intake.run(connector)
        assert intake.claims == expected(feeds)
