"""Saved searches: stored for all, watched if wanted, refused where they make no sense."""

from __future__ import annotations

from datetime import date

import pytest

from backend.contract.inbox import EventKind
from backend.contract.names import Severity
from backend.store.repositories.metadata import SAVED_SEARCHES_KEY, MetadataRepository
from tests.contract.api.conftest import Json, Stage
from tests.contract.api.test_inbox import counts, happen, inbox, put

CRITICAL, OTHER = "CVE-2024-3001", "CVE-2024-3002"
SEARCH = {"name": "Cisco, critical", "filters": {"vendor": ["cisco", "juniper"], "severity": ["CRITICAL"]}}


@pytest.fixture
def world(stage: Stage) -> Stage:
    put(stage, CRITICAL, vendors=("cisco",), severity=Severity.CRITICAL)
    put(stage, OTHER, vendors=("cisco",), severity=Severity.LOW, epss=0.7, kev_date_added=date(2024, 5, 1))
    return stage


def save(stage: Stage, *searches: Json, status: int = 200) -> Json:
    return stage.request("PUT", "/searches", status, json={"items": list(searches)})


def mine(stage: Stage) -> list[str]:
    return [item["cve_id"] for item in stage.get("/vulnerabilities", mine=True)["items"]]


def test_searches_are_kept_in_their_order_and_are_in_the_snapshot(world: Stage) -> None:
    other = {"name": "Likely", "filters": {"min_epss": 0.5, "kev_added_after": "2024-04-30", "mine": True}}
    save(world, SEARCH, other)
    for items in (world.get("/searches")["items"], world.get("/snapshot")["searches"]):
        assert [search["name"] for search in items] == ["Cisco, critical", "Likely"]
        assert items[0]["filters"]["vendor"] == ["cisco", "juniper"]
        assert (items[1]["filters"]["min_epss"], items[1]["filters"]["kev_added_after"]) == (0.5, "2024-04-30")
        assert not items[0]["is_watched"]
    save(world)
    assert world.get("/searches")["items"] == []


def test_what_a_watched_search_finds_is_mine(world: Stage) -> None:
    for cve_id in (CRITICAL, OTHER):
        happen(world, EventKind.CRITICAL, cve_id)
    save(world, SEARCH)
    assert (mine(world), counts(world)) == ([], (0, 0))
    save(world, SEARCH | {"is_watched": True})
    assert (mine(world), counts(world)) == ([CRITICAL], (1, 0))
    assert [event["watched"] for event in inbox(world)] == [["Cisco, critical"]]
    world.request("PUT", "/watchlist", 200, json={"items": []})
    assert counts(world) == (1, 0), "the watchlist is another list"
    save(world)
    assert (mine(world), counts(world)) == ([], (0, 0))


@pytest.mark.parametrize(
    "wrong",
    [
        [SEARCH | {"name": "  "}],
        [SEARCH | {"name": "x" * 101}],
        [SEARCH, SEARCH | {"name": "CISCO, Critical"}],
        [SEARCH | {"filters": {"vendour": ["cisco"]}}],
        [SEARCH | {"filters": {"min_epss": 2}}],
        [SEARCH | {"filters": {"due_before": "soon"}}],
        [{"name": "All", "is_watched": True}],
        [{"name": "Mine", "filters": {"mine": True}, "is_watched": True}],
        [{"name": "Seen", "filters": {"triage": ["acknowledged"]}, "is_watched": True}],
        [SEARCH | {"name": f"number {number}"} for number in range(101)],
    ],
)
def test_what_makes_no_sense_is_refused_and_stored_ones_stay(world: Stage, wrong: list[Json]) -> None:
    save(world, SEARCH)
    save(world, *wrong, status=422)
    assert [search["name"] for search in world.get("/searches")["items"]] == ["Cisco, critical"]


def test_searches_of_another_version_are_not_read(world: Stage) -> None:
    with world.database.transaction() as connection:
        MetadataRepository(connection).set(SAVED_SEARCHES_KEY, '{"items": [{"name": "x", "filters": {"new": 1}}]}')
    assert world.get("/searches")["items"] == []
    assert world.get("/snapshot")["searches"] == []
