"""What only a real server shows: raw sockets, endless addresses, every line of the platform's documentation."""

from __future__ import annotations

import shutil
import socket
import subprocess

import pytest
import requests

from backend.contract.errors import ErrorBody
from tests.integration.api.conftest import Station


def raw(station: Station, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", station.settings.api_port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_megabyte_of_search_text_gets_an_answer_in_json(station: Station) -> None:
    answer = requests.get(
        f"{station.settings.api_base}/api/v1/vulnerabilities", params={"search": "x" * 2**20}, timeout=30
    )
    assert answer.status_code == 414
    assert ErrorBody.model_validate_json(answer.content).error.title == "Address too long"


@pytest.mark.parametrize(
    "head", [b"Host: evil.example", b"Host: 127.0.0.1:1\r\nHost: evil", b"X: y", b"Host: 127.0.0.1\r\nOrigin: null"]
)
def test_foreign_requests_are_refused_in_json(station: Station, head: bytes) -> None:
    answer = raw(station, b"GET /api/v1/health HTTP/1.0\r\n" + head + b"\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400"))
    assert b"uvicorn" not in answer


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
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
def test_curl_lines_of_the_documentation(station: Station, arguments: list[str], expected: str) -> None:
    base = f"http://localhost:{station.settings.api_port}/api/v1"
    line = ["curl", "-sS", "--noproxy", "*", *(argument.format(base) for argument in arguments)]
    assert expected in subprocess.run(line, capture_output=True, text=True, check=True, timeout=30).stdout
