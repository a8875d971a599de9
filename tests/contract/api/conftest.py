"""The API on each kind of database, with a publisher that records messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from backend.api.app import create_app
from backend.config import Settings
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from tests.fakes.caller import from_caller
from tests.fakes.no_keyring import replace_keyring

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "http://127.0.0.1:8001"

Json = dict[str, Any]


@dataclass
class Stage:
    """The API with its parts. `sent` contains the messages that reached the broker."""

    settings: Settings
    database: Database
    client: TestClient
    now: datetime = NOW
    sent: list[tuple[str, str, str]] = field(default_factory=list)

    def get(self, path: str, status: int = 200, **params: object) -> Json:
        return self.request("GET", path, status, params=params)

    def all(self, path: str, **params: object) -> list[Json]:
        """The items of all pages of a list."""
        items, page = list[Json](), 1
        while found := self.get(path, page=page, page_size=200, **params)["items"]:
            items += found
            page += 1
        return items

    def post(self, path: str, status: int = 202, **params: object) -> Json:
        return self.request("POST", path, status, params=params)

    def request(self, method: str, path: str, status: int, **options: object) -> Json:
        answer = self.client.request(method, f"/api/v1{path}", **options)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        body: Json = answer.json()
        return body


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_keyring(monkeypatch)


@pytest.fixture(autouse=True)
def patient_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine does not make the database look as if it were away."""
    monkeypatch.setattr("backend.api.routes.status._CHECK_TIMEOUT_S", 60.0)


@pytest.fixture
def stage(database_url: str, home: Path) -> Iterator[Stage]:
    settings, database = Settings(home=home), Database(database_url)
    stage = Stage(settings, database, None)
    queue = TaskQueue(database, lambda *message: stage.sent.append(message), lambda: stage.now)
    app = create_app(settings, database, queue, lambda: stage.now, lambda: BERLIN)
    with TestClient(from_caller(app), base_url=BASE, raise_server_exceptions=False) as stage.client:
        yield stage
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for reports."""
    path = tmp_path / "Berichte ü"
    path.mkdir()
    return path
