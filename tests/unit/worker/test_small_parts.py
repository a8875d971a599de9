"""The parts that need nothing but themselves: stop channel, health, redaction, the port's holder, process identity."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading

import pytest

from backend.api.server import PortTaken, open_listener
from backend.config import load_settings
from backend.contract.errors import StoreUnavailable
from backend.log import redactor
from backend.store.retry import LAST_TRIES, OutageLog, until_done
from backend.worker.process import Stopping, listen_for_stop
from backend.worker.runs.heartbeat import is_gone, this_process


@pytest.mark.parametrize("lines", [["stop\n"], [], ["hello\n", "stop\n"], ["never mind\n"]])
def test_stops_on_the_word_and_when_the_supervisor_is_gone(lines: list[str]) -> None:
    stopped = threading.Event()
    listen_for_stop(stopped.set, lines)
    assert stopped.wait(10)


def test_leaves_standard_input_alone_without_a_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = threading.active_count()
    monkeypatch.setattr(sys, "stdin", ["stop\n"])
    listen_for_stop(lambda: pytest.fail("stopped by the user's own input"))
    assert threading.active_count() == threads


def test_says_once_that_something_is_away_and_once_that_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    health = OutageLog("the broker", log)
    with caplog.at_level(logging.INFO):
        health.well()
        for _ in range(100):
            health.ill(StoreUnavailable("No answer"))
        health.well()
        health.well()
    assert [record.message.partition(",")[0] for record in caplog.records] == [
        "the broker is away",
        "the broker is back",
    ]


def test_tries_on_until_the_database_is_back() -> None:
    answers = iter([StoreUnavailable("away"), StoreUnavailable("away"), "done"])

    def action() -> str:
        answer = next(answers)
        if isinstance(answer, StoreUnavailable):
            raise answer
        return answer

    assert until_done(action, OutageLog("it", logging.getLogger("test")), Stopping().__bool__, pause=0) == "done"


def test_gives_up_only_when_the_program_stops() -> None:
    stopping, tries = Stopping(), 0

    def action() -> None:
        nonlocal tries
        tries += 1
        if tries == 100:
            stopping.wish()
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable):
        until_done(action, OutageLog("it", logging.getLogger("test")), stopping.__bool__, pause=0)
    assert tries == 99 + LAST_TRIES


@pytest.mark.usefixtures("home")
def test_keys_and_passwords_never_reach_a_log_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVD_API_KEY", "the-nvd-key")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:p%40ss@host/db")
    monkeypatch.setenv("REDIS_URL", "redis://:red-secret@host:1/0")
    told = redactor(load_settings()).redact("the-nvd-key p@ss p%40ss red-secret redis://:another@x")
    assert told == "*** *** *** *** redis://:***@x"


def test_a_living_process_is_not_gone_and_an_ended_one_is() -> None:
    me = this_process(["slow"])
    assert not is_gone(me.host, me.pid, me.process_started)
    assert is_gone(me.host, me.pid, me.process_started - 1000), "the pid is somebody else's now"
    assert not is_gone("another-host", 1, 0.0)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert is_gone(me.host, child.pid, 0.0)


def test_names_the_program_that_has_the_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            open_listener("127.0.0.1", port)
    assert str(port) in raised.value.title
    assert f"pid {os.getpid()}" in raised.value.message
    assert "OPENTHREAT_API_PORT" in raised.value.hint
