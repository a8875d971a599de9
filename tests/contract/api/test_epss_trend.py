"""The course of EPSS scores: stored for what concerns the users, requested from FIRST for the rest."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.config import Settings
from backend.contract.exposure import Watched, Watchlist
from backend.services.exposure.watching import replace_watchlist, watched_terms
from backend.store.repositories.epss_history import EpssHistoryRepository
from tests.contract.api.conftest import NOW, Stage
from tests.fakes.vulnerabilities import put_vulnerabilities, vulnerability

MINE, OTHER, COPIED = "CVE-2024-1000", "CVE-2024-2000", "CVE-2024-3000"
TODAY = date(2026, 3, 1)


def score(stage: Stage, epss: float) -> None:
    rows = [
        vulnerability(MINE, vendors=("acme",), epss=epss, epss_percentile=0.9),
        vulnerability(OTHER, vendors=("emca",), epss=epss, epss_percentile=0.9),
        vulnerability(COPIED, vendors=("acme",), epss=epss),
    ]
    with stage.database.transaction() as connection:
        put_vulnerabilities(connection, [(row, 0.5) for row in rows], NOW)


def keep(stage: Stage, day: date) -> None:
    with stage.database.transaction() as connection:
        EpssHistoryRepository(connection).keep(day, watched_terms(connection))


@pytest.fixture
def watched(stage: Stage) -> Stage:
    with stage.database.transaction() as connection:
        replace_watchlist(connection, Watchlist(items=(Watched(vendor="acme"),)))
    return stage


def points(stage: Stage, cve_id: str) -> list[tuple[str, float]]:
    return [(point["day"], point["epss"]) for point in stage.get(f"/vulnerabilities/{cve_id}/epss")["points"]]


def test_each_day_has_one_score_of_what_concerns(watched: Stage) -> None:
    for day, epss in ((TODAY, 0.1), (TODAY + timedelta(1), 0.2), (TODAY + timedelta(1), 0.3)):
        score(watched, epss)
        keep(watched, day)
    assert points(watched, MINE.lower()) == [("2026-03-01", 0.1), ("2026-03-02", 0.3)]
    assert points(watched, OTHER) == []
    assert points(watched, COPIED) == []


def test_old_scores_are_deleted(watched: Stage) -> None:
    score(watched, 0.1)
    for day in (TODAY - timedelta(400), TODAY - timedelta(401), TODAY):
        keep(watched, day)
    with watched.database.transaction() as connection:
        assert EpssHistoryRepository(connection).delete_older(TODAY - timedelta(400)) == 1
    assert [day for day, _ in points(watched, MINE)] == ["2025-01-25", "2026-03-01"]


def test_first_is_not_asked_for_what_is_no_cve_id(stage: Stage) -> None:
    answer = stage.post("/vulnerabilities/EUVD-2024-1/epss", 404)
    assert answer["error"]["title"] == "EPSS rates CVE ids only"
    stage.post("/vulnerabilities/nonsense/epss", 422)
    stage.post("/vulnerabilities/CVE-2024-9999/epss", 404)  # no record of it is stored


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings name an address without a server."""
    monkeypatch.setenv("OPENTHREAT_EPSS_URL", "http://127.0.0.1:9")
    assert Settings(home=tmp_path).epss_url
    return tmp_path


def test_that_first_cannot_be_reached_is_said(stage: Stage) -> None:
    score(stage, 0.1)
    answer = stage.post(f"/vulnerabilities/{MINE}/epss", 502)
    assert "EPSS" in answer["error"]["title"]
