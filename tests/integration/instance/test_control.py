"""One program for each data folder, and the commands that another process sends to it."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from backend.contract.errors import OpenThreatError
from desktop.instance.control import KEY_FILE, ControlServer, send_command
from desktop.instance.running_instance import InstanceLock, NotRunning, stop_running_instance
from tests.integration.children import ROOT


@pytest.fixture
def server(home: Path) -> Iterator[ControlServer]:
    server = ControlServer(home, {"status": lambda: {"services": ["api"]}})
    server.start()
    yield server
    server.close()


@pytest.mark.usefixtures("server")
def test_answers_a_command(home: Path) -> None:
    assert send_command(home, "status") == {"services": ["api"]}


@pytest.mark.usefixtures("server")
def test_a_command_that_it_does_not_know_is_answered_too(home: Path) -> None:
    assert "error" in send_command(home, "format the disk")


@pytest.mark.usefixtures("server")
def test_whoever_does_not_have_the_key_is_not_heard(home: Path) -> None:
    door = json.loads((home / KEY_FILE).read_text())
    (home / KEY_FILE).write_text(json.dumps({**door, "key": "00" * 32}))
    with pytest.raises(OpenThreatError):
        send_command(home, "status")


@pytest.mark.usefixtures("server")
def test_a_visitor_who_says_nothing_keeps_nobody_waiting(home: Path) -> None:
    port = json.loads((home / KEY_FILE).read_text())["port"]
    with socket.create_connection(("127.0.0.1", port)):
        assert send_command(home, "status") == {"services": ["api"]}


@pytest.mark.usefixtures("server")
def test_a_message_that_is_no_json_is_answered_and_never_unpickled(home: Path) -> None:
    door = json.loads((home / KEY_FILE).read_text())
    with Client(("127.0.0.1", door["port"]), authkey=bytes.fromhex(door["key"])) as connection:
        connection.send({"command": "status"})  # pickled
        assert "error" in json.loads(connection.recv_bytes())


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
@pytest.mark.usefixtures("server")
def test_only_the_user_can_read_the_key(home: Path) -> None:
    assert (home / KEY_FILE).stat().st_mode & 0o077 == 0


def test_the_key_is_gone_when_the_server_is(home: Path) -> None:
    server = ControlServer(home, {})
    server.start()
    server.close()
    assert list(home.iterdir()) == []


def test_what_a_killed_program_left_is_no_obstacle(home: Path) -> None:
    (home / KEY_FILE).write_text("left over")
    (home / f"{KEY_FILE}.new").write_text("half written")
    server = ControlServer(home, {"status": lambda: {"fresh": True}})
    server.start()
    assert send_command(home, "status") == {"fresh": True}
    server.close()


def test_a_key_that_leads_to_a_stranger_is_an_error_and_no_hang(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.instance.control._WAIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (home / KEY_FILE).write_text(json.dumps({"port": silent.getsockname()[1], "key": "00"}))
        with pytest.raises(OpenThreatError, match="no answer in time"):
            send_command(home, "status")


def test_only_one_has_the_lock_and_then_the_next(home: Path) -> None:
    first, second = InstanceLock(home), InstanceLock(home)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


HOLDER = """
import sys, time
from pathlib import Path
from desktop.instance.running_instance import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
time.sleep(600)
"""


def test_the_lock_of_a_killed_program_is_free(home: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDER, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not InstanceLock(home).acquire()
        holder.kill()
    assert InstanceLock(home).acquire(5)


def test_ending_what_does_not_run_says_so(home: Path) -> None:
    with pytest.raises(NotRunning):
        stop_running_instance(home, InstanceLock(home))


def test_ending_waits_until_the_other_one_has_let_go(home: Path) -> None:
    lock, quits = InstanceLock(home), threading.Event()
    assert lock.acquire()

    def quit_soon() -> dict[str, bool]:
        quits.set()
        return {"closing": True}

    def let_go() -> None:
        quits.wait(10)
        time.sleep(0.2)
        lock.release()

    server = ControlServer(home, {"quit": quit_soon})
    server.start()
    thread = threading.Thread(target=let_go)
    thread.start()
    stop_running_instance(home, InstanceLock(home))
    assert quits.is_set()
    thread.join()
    server.close()
