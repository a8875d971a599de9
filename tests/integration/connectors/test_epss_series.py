"""The scores of the last 30 days from FIRST's API, against the fake service."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backend.config import Settings
from backend.connectors.epss.series import EpssSeries
from backend.contract.errors import SourceError
from tests.fakes.feed_model import FeedRequest, Reply, Route, World
from tests.fakes.feed_server import FeedServer

CVE = "CVE-2024-10001"


@pytest.fixture
def series(feeds: FeedServer, home: Path) -> EpssSeries:
    return EpssSeries(Settings(home=home, epss_url=feeds.url))


def test_the_oldest_day_comes_first(feeds: FeedServer, series: EpssSeries) -> None:
    feeds.world.epss[CVE] = (0.6, 0.9)
    points = series.points(CVE)
    assert [(point.day, point.epss, point.percentile) for point in points] == [
        (date(2025, 1, 8), 0.2, 0.9),
        (date(2025, 1, 9), 0.3, 0.9),
        (date(2025, 1, 10), 0.6, 0.9),
    ]
    (request,) = feeds.requests
    assert request.query == {"cve": CVE, "scope": "time-series"}


def test_an_id_that_first_does_not_know_has_none(feeds: FeedServer, series: EpssSeries) -> None:
    assert series.points("CVE-2024-99999") == ()


def test_what_is_no_score_of_a_day_is_left_out(feeds: FeedServer, series: EpssSeries) -> None:
    feeds.world.epss[CVE] = (0.6, 0.9)
    feeds.faults["epss-api"] = "bad-record"
    assert [point.day.day for point in series.points(CVE)] == [8, 9, 10]


@pytest.mark.parametrize("fault", ["503", "down", "garbage", "truncate"])
def test_a_failure_is_said_at_once(feeds: FeedServer, series: EpssSeries, fault: str) -> None:
    feeds.world.epss[CVE] = (0.6, 0.9)
    feeds.faults["epss-api"] = fault
    with pytest.raises(SourceError, match="EPSS"):
        series.points(CVE)
    assert len(feeds.requests) == 1


def answering(body: bytes) -> FeedServer:
    def answer(world: World, request: FeedRequest) -> Reply:
        return Reply(body)

    return FeedServer(routes=[Route("epss-api", r"/data/v1/epss", answer)])


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": 4}', b"", b"{"])
def test_an_answer_of_another_form_is_refused(home: Path, body: bytes) -> None:
    with answering(body) as feeds, pytest.raises(SourceError, match="invalid data"):
        EpssSeries(Settings(home=home, epss_url=feeds.url)).points(CVE)


@pytest.mark.parametrize("body", [b'{"data": [null, 4]}', b'{"data": [{}]}', b'{"data": [{"cve": "CVE-2024-2"}]}'])
def test_an_answer_about_nothing_has_no_scores(home: Path, body: bytes) -> None:
    with answering(body) as feeds:
        assert EpssSeries(Settings(home=home, epss_url=feeds.url)).points(CVE) == ()
