from __future__ import annotations

import os
from datetime import timedelta

import pytest

from backend.contract.errors import SourceError
from backend.contract.health import home_fingerprint
from backend.contract.names import Role, Source
from backend.store.engine import Database
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.workers import WorkerRepository
from tests.contract.api.conftest import NOW, Stage
from tests.contract.api.test_tasks import put_worker


def test_health_tells_who_answers_and_what_everything_says(stage: Stage) -> None:
    health = stage.get("/health")
    assert (
        health.items()
        >= {
            "program": "openthreat",
            "pid": os.getpid(),
            "instance": None,
            "status": "down",
            "home": home_fingerprint(stage.settings.home),
        }.items()
    )
    assert (health["database"]["state"], health["workers"]["state"], health["beat"]["state"]) == ("ok", "down", "down")
    put_worker(stage)
    put_worker(stage, name="beat@here:3", role=Role.BEAT, queues=())
    assert stage.get("/health")["status"] == "ok"


def test_who_answers_is_told_without_a_look_at_anything_else(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    health = stage.get("/health")
    monkeypatch.setattr(Database, "reading", _refused)
    monkeypatch.setattr(Database, "is_prepared", _refused)
    live = stage.get("/live")
    assert live.keys() == {"program", "version", "pid", "instance", "home", "started_at"}
    assert live.items() <= health.items()


def _refused(_: object) -> None:
    raise AssertionError("the database was asked")


def test_the_status_of_the_workers_names_who_keeps_the_schedule(stage: Stage) -> None:
    put_worker(stage, name="beat@here:3", role=Role.BEAT, queues=(), host="here", pid=3)
    status = stage.get("/tasks/workers/status")
    assert (status["total_workers"], status["workers"]) == (0, [])
    assert status["beats"] == [{"name": "beat@here:3", "host": "here", "pid": 3}]
    stage.now += timedelta(seconds=31)
    assert stage.get("/tasks/workers/status")["beats"] == []


def test_sources_have_a_state_each(stage: Stage) -> None:
    with stage.database.transaction() as connection:
        sources = SourceRepository(connection)
        for source in (Source.CISA, Source.NVD, Source.MITRE):
            sources.record_attempt(source, NOW)
        sources.record_success(Source.CISA, NOW)
        sources.advance(Source.CISA, b"{}", NOW - timedelta(hours=1))
        sources.record_failure(Source.NVD, SourceError("NVD cannot be reached", "It is away.", "Wait."))
        for _ in range(3):
            sources.record_failure(Source.MITRE, SourceError("x"))
    listed = {source["name"]: source for source in stage.get("/sources")["sources"]}
    assert {name: source["state"] for name, source in listed.items()} == {
        "cisa": "ok",
        "nvd": "degraded",
        "euvd": "never",
        "mitre": "failing",
        "epss": "never",
    }
    assert listed["nvd"]["last_error"] == {
        "title": "NVD cannot be reached",
        "message": "It is away.",
        "hint": "Wait.",
        "id": "source-failed",
    }
    assert (
        listed["cisa"].items()
        >= {
            "enabled": True,
            "last_success_at": "2026-03-01T12:00:00Z",
            "watermark": "2026-03-01T11:00:00Z",
            "records": 0,
            "last_error": None,
        }.items()
    )
    stage.now += timedelta(days=2)
    assert stage.get("/sources")["sources"][0]["state"] == "stale"


def test_what_cannot_be_a_key_for_nvd_is_told_at_once_and_never_repeated(stage: Stage) -> None:
    verdict = stage.request("POST", "/sources/nvd/key", 200, json={"key": "planted secret"})
    assert verdict == {"accepted": False, "message": "An NVD key consists of letters, digits and hyphens."}
    for body, words in (
        ({"key": ""}, "key is empty"),
        ({"key": "planted-secret" * 20}, "key is longer than 200 characters"),
        ({}, "key is missing"),
    ):
        answer = stage.client.post("/api/v1/sources/nvd/key", json=body)
        assert "planted" not in answer.text
        assert words in answer.text


class TestSnapshot:
    def test_holds_all_that_the_desktop_shows(self, stage: Stage) -> None:
        stage.post("/tasks/test")
        snapshot = stage.get("/snapshot")
        assert snapshot.keys() == {
            "health",
            "is_team",
            "machines",
            "webhooks",
            "stats",
            "sources",
            "workers",
            "schedule",
            "pause",
            "runs",
            "inbox",
            "searches",
        }
        assert [run["status"] for run in snapshot["runs"]] == ["PENDING"]
        assert len(snapshot["schedule"]) == 4
        assert len(snapshot["sources"]) == 5

    def test_its_tag_stays_while_only_ages_change(self, stage: Stage) -> None:
        put_worker(stage, memory_bytes=1)
        tag = stage.client.get("/api/v1/snapshot").headers["etag"]
        stage.now += timedelta(seconds=3)
        put_worker(stage, memory_bytes=2, heartbeat_at=NOW + timedelta(seconds=1))
        unchanged = stage.client.get("/api/v1/snapshot", headers={"If-None-Match": f'"other", W/{tag}'})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)

    @pytest.mark.parametrize("change", ["run", "worker"])
    def test_its_tag_changes_with_everything_else(self, stage: Stage, change: str) -> None:
        put_worker(stage)
        tag = stage.client.get("/api/v1/snapshot").headers["etag"]
        if change == "run":
            stage.post("/tasks/test")
        else:
            with stage.database.transaction() as connection:
                WorkerRepository(connection).remove("slow,fast@here:1")
        answer = stage.client.get("/api/v1/snapshot", headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer.headers["etag"] != tag
