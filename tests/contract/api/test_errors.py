"""Every answer is JSON, and invalid input never causes an internal error."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.api.access import MAX_BODY
from backend.api.app import create_app
from backend.config import Settings
from backend.contract.errors import ErrorBody, StoreUnavailable
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from tests.contract.api.conftest import BASE, Stage
from tests.fakes.caller import from_caller

PREFIX = "/api/v1"


def checked(answer: object) -> int:
    """Return the status after checking the body."""
    status: int = answer.status_code  # type: ignore[attr-defined]
    if status >= 400:
        body = ErrorBody.model_validate(answer.json())  # type: ignore[attr-defined]
        assert body.error.title
        assert body.detail.startswith(body.error.title)
    return status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/api/v1/", 404),
        ("GET", "/api/v1/stats/", 404),
        ("POST", "/api/v1/stats", 405),
        ("DELETE", "/api/v1/tasks/1", 405),
        ("OPTIONS", "/api/v1/stats", 405),
        ("GET", "/api/v1/tasks/test", 404),
        ("PUT", "/api/v1/tasks/scheduled/clean-cache", 405),
    ],
)
def test_wrong_addresses_and_methods(stage: Stage, method: str, path: str, status: int) -> None:
    assert checked(stage.client.request(method, path)) == status


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 30_000,
        b'{"enabled": ' + b"9" * 5000 + b"}",
        b'{"schedule": "\\ud800"}',
        b'{"schedule": 1}',
        b'{"enabled": null, "schedule": {}}',
        b"null",
    ],
)
def test_malformed_bodies(stage: Stage, body: bytes) -> None:
    answer = stage.client.request(
        "PATCH", f"{PREFIX}/tasks/scheduled/clean-cache", content=body, headers={"Content-Type": "application/json"}
    )
    assert 400 <= checked(answer) < 500


def test_a_body_beyond_the_limit(stage: Stage) -> None:
    answer = stage.client.patch(f"{PREFIX}/tasks/scheduled/clean-cache", json={"schedule": "x" * MAX_BODY})
    assert checked(answer) == 413


def test_a_body_beyond_the_limit_whose_length_nobody_announced(stage: Stage) -> None:
    pieces = (b" " * 1024 for _ in range(MAX_BODY // 1024 + 1))
    answer = stage.client.patch(
        f"{PREFIX}/tasks/scheduled/clean-cache", content=pieces, headers={"Content-Type": "application/json"}
    )
    assert checked(answer) == 413


def test_openapi_describes_everything_without_a_network(stage: Stage) -> None:
    paths = stage.client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/health", "/api/v1/vulnerabilities/{cve_id}", "/api/v1/tasks/workers/status"} <= set(paths)


odd = st.one_of(
    st.text(max_size=50),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
    st.just("%00"),
    st.just("\ud800"),
    st.sampled_from(
        [
            "0001-01-01",
            "9999-12-31T23:59:59.999999-23:59",
            "-1",
            "1e400",
            "NaN",
            "'; DROP TABLE facts;--",
            "*",
            '"',
            "a OR b",
            "NEAR(",
            "\\",
            "%",
        ]
    ),
)
PARAMETERS = (
    "search",
    "severity",
    "exploited",
    "exploited_after",
    "vendor",
    "product",
    "cwe",
    "source",
    "state",
    "min_cvss",
    "min_priority",
    "published_after",
    "published_before",
    "sort_by",
    "sort_order",
    "page",
    "page_size",
)


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.fixture
def quiet(stage: Stage) -> Iterator[Stage]:
    """Exceptions of the program reach the test instead of an answer with status 500."""
    with TestClient(stage.client.app, base_url=BASE) as stage.client:
        yield stage


shared = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@shared
@given(parameters=st.dictionaries(st.sampled_from(PARAMETERS), odd, min_size=1, max_size=4))
def test_no_filter_breaks_the_search(quiet: Stage, parameters: dict[str, str]) -> None:
    query = "&".join(f"{name}={encoded(value)}" for name, value in parameters.items())
    assert checked(quiet.client.get(f"{PREFIX}/vulnerabilities?{query}")) in (200, 422)


@shared
@given(
    word=odd.filter(lambda word: word not in ("", ".", "..")),
    place=st.sampled_from(
        [
            "GET /vulnerabilities/{}",
            "GET /vulnerabilities/{}/changes",
            "GET /tasks/{}",
            "POST /tasks/{}/cancel",
            "POST /tasks/scheduled/{}/reset",
            "GET /tasks?state={}",
            "GET /tasks?name={}",
            "GET /tasks?trigger={}",
            "GET /tasks/scheduled/preview?schedule={}",
            "GET /tasks/scheduled/preview?schedule={} * * * *",
            "GET /tasks?page={}",
        ]
    ),
)
def test_no_path_breaks_a_route(quiet: Stage, word: str, place: str) -> None:
    method, _, path = place.format(encoded(word)).partition(" ")
    assert checked(quiet.client.request(method, PREFIX + path)) in (200, 404, 405, 422)


class Away(Database):
    """A database that cannot be reached."""

    def is_prepared(self) -> bool:
        raise StoreUnavailable("The database cannot be reached", "Nobody listens.", "Start it.")

    def reading(self) -> None:  # type: ignore[override]
        self.is_prepared()

    transaction = reading  # type: ignore[assignment]


def test_everything_says_so_while_the_database_is_away(stage: Stage) -> None:
    database = Away("sqlite:///unused.db")
    app = create_app(Settings(home=stage.settings.home), database, TaskQueue(database, lambda *_: None))
    with TestClient(from_caller(app), base_url=BASE) as client:
        for path in (
            "/stats",
            "/sources",
            "/tasks",
            "/tasks/1",
            "/vulnerabilities",
            "/tasks/workers/status",
            "/tasks/scheduled/list",
        ):
            answer = client.get(PREFIX + path)
            assert checked(answer) == 503
            assert answer.headers["retry-after"] == "5"
        assert checked(client.post(PREFIX + "/tasks/test")) == 503
        health = client.get(PREFIX + "/health")
        assert (health.status_code, health.json()["status"]) == (200, "down")
        assert health.json()["database"] == {
            "state": "down",
            "message": "The database cannot be reached: Nobody listens.",
            "error": {
                "title": "The database cannot be reached",
                "message": "Nobody listens.",
                "hint": "Start it.",
                "id": "database-away",
            },
        }
        snapshot = client.get(PREFIX + "/snapshot")
        assert (snapshot.status_code, snapshot.json()["workers"], snapshot.json()["runs"]) == (200, None, [])


def test_an_unprepared_database_is_no_fault_of_health(stage: Stage, tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    app = create_app(stage.settings, database, TaskQueue(database, lambda *_: None))
    with TestClient(from_caller(app), base_url=BASE) as client:
        assert client.get(PREFIX + "/health").json()["database"]["message"] == "The database is being prepared."
        assert client.get(PREFIX + "/snapshot").status_code == 200
    database.close()
