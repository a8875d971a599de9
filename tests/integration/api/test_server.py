"""What needs a real server: raw sockets, long addresses, and every address of the platform's documentation."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import Connection

from backend.api.app import THREADS
from backend.client.api import ApiClient
from backend.contract.errors import ErrorBody
from backend.contract.health import DependencyState, Health
from backend.contract.settings import StackKind
from desktop.state.app_state import AppState, StateStore
from desktop.state.poller import Poller
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision
from tests.integration.api.conftest import RunningApi
from tests.servers import needs, wait_until


def raw(api: RunningApi, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", api.settings.api_port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_megabyte_of_search_text_gets_an_answer_in_json(api: RunningApi) -> None:
    answer = requests.get(f"{api.settings.api_base}/api/v1/vulnerabilities", params={"search": "x" * 2**20}, timeout=30)
    assert answer.status_code == 414
    assert ErrorBody.model_validate_json(answer.content).error.title == "Address too long"


@pytest.mark.parametrize(
    "head", [b"Host: evil.example", b"Host: 127.0.0.1:1\r\nHost: evil", b"X: y", b"Host: 127.0.0.1\r\nOrigin: null"]
)
def test_foreign_requests_are_refused_in_json(api: RunningApi, head: bytes) -> None:
    answer = raw(api, b"GET /api/v1/health HTTP/1.0\r\n" + head + b"\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400"))
    assert b"uvicorn" not in answer


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-X", "POST", "{}/tasks/update-vulnerabilities"], '"status":"PENDING"'),
        (["-X", "POST", "{}/tasks/clean-cache"], '"task_id"'),
        (["-X", "POST", "{}/tasks/update-stats"], '"task_id"'),
        (["{}/tasks/scheduled/list"], '"scheduled_tasks"'),
        (["{}/tasks/workers/status"], '"no_workers"'),
        (["{}/tasks/unheard-of"], '"error"'),
    ],
)
def test_curl_lines_of_the_documentation(api: RunningApi, arguments: list[str], expected: str) -> None:
    needs("curl")
    base = f"http://localhost:{api.settings.api_port}/api/v1"
    line = ["curl", "-sS", "--noproxy", "*", *(argument.format(base) for argument in arguments)]
    assert expected in subprocess.run(line, capture_output=True, text=True, check=True, timeout=30).stdout


def health(api: RunningApi) -> Health:
    answer = requests.get(f"{api.settings.api_base}/api/v1/health", timeout=10)
    return Health.model_validate_json(answer.content)


def hold_up(api: RunningApi, monkeypatch: pytest.MonkeyPatch, besides: str) -> threading.Event:
    """Block the database for all calls except from within the function `besides`, until the event is set."""
    real, free = api.database.reading, threading.Event()

    @contextmanager
    def held_up() -> Iterator[Connection]:
        if not (besides and besides in {frame.name for frame in traceback.extract_stack()}):
            free.wait(60)
        with real() as connection:
            yield connection

    monkeypatch.setattr(api.database, "reading", held_up)
    return free


def test_health_does_not_queue_behind_other_questions(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    free = hold_up(api, monkeypatch, besides="check_store")
    questions = [
        threading.Thread(target=requests.get, args=(f"{api.settings.api_base}/api/v1/stats",))
        for _ in range(2 * THREADS)
    ]
    for question in questions:
        question.start()
    try:
        assert health(api).database.state is DependencyState.OK
        assert all(question.is_alive() for question in questions)
    finally:
        free.set()
        for question in questions:
            question.join(60)


def test_health_answers_while_the_database_hangs(api: RunningApi, monkeypatch: pytest.MonkeyPatch) -> None:
    free = hold_up(api, monkeypatch, besides="")
    try:
        for _ in range(6):
            report = health(api)
            assert (report.database.state, report.broker.state) == (DependencyState.DOWN, DependencyState.OK)
            assert "in time" in report.database.message
    finally:
        free.set()
    wait_until(lambda: health(api).database.state is DependencyState.OK, "the database is well again")


def test_an_embedded_api_loads_nothing_that_it_does_without() -> None:
    program = (
        "import sys; from backend.api.app import create_app; from backend.config import Settings;"
        "from backend.store.engine import Database; from backend.services.runs.queue import TaskQueue;"
        "database = Database('sqlite:///unused.db');"
        "create_app(Settings(), database, TaskQueue(database, lambda *_: None));"
        "print(*sorted({'celery', 'kombu', 'redis', 'requests', 'psycopg2'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, ""), result.stderr


def test_a_connection_is_kept_for_longer_than_the_desktop_leaves_it_alone(api: RunningApi) -> None:
    """A connection that is closed during a request looks like an API that has ended."""
    store = StateStore(AppState(Supervision.of(plan()), StackKind.EMBEDDED))
    poller = Poller(ApiClient(api.settings.api_base), store, lambda _: None, lambda: datetime.now(UTC))
    assert api.server.config.timeout_keep_alive > 2 * poller.interval()


def test_the_date_in_the_answers_moves_on(api: RunningApi) -> None:
    url = f"http://127.0.0.1:{api.settings.api_port}/api/v1/live"
    first = requests.get(url, timeout=5).headers["Date"]
    wait_until(lambda: requests.get(url, timeout=5).headers["Date"] != first, "the date has moved on")
