from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backend.config import Settings
from backend.connectors.cisa import PARSER_VERSION, CisaConnector
from backend.connectors.cisa.client import CisaCursor
from backend.contract.errors import SourceError
from backend.domain.claims import Feed
from tests.fakes import feed_cisa
from tests.fakes.feed_model import FeedRequest, Json, Reply, Route, World, json_reply
from tests.fakes.feed_server import FeedServer
from tests.fakes.intake import Intake
from tests.fakes.watch import CountingWatch
from tests.integration.connectors.conftest import impatient

KEV = Feed.KEV


@pytest.fixture
def connector(settings: Settings, watch: CountingWatch) -> CisaConnector:
    return CisaConnector(settings, watch, impatient(watch, settings, "CISA KEV"))


@pytest.fixture
def intake() -> Intake:
    return Intake()


def read(intake: Intake) -> CisaCursor:
    return msgspec.json.decode(intake.cursor or b"", type=CisaCursor)


def ids(intake: Intake) -> set[str]:
    return {vulnerability_id for _, vulnerability_id in intake.claims}


def test_takes_in_the_whole_catalogue(connector: CisaConnector, intake: Intake) -> None:
    intake.run(connector)
    assert ids(intake) == set(feed_cisa.EXPLOITED)
    assert [page.sweep for page in intake.pages] == ["last"]
    assert read(intake).watermark == datetime(2025, 1, 10, 0, 0, 0, 601900, tzinfo=UTC)


def test_asks_no_more_than_whether_it_has_changed(connector: CisaConnector, intake: Intake, feeds: FeedServer) -> None:
    intake.run(connector)
    cursor = intake.cursor
    intake.run(connector)
    assert intake.pages == []
    assert intake.cursor == cursor
    assert feeds.count("cisa") == 2


def test_entries_that_change_come_and_go_are_followed(
    connector: CisaConnector, intake: Intake, feeds: FeedServer
) -> None:
    intake.run(connector)
    del feeds.world.kev[1]
    feeds.world.kev[0]["dueDate"] = "2025-02-01"
    feeds.world.kev.insert(0, feed_cisa.entry("CVE-2024-10015"))
    intake.run(connector)
    assert ids(intake) == {"CVE-2023-20001", "CVE-2024-10007", "CVE-2024-10015"}
    assert intake.parsed == 2


@pytest.mark.parametrize("fault", ["403", "503", "down", "hang", "truncate", "garbage", "empty"])
def test_the_mirror_serves_where_the_catalogue_cannot_be_had(
    connector: CisaConnector, intake: Intake, feeds: FeedServer, fault: str
) -> None:
    feeds.faults["cisa-own"] = fault
    intake.run(connector)
    assert ids(intake) == set(feed_cisa.EXPLOITED)
    assert feeds.count("cisa-mirror") == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("403", "refused the request"),
        ("503", "cannot be reached"),
        ("down", "cannot be reached"),
        ("truncate", "cannot be reached"),
        ("garbage", "web page"),
        ("empty", "has 0"),
    ],
)
def test_without_either_what_is_wrong_is_told_and_nothing_is_touched(
    connector: CisaConnector, intake: Intake, feeds: FeedServer, fault: str, message: str
) -> None:
    intake.run(connector)
    cursor = intake.cursor
    feeds.world.kev.append(feed_cisa.entry("CVE-2024-10015"))
    feeds.faults["cisa"] = fault
    with pytest.raises(SourceError, match=message) as caught:
        intake.run(connector)
    assert caught.value.title.startswith("CISA KEV")
    assert (intake.cursor, ids(intake)) == (cursor, set(feed_cisa.EXPLOITED))
    feeds.faults.clear()
    intake.run(connector)
    assert "CVE-2024-10015" in ids(intake)


def test_a_mirror_that_lags_takes_nothing_back(connector: CisaConnector, intake: Intake, feeds: FeedServer) -> None:
    intake.run(connector)
    feeds.world.at -= timedelta(days=1)
    del feeds.world.kev[0]
    feeds.faults["cisa-own"] = "403"
    with pytest.raises(SourceError, match="403"):
        intake.run(connector)
    assert ids(intake) == set(feed_cisa.EXPLOITED)


def test_of_a_catalogue_that_miscounts_its_entries_only_what_it_lacks_is_not_believed(
    connector: CisaConnector, intake: Intake, feeds: FeedServer
) -> None:
    intake.run(connector)
    cursor = intake.cursor
    feeds.world.kev[0] = feed_cisa.entry("CVE-2024-10009")
    feeds.faults["cisa"] = "miscount"
    with pytest.raises(SourceError, match="announces 4 entries and has 3"):
        intake.run(connector)
    assert ids(intake) == {*feed_cisa.EXPLOITED, "CVE-2024-10009"}
    assert intake.cursor == cursor
    feeds.faults.clear()
    intake.run(connector)
    assert ids(intake) == {*feed_cisa.EXPLOITED[1:], "CVE-2024-10009"}


@pytest.mark.parametrize("envelope", [{"count": "3"}, {"count": None}, {"dateReleased": 7}, {"title": []}])
def test_an_odd_field_around_the_entries_is_no_trouble(
    watch: CountingWatch, settings: Settings, intake: Intake, monkeypatch: pytest.MonkeyPatch, envelope: Json
) -> None:
    def other(world: World, request: FeedRequest) -> Reply:
        entries = [feed_cisa.entry(cve_id) for cve_id in feed_cisa.EXPLOITED]
        return json_reply({"count": 3, "vulnerabilities": entries, **envelope})

    with FeedServer(routes=[Route("other", r"/other/sites/.*", other)]) as server:
        monkeypatch.setattr(settings, "cisa_url", f"{server.url}/other")
        intake.run(CisaConnector(settings, watch))
    assert ids(intake) == set(feed_cisa.EXPLOITED)


def test_one_bad_entry_is_reported_and_the_others_land(
    connector: CisaConnector, intake: Intake, feeds: FeedServer
) -> None:
    feeds.faults["cisa"] = "bad-record"
    feeds.world.kev += [feed_cisa.entry("CVE-1"), feed_cisa.entry("CVE-2024-10009", cwes="CWE-1")]
    intake.run(connector)
    assert ids(intake) == {*feed_cisa.EXPLOITED, "CVE-2024-10009"}
    assert [problem.record for problem in intake.problems] == ["entry 2", "entry 5"]


def test_an_entry_that_is_no_json_spoils_only_itself_and_is_not_taken_back(
    connector: CisaConnector, intake: Intake, feeds: FeedServer
) -> None:
    intake.run(connector)
    feeds.faults["cisa"] = "broken-record"
    feeds.world.kev += [None, feed_cisa.entry("CVE-2024-10009")]  # type: ignore[list-item]
    intake.run(connector)
    assert ids(intake) == {*feed_cisa.EXPLOITED, "CVE-2024-10009"}
    assert [problem.record for problem in intake.problems] == ["entry 4", feed_cisa.EXPLOITED[0]]


def test_a_better_parser_reads_an_unchanged_catalogue_again(connector: CisaConnector, intake: Intake) -> None:
    intake.run(connector)
    assert b'"parser":' in (intake.cursor or b""), "a later version's default must not stand in for it"
    intake.cursor = msgspec.json.encode(msgspec.structs.replace(read(intake), parser=PARSER_VERSION + 1))
    intake.run(connector)
    assert len(intake.pages) == 1
