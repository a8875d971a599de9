"""The real API, with requests from programs of its own user and of another one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from backend.api import server
from backend.config import Settings
from backend.store.engine import Database
from backend.system.caller import Address, Caller, caller_of
from tests.integration.api.conftest import RunningApi
from tests.servers import free_port, needs

as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can start a program of another user"
)
NOBODY = 65534
LIVE = "/api/v1/live"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD")
PATHS = ["/", "/docs", "/openapi.json", "/nothing", f"{LIVE}/"]
"""Besides those of the schema."""


@pytest.fixture(params=["127.0.0.1", "::1"])
def api(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningApi]:
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    monkeypatch.setenv("OPENTHREAT_API_HOST", request.param)
    settings = Settings(home=home)
    database = Database(settings.database_url)
    database.prepare()
    api = RunningApi(settings, database)
    api.start()
    yield api
    api.stop()
    database.close()


def statuses(user: int, *urls: str, method: str = "GET") -> list[int]:
    """Return the statuses that curl gets for a user; one connection serves all addresses."""
    needs("curl")
    words = ["-I"] if method == "HEAD" else ["-X", method]
    outputs = [word for url in urls for word in ("-o", "/dev/null", url)]
    result = subprocess.run(
        ["curl", "-gsS", "-m", "20", "-w", "%{http_code} ", *words, *outputs],
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(status) for status in result.stdout.split()]


@as_root
@pytest.mark.parametrize("method", METHODS)
def test_another_user_is_refused_everything_with_every_method(api: RunningApi, method: str) -> None:
    schema = requests.get(f"{api.settings.api_base}/openapi.json", timeout=20).json()
    urls = [api.settings.api_base + path for path in {*PATHS, *schema["paths"]} - {LIVE}]
    assert len(urls) > 20
    assert statuses(NOBODY, *urls, method=method) == [403] * len(urls)


@as_root
def test_another_user_can_tell_that_the_port_is_in_use(api: RunningApi) -> None:
    live = api.settings.api_base + LIVE
    assert statuses(NOBODY, live) == [200]
    assert statuses(NOBODY, live, method="POST") == [403]


@as_root
def test_the_owner_is_answered_beside_it(api: RunningApi) -> None:
    health = f"{api.settings.api_base}/api/v1/health"
    assert statuses(NOBODY, health) == [403]
    assert statuses(0, health) == [200]
    assert statuses(NOBODY, health) == [403]


def test_the_owner_of_a_connection_is_determined_once(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    determined = []

    def counted(own: Address | None, other: Address | None) -> Caller:
        determined.append(other)
        return caller_of(own, other)

    monkeypatch.setattr(server, "caller_of", counted)
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{api.settings.api_base}/api/v1/health", timeout=10).status_code == 200
    assert len(determined) == 1


def test_no_connection_of_the_owner_is_refused_under_load(api: RunningApi) -> None:
    """Many short connections in a row: the sockets of those before are still in the system's tables."""
    health = f"{api.settings.api_base}/api/v1/health"
    assert {requests.get(health, timeout=20).status_code for _ in range(50)} == {200}
