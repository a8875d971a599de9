"""Updates at several times of the recorded feeds end with the same data as a full import at the last time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.config import load_settings
from backend.services.update.update import run_update
from backend.store.engine import Database
from tests.fakes.sources import CountingRun
from tests.integration.replay.world import ReplayedWorld, digest_of, facts_of

pytestmark = [pytest.mark.realdata, pytest.mark.timeout(3600)]

STOPS = ("2025-01-10T00:00:00", "2025-01-25T00:00:00", "2026-03-12T00:00:00", "2026-08-27T00:00:00")
ALL_YEARS = "2023,2024"
WITHOUT_EPSS = "version = 1\n\n[sources]\nepss = false\n"
"""FIRST's table has scores for ids of all years, which take longer than all else."""
KILLS = 20


@pytest.fixture
def years() -> str:
    return ALL_YEARS


@pytest.fixture
def world(feed_world: Path, years: str) -> Iterator[ReplayedWorld]:
    world = ReplayedWorld(feed_world, STOPS[0], "--no-nvd-limit", "--years", years)
    yield world
    world.close()


def updated(home: Path, url: str, world: ReplayedWorld, monkeypatch: pytest.MonkeyPatch) -> Database:
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("OPENTHREAT_HOME", str(home))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    database = Database(url)
    database.prepare()
    result = run_update(load_settings(), database, CountingRun())
    assert result["status"] == "ok", result
    return database


def assert_same(stepwise: Database, full: Database, least: int = 5000) -> None:
    left, right = digest_of(stepwise), digest_of(full)
    different = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    first = {name: (facts_of(stepwise, name), facts_of(full, name)) for name in different[:1]}
    assert not different, f"{len(different)} of {len(right)} differ, such as {different[:5]}: {first}"
    assert len(right) > least


@pytest.mark.parametrize(
    ("years", "settings", "stops", "least", "database_kind"),
    [
        pytest.param("2023", WITHOUT_EPSS, STOPS[:2], 2000, "sqlite", id="small"),
        pytest.param(ALL_YEARS, "", STOPS, 5000, "sqlite", marks=pytest.mark.full, id="sqlite"),
        pytest.param(
            ALL_YEARS, "", STOPS, 5000, "postgresql", marks=[pytest.mark.full, pytest.mark.servers], id="postgresql"
        ),
    ],
    indirect=["database_kind"],
)
def test_a_world_that_moves_on_ends_as_a_full_import(
    world: ReplayedWorld,
    settings: str,
    stops: tuple[str, ...],
    least: int,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for home in ("stepwise", "full"):
        (tmp_path / home).mkdir()
        (tmp_path / home / "settings.toml").write_text(settings, encoding="utf-8")
    for stop in stops:
        world.move_to(stop)
        stepwise = updated(tmp_path / "stepwise", database_url, world, monkeypatch)
    full = updated(tmp_path / "full", f"sqlite:///{tmp_path / 'full.db'}", world, monkeypatch)
    assert_same(stepwise, full, least)


@pytest.mark.full
def test_killed_twenty_times_on_the_way_it_ends_as_a_full_import(
    world: ReplayedWorld, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(20)
    home = tmp_path / "killed"
    home.mkdir()
    environment = os.environ | dict(world.environment) | {"OPENTHREAT_HOME": str(home), "UPDATE_DATABASE": database_url}
    killed = 0
    for stop in STOPS:
        world.move_to(stop)
        for _ in range(KILLS // len(STOPS)):
            child = subprocess.Popen([sys.executable, "-m", "tests.integration.replay.child"], env=environment)
            try:
                child.wait(dice.uniform(1.0, 9.0))
            except subprocess.TimeoutExpired:
                child.kill()
                killed += 1
            child.wait()
    survivor = updated(home, database_url, world, monkeypatch)
    full = updated(tmp_path / "full", f"sqlite:///{tmp_path / 'full.db'}", world, monkeypatch)
    assert killed > 0
    assert_same(survivor, full)
