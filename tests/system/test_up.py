"""`openthreat up` as a person starts it: embedded, on a fresh data folder, without any network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.servers import RedisServer, free_port, wait_until

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]
NOWHERE = "http://127.0.0.1:9"  # refused at once
SOURCES = ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
SERVICES = ("api", "worker-slow", "worker-fast", "beat")


class Up:
    """A running `openthreat up --json`, and what it has said."""

    def __init__(self, home: Path, port: int, **variables: str) -> None:
        self.api = f"http://127.0.0.1:{port}/api/v1"
        self.environment = {**os.environ, "OPENTHREAT_HOME": str(home), "OPENTHREAT_API_PORT": str(port), **variables}
        self.environment |= {f"OPENTHREAT_{source}_URL": NOWHERE for source in SOURCES}
        self.said: list[dict[str, Any]] = []
        self.process = subprocess.Popen(self.command("up", "--json"), env=self.environment, stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @staticmethod
    def command(*words: str) -> list[str]:
        return [sys.executable, "-m", "desktop", *words]

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command for the same data folder."""
        return subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    def runs(self, service: str, besides: int = 0) -> int:
        """Waits until it runs, as another process than `besides`. Gives its pid."""

        def pids() -> list[int]:
            return [one["pid"] for one in self.said if one.get("service") == service and one["phase"] == "running"]

        wait_until(lambda: bool(pids()) and pids()[-1] != besides, f"{service} runs; said: {self.said}", seconds=120)
        return pids()[-1]

    def all_run(self) -> dict[str, int]:
        return {service: self.runs(service) for service in SERVICES}

    def pids(self) -> set[int]:
        return {one["pid"] for one in self.said if one.get("pid")}

    def says(self, words: str) -> None:
        """Waits until it has."""
        wait_until(lambda: any(words in one["message"] for one in self.said), f"it says {words!r}: {self.said}", 60)

    def ends(self, within_s: float) -> int:
        code = self.process.wait(within_s)
        self._reader.join(5)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            self.said.extend(json.loads(line) for line in output)


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE}


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    running = Up(home, free_port())
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_brings_everything_up_and_ctrl_c_ends_all_of_it(up: Up) -> None:
    pids = up.all_run()
    health = requests.get(f"{up.api}/health", timeout=5).json()
    assert health["pid"] == pids["api"]
    assert health["database"]["state"] == "ok"
    assert any(one.get("api", "").endswith("/docs") for one in up.said)
    up.process.send_signal(signal.SIGINT)
    assert up.ends(15) == 0
    assert alive(up.pids()) == set()


def test_an_empty_database_updates_itself_and_it_is_said(up: Up) -> None:
    up.all_run()
    up.says("Update: running")
    up.process.send_signal(signal.SIGTERM)
    assert up.ends(15) == 0
    assert alive(up.pids()) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_killed_comes_back(up: Up, service: str) -> None:
    before = up.all_run()[service]
    os.kill(before, signal.SIGKILL)
    after = up.runs(service, besides=before)
    assert alive({before, after}) == {after}


def test_an_api_that_hangs_is_said_to_be_not_answering(up: Up) -> None:
    pid = up.runs("api")
    os.kill(pid, signal.SIGSTOP)
    up.says("not answering")
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: "API: running" in [one for one in up.said if one.get("service") == "api"][-1]["message"], "well")


def test_killed_itself_it_leaves_no_child_and_the_next_start_is_clean(up: Up, home: Path) -> None:
    pids = set(up.all_run().values())
    up.process.kill()
    up.process.wait()
    wait_until(lambda: not alive(pids), "all children are gone", seconds=2)
    again = Up(home, int(up.api.rsplit(":", 1)[1].partition("/")[0]))
    again.all_run()
    assert again.types("down").returncode == 0
    assert again.ends(15) == 0


def test_a_second_start_for_the_same_data_says_so(up: Up) -> None:
    up.runs("api")
    second = up.types("up")
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert up.process.poll() is None


def test_down_ends_what_runs_and_says_so_when_nothing_does(up: Up) -> None:
    up.all_run()
    down = up.types("down")
    assert (down.returncode, down.stderr) == (0, "")
    assert up.ends(5) == 0
    assert alive(up.pids()) == set()
    assert up.types("down").returncode == 3
    assert not (Path(up.environment["OPENTHREAT_HOME"]) / "desktop.key").exists()


def test_ctrl_c_twice_does_not_wait(up: Up) -> None:
    pid = up.all_run()["worker-slow"]
    os.kill(pid, signal.SIGSTOP)  # it cannot stop in order
    up.process.send_signal(signal.SIGINT)
    wait_until(lambda: any(one.get("closing") for one in up.said), "it is stopping")
    up.process.send_signal(signal.SIGINT)
    up.ends(15)
    assert alive(up.pids()) == set()


def test_a_worker_that_cannot_stop_is_killed_in_time(up: Up) -> None:
    os.kill(up.all_run()["worker-fast"], signal.SIGSTOP)
    up.process.send_signal(signal.SIGINT)
    assert up.ends(16) == 0
    assert alive(up.pids()) == set()


def test_a_server_of_ones_own_that_goes_away_is_waited_for(home: Path, tmp_path: Path, postgres_url: str) -> None:
    redis = RedisServer(tmp_path / "redis")
    up = Up(home, free_port(), DATABASE_URL=postgres_url, REDIS_URL=redis.url)
    try:
        before = up.all_run()
        redis.stop()
        up.says("Redis cannot be reached")
        asked = requests.post(f"{up.api}/tasks/test", timeout=30)
        assert asked.status_code == 202
        up.said.clear()
        redis.start()
        up.says("Stack (external): running")
        assert alive(set(before.values())) == set(before.values())
        assert up.types("monitor", asked.json()["task_id"]).returncode == 0
        assert up.types("down").returncode == 0
    finally:
        up.process.kill()
        up.process.wait()
        redis.stop()
