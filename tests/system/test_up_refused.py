"""Cases in which `openthreat up` cannot start: one clear sentence each, and other programs are not touched."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers import free_port

STRANGER = """
import socket, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
time.sleep(600)
"""


NAMELESS = b"\x88\xff" * 100


def openthreat(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desktop", *words],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.fixture
def stranger() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another program that listens and never answers."""
    with subprocess.Popen([sys.executable, "-c", STRANGER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
        process.kill()


def test_a_port_that_another_program_holds_is_named_with_the_program(
    home: Path, stranger: tuple[subprocess.Popen[str], int]
) -> None:
    process, port = stranger
    refused = openthreat("up", OPENTHREAT_API_PORT=str(port))
    assert refused.returncode == 3
    assert f"Port {port} is taken" in refused.stdout
    assert f"(process {process.pid})" in refused.stdout
    assert "OPENTHREAT_API_PORT" in refused.stdout
    assert process.poll() is None


@pytest.mark.parametrize(("name", "value"), [("OPENTHREAT_API_PORT", "eight thousand"), ("OPENTHREAT_STACK", "cloud")])
def test_a_setting_that_cannot_be_used_is_named(home: Path, name: str, value: str) -> None:
    refused = openthreat("up", **{name: value})
    assert refused.returncode == 2
    assert name in refused.stderr


@pytest.mark.parametrize(
    "variables",
    [
        {"OPENTHREAT_LOG_LEVEL": "LOUD"},
        {"REDIS_URL": "localhost:6379"},
        {"DATABASE_URL": "localhost/openthreat"},
        {"OPENTHREAT_API_HOST": "0.0.0.0"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_what_no_service_can_run_with_is_said_once_and_for_all(home: Path, variables: dict[str, str]) -> None:
    """The supervisor does not need these. The first service that does reports the error and is not restarted."""
    refused = openthreat("up", OPENTHREAT_API_PORT=str(free_port()), **variables)
    assert refused.returncode == 1
    assert next(iter(variables)) in refused.stdout
    assert refused.stdout.count("API: starting") == 1


def test_a_database_of_a_newer_version_is_left_alone_and_that_is_said(home: Path) -> None:
    file = home / "openthreat.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(
            "CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')"
        )
    before = file.read_bytes()
    refused = openthreat("up", OPENTHREAT_API_PORT=str(free_port()))
    assert refused.returncode == 1
    assert "newer version" in refused.stdout
    assert refused.stdout.count("API: starting") == 1
    assert file.read_bytes() == before


def test_a_database_that_is_none_is_left_alone_and_that_is_said(home: Path) -> None:
    file = home / "openthreat.db"
    file.write_bytes(NAMELESS)
    refused = openthreat("up", OPENTHREAT_API_PORT=str(free_port()))
    assert refused.returncode == 1
    assert "damaged" in refused.stdout
    assert "is not a database. Stop the program" in refused.stdout
    assert refused.stdout.count("API: starting") == 1
    assert file.read_bytes() == NAMELESS


@pytest.mark.parametrize(("name", "content"), [(".env", NAMELESS), ("settings.toml", NAMELESS)])
@pytest.mark.parametrize("words", [("workers",), ("worker",), ("api",), ("beat",)])
def test_a_file_of_settings_that_is_none_is_named(
    home: Path, words: tuple[str, ...], name: str, content: bytes
) -> None:
    (home / name).write_bytes(content)
    refused = openthreat(*words)
    assert refused.returncode == 2
    assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_celery_typed_with_settings_that_cannot_be_used_says_so(home: Path) -> None:
    typed = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "backend.celery_app", "worker", "--pool=solo"],
        env={**os.environ, "REDIS_URL": "localhost:6379"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert typed.returncode != 0
    assert "REDIS_URL cannot be used" in typed.stderr
    assert "Traceback" not in typed.stderr


def test_json_may_stand_before_the_command(home: Path) -> None:
    answer = openthreat("--json", "down")
    assert answer.returncode == 3
    assert json.loads(answer.stdout)["error"]["title"] == "OpenThreat is not running"


def test_the_env_file_in_the_data_folder_counts(home: Path) -> None:
    (home / ".env").write_text("OPENTHREAT_API_PORT=99999\n", encoding="utf-8")
    assert openthreat("up").returncode == 2
    (home / ".env").write_bytes(NAMELESS)
    assert "Traceback" not in openthreat("up").stderr


def test_servers_that_are_away_are_named_and_waited_for(home: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop", "up"],
        env={**os.environ, "DATABASE_URL": f"postgresql://someone:secret@127.0.0.1:{port}/x"},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    output = ""
    while "PostgreSQL cannot be reached" not in output:
        line = process.stdout.readline()
        assert line, output
        output += line
    assert "secret" not in output
    assert f"127.0.0.1:{port}" in output
    assert openthreat("down").returncode == 0
    assert process.wait(15) == 0
    process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("words", [(), ("tray",)])
def test_where_there_is_no_screen_the_tray_says_so_and_what_does_without(
    home: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    answer = openthreat(*words)
    assert answer.returncode == 1
    assert "The windows cannot be shown" in answer.stderr
    assert "openthreat up" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_help_lists_the_commands_of_both_sides(home: Path) -> None:
    listed = openthreat("--help").stdout
    for command in (
        *("tray", "up", "down", "api", "worker", "beat", "update", "clean-cache", "update-stats", "test", "status"),
        *("monitor", "workers", "scheduled", "search", "show", "sources", "doctor", "selftest", "flower", "--version"),
    ):
        assert command in listed, command


def test_a_home_that_is_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = openthreat("up", OPENTHREAT_HOME=str(tmp_path / "file"))
    assert refused.returncode == 2
    assert "OPENTHREAT_HOME" in refused.stderr
    assert "Traceback" not in refused.stderr
