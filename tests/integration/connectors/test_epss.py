from __future__ import annotations

import gzip
from datetime import datetime, timedelta

import msgspec
import pytest

from backend.config import Settings
from backend.connectors.epss import EpssConnector, client
from backend.contract.errors import SourceError
from backend.domain.claims import Feed
from tests.fakes.feed_model import FeedRequest, Reply, Route, World
from tests.fakes.feed_server import FeedServer
from tests.fakes.intake import Intake
from tests.fakes.watch import CountingWatch
from tests.integration.connectors.conftest import impatient


@pytest.fixture
def connector(settings: Settings, watch: CountingWatch, monkeypatch: pytest.MonkeyPatch) -> EpssConnector:
    monkeypatch.setattr(client, "PAGE", 10)
    return EpssConnector(settings, watch, impatient(watch, settings, "EPSS"))


@pytest.fixture
def intake() -> Intake:
    return Intake()


def watermark(intake: Intake) -> datetime | None:
    return msgspec.json.decode(intake.cursor or b"", type=client.EpssCursor).watermark


def scores(intake: Intake) -> dict[str, tuple[float | None, float | None]]:
    return {
        vulnerability_id: (claim.epss, claim.epss_percentile) for (_, vulnerability_id), claim in intake.claims.items()
    }


def test_takes_in_the_whole_table_in_pages(connector: EpssConnector, intake: Intake, feeds: FeedServer) -> None:
    intake.run(connector)
    assert scores(intake) == feeds.world.epss
    assert [page.sweep for page in intake.pages] == ["part", "part", "last"]
    assert [len(page.records) for page in intake.pages] == [10, 10, 5]
    assert watermark(intake) == feeds.world.at


def test_asks_no_more_than_whether_it_has_changed(connector: EpssConnector, intake: Intake, feeds: FeedServer) -> None:
    intake.run(connector)
    intake.run(connector)
    assert intake.pages == []
    feeds.world.epss["CVE-2024-10003"] = (0.99, 0.999)
    intake.run(connector)
    assert intake.parsed == 1
    assert scores(intake) == feeds.world.epss


def test_a_table_that_ends_with_a_full_page_ends(connector: EpssConnector, intake: Intake, feeds: FeedServer) -> None:
    for number in range(5):
        feeds.world.epss[f"CVE-2024-2000{number}"] = (0.1, 0.2)
    intake.run(connector)
    assert [page.sweep for page in intake.pages] == ["part", "part", "last"]


def test_notes_the_model_of_the_scores_and_since_when(
    connector: EpssConnector, intake: Intake, feeds: FeedServer
) -> None:
    def stored_model() -> tuple[str | None, datetime | None]:
        cursor = msgspec.json.decode(intake.cursor or b"", type=client.EpssCursor)
        return cursor.model, cursor.model_since

    intake.run(connector)
    first = feeds.world.at
    assert stored_model() == ("v2025.03.14", first)
    feeds.world.at += timedelta(days=1)
    intake.run(connector)
    assert stored_model() == ("v2025.03.14", first)
    feeds.world.at += timedelta(days=1)
    feeds.world.epss_model = "v2026.06.15"
    feeds.world.epss = {cve_id: (score / 2, rank) for cve_id, (score, rank) in feeds.world.epss.items()}
    intake.run(connector, stop_after=2)
    assert stored_model() == ("v2025.03.14", first)
    intake.run(connector)
    assert stored_model() == ("v2026.06.15", feeds.world.at)


