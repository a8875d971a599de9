"""`openthreat up` on the embedded stack, with a fresh data folder and without a network."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.servers import RedisServer, free_port, wait_until
from tests.system.running import SERVICES, Up, alive

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    running = Up(home, free_port())
    yield running
    running.close()


def test_brings_everything_up_and_ctrl_c_ends_all_of_it(up: Up) -> None:
    pids = up.all_run()
    health = requests.get(f"{up.api}/health", timeout=5).json()
    assert health["pid"] == pids["api"]
    assert health["database"]["state"] == "ok"
    assert any(line.get("api", "").endswith("/docs") for line in up.lines)
    nice = {service: os.getpriority(os.PRIO_PROCESS, pid) for service, pid in pids.items()}
    assert nice["api"] == nice["beat"] < nice["worker-slow"] == nice["worker-fast"]  # updates run with lower priority
    up.process.send_signal(signal.SIGINT)
    assert up.ends(15) == 0
    assert alive(up.pids()) == set()


def test_an_empty_database_updates_itself_and_it_is_said(up: Up) -> None:
    up.all_run()
    up.wait_for_output("Update: running")
    up.process.send_signal(signal.SIGTERM)
    assert up.ends(15) == 0
    assert alive(up.pids()) == set()


@pytest.mark.parametrize(
    "service", ["api", *(pytest.param(name, marks=pytest.mark.full) for name in SERVICES if name != "api")]
)
def test_a_service_that_is_killed_comes_back(up: Up, service: str) -> None:
    before = up.all_run()[service]
    os.kill(before, signal.SIGKILL)
    after = up.runs(service, besides=before)
    assert alive({before, after}) == {after}


def test_an_api_that_hangs_is_said_to_be_not_answering(up: Up) -> None:
    pid = up.runs("api")
    os.kill(pid, signal.SIGSTOP)
    up.wait_for_output("not answering")
    os.kill(pid, signal.SIGCONT)
    wait_until(
        lambda: "API: running" in [line for line in up.lines if line.get("service") == "api"][-1]["message"], "well"
    )


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
    assert "is already running" in second.stderr
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
    os.kill(pid, signal.SIGSTOP)  # it cannot stop regularly
    up.process.send_signal(signal.SIGINT)
    wait_until(lambda: any(line.get("closing") for line in up.lines), "it is stopping")
    up.process.send_signal(signal.SIGINT)
    up.ends(15)
    assert alive(up.pids()) == set()


@pytest.mark.full
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
        up.wait_for_output("Redis cannot be reached")
        accepted = requests.post(f"{up.api}/tasks/test", timeout=30)
        assert accepted.status_code == 202
        up.lines.clear()
        redis.start()
        up.wait_for_output("Database: running")
        assert alive(set(before.values())) == set(before.values())
        assert up.types("monitor", accepted.json()["task_id"]).returncode == 0
        assert up.types("down").returncode == 0
    finally:
        up.process.kill()
        up.process.wait()
        redis.stop()
