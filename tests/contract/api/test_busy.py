"""A database that another program keeps locked is busy. No service is reported as absent for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from backend.client.api import CHANGE_WAIT_S
from backend.contract.names import Role
from backend.store.dialects import sqlite
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from backend.worker.celery.app import PUBLISH_TIMEOUT_S
from tests.contract.api.conftest import NOW, Stage


@pytest.fixture
def database_kind() -> str:
    """PostgreSQL locks rows only."""
    return "sqlite"


@pytest.fixture
def path(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as tool:
        tool.execute("BEGIN IMMEDIATE")
        yield
        tool.execute("ROLLBACK")


@pytest.fixture
def silent(stage: Stage) -> None:
    """A worker and a beat whose last heartbeats are a minute old."""
    with stage.database.transaction() as connection:
        for role in (Role.WORKER, Role.BEAT):
            WorkerRepository(connection).put(
                WorkerRow(
                    name=str(role),
                    role=role,
                    host="here",
                    pid=1,
                    process_started=1.0,
                    queues=("fast",),
                    registered_tasks=(),
                    version="0",
                    started_at=NOW - timedelta(hours=1),
                    heartbeat_at=NOW - timedelta(minutes=1),
                    beats=1,
                )
            )


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/tasks/update-vulnerabilities"),
        ("POST", "/tasks/test"),
        ("PUT", "/tasks/scheduled/pause"),
        ("DELETE", "/tasks/scheduled/pause"),
        ("PATCH", "/tasks/scheduled/update-stats"),
        ("POST", "/tasks/scheduled/update-stats/reset"),
    ],
)
def test_a_change_is_refused_because_the_database_is_busy(
    path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, method: str, address: str
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0.1)
    stage: Stage = request.getfixturevalue("stage")
    with locked(path):
        answer = stage.request(method, address, 503, json={})
    assert answer["error"]["title"] == "The database is busy"


def test_heartbeats_that_cannot_be_written_do_not_make_workers_absent(stage: Stage, silent: None, path: Path) -> None:
    with locked(path):
        assert stage.get("/tasks/workers/status", 503)["error"]["title"] == "The database is busy"
        health = stage.get("/health")
        assert "busy" in health["database"]["message"]
        assert health["workers"]["state"] == "warning"
    assert stage.get("/tasks/workers/status")["status"] == "no_workers"
    assert stage.get("/health")["workers"]["state"] == "down"


def test_whoever_asks_for_a_change_waits_longer_than_the_api_does() -> None:
    """The API writes, publishes and writes once more."""
    assert CHANGE_WAIT_S > 2 * sqlite.BUSY_TIMEOUT + PUBLISH_TIMEOUT_S
