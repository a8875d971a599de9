"""The program as the tray runs it: started, closed, and started again in the same process."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest
import requests

from backend.contract.environment import read_environment
from backend.contract.settings import UserSettings
from desktop.composition.services import compose
from desktop.host import this_host
from desktop.supervision.services import Supervision
from desktop.supervision.session import SupervisedSession
from desktop.supervision.supervisor import ThreadInbox
from tests.servers import free_port, wait_until
from tests.system.running import NOWHERE, SOURCES, alive


def nothing(before: Supervision, after: Supervision) -> None:
    """Ignore a change of the state, in place of a user interface."""


class Started:
    """One run of the program in a separate thread, which starts all children."""

    def __init__(self, secrets: Callable[[], Mapping[str, str]] = dict) -> None:
        self.program: SupervisedSession = compose(
            read_environment(), UserSettings(), this_host(), ThreadInbox(), nothing, secrets
        )
        self._thread = threading.Thread(target=self.program.run)
        self._thread.start()

    def all_run(self) -> set[int]:
        wait_until(
            lambda: all(service.ready for service in self.program.state.services), "everything runs", seconds=120
        )
        return {service.pid for service in self.program.state.services if service.pid is not None}

    def close(self) -> None:
        self.program.close()
        self._thread.join(20)
        assert not self._thread.is_alive()


class Remains:
    """Resources of this process, compared before and after."""

    def __init__(self) -> None:
        self._threads, self._me = set(threading.enumerate()), psutil.Process()
        self._connections, self._files = set(self._connected()), self._open_files()

    def _connected(self) -> list[tuple[object, ...]]:
        return [(connection.laddr, connection.raddr, connection.status) for connection in self._me.net_connections()]

    def _open_files(self) -> int:
        return self._me.num_fds() if hasattr(self._me, "num_fds") else self._me.num_handles()  # type: ignore[attr-defined]  # Windows

    def new_threads(self) -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread not in self._threads]

    def new_connections(self) -> set[tuple[object, ...]]:
        return set(self._connected()) - self._connections

    def new_files(self) -> int:
        gc.collect()
        return self._open_files() - self._files


@pytest.fixture(autouse=True)
def world(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(free_port()))
    for source in SOURCES:
        monkeypatch.setenv(f"OPENTHREAT_{source}_URL", NOWHERE)


def test_closed_it_leaves_nothing_behind_and_can_be_put_together_again() -> None:
    remains = Remains()
    pids = set[int]()
    for _ in range(2):
        life = Started()
        pids |= (mine := life.all_run())
        assert len(mine) == 4
        address = f"http://127.0.0.1:{os.environ['OPENTHREAT_API_PORT']}/api/v1/health"
        assert requests.get(address, timeout=5).json()["pid"] in mine
        life.close()
        assert not alive(mine)
        wait_until(lambda: not remains.new_threads(), f"no thread is left: {remains.new_threads()}")
        del life
        gc.collect()
        assert remains.new_connections() == set()
        assert remains.new_files() <= 0
    assert len(pids) == 8


def test_closed_while_it_starts_it_leaves_nothing_behind() -> None:
    remains = Remains()
    life = Started()
    wait_until(lambda: life.program.state["api"].pid is not None, "the API starts")
    life.close()
    wait_until(lambda: not remains.new_threads(), f"no thread is left: {remains.new_threads()}")


def test_a_service_is_started_with_the_secrets_of_that_moment_unless_the_environment_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENTHREAT_API_TOKEN", "of the environment")
    secrets = {"OPENTHREAT_API_TOKEN": "of the keyring"}
    life = Started(lambda: secrets)
    try:
        life.all_run()
        before = life.program.state["beat"].pid
        secrets["NVD_API_KEY"] = "set meanwhile"
        life.program.restart("beat")
        wait_until(lambda: life.program.state["beat"].pid not in (None, before), "it runs again")
        wait_until(lambda: "NVD_API_KEY" in environment_of(life.program.state["beat"].pid), "it has the key")
        assert environment_of(life.program.state["beat"].pid)["OPENTHREAT_API_TOKEN"] == "of the environment"
        assert "NVD_API_KEY" not in environment_of(life.program.state["api"].pid)
    finally:
        life.close()


def environment_of(pid: int | None) -> dict[str, str]:
    try:
        return psutil.Process(pid).environ()
    except psutil.Error:
        return {}
