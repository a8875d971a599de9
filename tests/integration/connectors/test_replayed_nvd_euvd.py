"""NVD and EUVD against recorded feeds: updates at several times end with the data of a full load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.connectors.connector import Connector
from backend.connectors.euvd import EuvdConnector
from backend.connectors.nvd import NvdConnector, cursor, feeds
from tests.integration.connectors.reading import PatientWatch, Reading, settings_for
from tests.integration.replay.world import ReplayedWorld

pytestmark = pytest.mark.realdata

MOMENTS = ("2025-01-10T00:00:00", "2025-01-25T00:00:00", "2026-03-12T00:00:00", "2026-08-27T00:00:00")
CONNECTORS = [NvdConnector, EuvdConnector]

Build = Callable[..., Connector]


@pytest.fixture(autouse=True)
def few_years(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded data has CVE ids of 2024 only, so most of the earlier, empty year feeds are skipped."""
    monkeypatch.setattr(feeds, "FIRST_YEAR", 2022)


@pytest.fixture(scope="module")
def world(feed_world: Path) -> Iterator[ReplayedWorld]:
    replayed = ReplayedWorld(feed_world, MOMENTS[0], "--years", "2024", "--no-nvd-limit")
    yield replayed
    replayed.close()


def reading_of(build: Build, world: ReplayedWorld, folder: Path) -> Reading:
    watch = PatientWatch()
    return Reading(lambda: build(settings_for(world.base, folder), watch, watch.clock))


@pytest.mark.parametrize("build", CONNECTORS)
def test_leaps_through_time_end_with_the_same(build: Build, world: ReplayedWorld, tmp_path: Path) -> None:
    reading = reading_of(build, world, tmp_path)
    for moment in MOMENTS:
        world.move_to(moment)
        reading.update()
    fresh = reading_of(build, world, tmp_path / "fresh")
    fresh.update()
    assert reading.claims == fresh.claims
    assert len(fresh.claims) > 5000
    assert not reading.problems


@pytest.mark.parametrize("build", CONNECTORS)
def test_killed_after_every_page_it_ends_with_the_same(
    build: Build, world: ReplayedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "RECORDS", 1500)
    world.move_to(MOMENTS[0])
    fresh = reading_of(build, world, tmp_path / "fresh")
    fresh.update()
    reading = reading_of(build, world, tmp_path)
    for kill in range(6):
        reading.update(at_most=1 + kill)
        if kill == 3:
            world.move_to(MOMENTS[1])
    reading.update()
    again = reading_of(build, world, tmp_path / "again")
    again.update()
    assert reading.claims == again.claims