def test_a_killed_run_begins_again(connector: EpssConnector, intake: Intake, feeds: FeedServer) -> None:
    intake.run(connector, stop_after=2)
    assert watermark(intake) is None
    intake.run(connector)
    assert scores(intake) == feeds.world.epss


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("403", "refused the request"),
        ("503", "cannot be reached"),
        ("down", "cannot be reached"),
        ("hang", "in time"),
        ("garbage", r"a web page instead of data: .*“Service notice”"),
        ("empty", "has no scores"),
        ("bad-checksum", "damaged"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_touched(
    connector: EpssConnector, intake: Intake, feeds: FeedServer, fault: str, message: str
) -> None:
    intake.run(connector)
    before, cursor = scores(intake), intake.cursor
    feeds.world.epss["CVE-2024-10003"] = (0.99, 0.999)
    feeds.faults["epss"] = fault
    with pytest.raises(SourceError, match=message):
        intake.run(connector)
    assert (scores(intake), intake.cursor) == (before, cursor)
    feeds.faults.clear()
    intake.run(connector)
    assert scores(intake) == feeds.world.epss


HEADER, ROW = b"#model_version:v5,score_date:2026-01-30T12:55:00Z\n", b"CVE-2024-1000,0.5,0.9\n"


@pytest.mark.parametrize(
    ("text", "percentile"),
    [
        (HEADER + b"cve,epss,percentile,delta\nCVE-2024-1000,0.5,0.9,0.1\n", 0.9),
        (HEADER + b"percentile,cve,epss\n0.9,CVE-2024-1000,0.5\n", 0.9),
        (HEADER + b"cve,epss\nCVE-2024-1000,0.5\n", None),
        (HEADER + ROW, 0.9),
        (b"cve,epss,percentile\n" + ROW, 0.9),
        (b"# a note\n" + HEADER + b"cve,epss,percentile\n" + ROW, 0.9),
        (b"\xef\xbb\xbf" + HEADER + b"cve,epss,percentile\r\n" + ROW, 0.9),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_columns_may_come_go_and_move(
    watch: CountingWatch,
    settings: Settings,
    intake: Intake,
    monkeypatch: pytest.MonkeyPatch,
    text: bytes,
    percentile: float | None,
    *,
    packed: bool,
) -> None:
    def other(world: World, request: FeedRequest) -> Reply:
        return Reply(gzip.compress(text) if packed else text, "text/csv", validated=True, ranges=True)

    with FeedServer(routes=[Route("other", r"/other/epss_scores-current\.csv\.gz", other)]) as server:
        monkeypatch.setattr(settings, "epss_url", f"{server.url}/other")
        intake.run(EpssConnector(settings, watch))
    assert scores(intake) == {"CVE-2024-1000": (0.5, percentile)}


def test_one_bad_row_is_reported_and_the_others_land(
    connector: EpssConnector, intake: Intake, feeds: FeedServer
) -> None:
    feeds.faults["epss"] = "bad-record"
    feeds.world.epss |= {"nonsense": (1, 1), "x" * 5000: (1, 1)}
    intake.run(connector)
    assert len(intake.problems) >= 3
    assert set(scores(intake)) == {name for name in feeds.world.epss if name.startswith("CVE-")}


@pytest.mark.parametrize("text", [b"", b"#model\nother\n", b"<html>", b"cve,score,percentile\nCVE-2024-1000,1,1"])
def test_another_table_is_not_taken_for_this_one(
    watch: CountingWatch, settings: Settings, intake: Intake, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    def other(world: World, request: FeedRequest) -> Reply:
        return Reply(gzip.compress(text), "application/gzip", validated=True, ranges=True)

    with FeedServer(routes=[Route("other", r"/other/epss_scores-current\.csv\.gz", other)]) as server:
        monkeypatch.setattr(settings, "epss_url", f"{server.url}/other")
        with pytest.raises(SourceError, match="EPSS sent invalid data"):
            intake.run(EpssConnector(settings, watch))
    assert intake.claims == {}


def test_every_record_is_known_by_its_cve_id(connector: EpssConnector, intake: Intake) -> None:
    intake.run(connector)
    record = intake.pages[0].records[0]
    assert (intake.pages[0].feed, record.key, record.vulnerability_id) == (Feed.EPSS, "CVE-2019-0708", "CVE-2019-0708")
