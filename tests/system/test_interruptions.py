"""A running `openthreat up` whose processes are killed, hang, crash repeatedly, or meet others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from celery import Celery

from backend.contract.errors import OpenThreatError
from backend.contract.names import Queue
from desktop.instance.control import send_command
from tests.fakes.feed_server import FeedServer
from tests.servers import free_port, wait_until
from tests.system.running import SERVICES, Up, alive

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals")]


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    running = Up(home, free_port())
    yield running
    running.close()


@pytest.fixture
def by_hand() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that were started separately; ended with the test."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def typed(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def get(api: str, path: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = requests.get(f"{api}{path}", timeout=5).json()
    except requests.RequestException:
        return {}
    return answer


def updates(api: str, state: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(api, f"/tasks?state={state}").get("items", [])
    return [run for run in found if "update_vulnerabilities" in run["name"]]


def services_of(home: Path) -> dict[str, Any]:
    """Services by name, as the running program of this data folder reports them; empty where none runs."""
    try:
        services: Any = send_command(home, "status")["services"]
    except OpenThreatError:
        return {}
    return {service["name"]: service for service in services}


def pids_of(home: Path) -> set[int]:
    return {service["pid"] for service in services_of(home).values() if service["pid"]}


@pytest.mark.parametrize("face", [("up",), pytest.param(("tray", "--hidden"), marks=pytest.mark.full)], ids=" ".join)
def test_killed_in_the_middle_of_an_update_it_goes_on_with_it_after_the_next_start(
    home: Path, face: tuple[str, ...], by_hand: list[subprocess.Popen[bytes]]
) -> None:
    api = f"http://127.0.0.1:{(port := free_port())}/api/v1"
    here = {"OPENTHREAT_API_PORT": str(port), "OPENTHREAT_STACK": "embedded", "QT_QPA_PLATFORM": "offscreen"}
    with FeedServer() as feeds:
        feeds.faults["euvd"] = "hang"
        environment = {**os.environ, **here, **feeds.environment()}
        by_hand.append(typed(environment, "desktop", *face))
        wait_until(lambda: bool(updates(api, "STARTED")) and feeds.count("euvd") > 0, "an update runs", seconds=120)
        [interrupted] = updates(api, "STARTED")
        pids = pids_of(home)
        assert len(pids) == len(SERVICES)
        by_hand[0].kill()
        wait_until(lambda: not alive(pids), "no child is left", seconds=2)
        feeds.faults.clear()
        by_hand.append(typed(environment, "desktop", *face))
        wait_until(lambda: bool(updates(api, "SUCCESS")), "the update is done", seconds=120)
        [done] = updates(api, "SUCCESS")
        assert (done["task_id"], done["attempt"]) == (interrupted["task_id"], 2)
        assert get(api, "/vulnerabilities")["total"] > 0
        second = pids_of(home)
        assert send_command(home, "quit") == {"closing": True}
        assert by_hand[1].wait(20) == 0
        assert not alive(second)


def test_an_api_that_hangs_for_good_is_replaced_and_nothing_else_is(up: Up) -> None:
    before = up.all_run()
    os.kill(before["api"], signal.SIGSTOP)
    after = up.runs("api", besides=before["api"])
    assert alive({before["api"], after}) == {after}
    assert alive(set(before.values())) == set(before.values()) - {before["api"]}
    assert get(up.api, "/health")["pid"] == after


@pytest.mark.full
def test_a_worker_whose_heart_beats_but_who_takes_nothing_is_started_again(
    home: Path, postgres_url: str, redis_url: str
) -> None:
    up = Up(home, free_port(), DATABASE_URL=postgres_url, REDIS_URL=redis_url)
    try:
        before = up.all_run()
        deafened = Celery(broker=redis_url).control.cancel_consumer(Queue.FAST, reply=True, timeout=5)
        assert any("no longer consuming" in str(answer) for answer in deafened)
        task_id = requests.post(f"{up.api}/tasks/test", timeout=30).json()["task_id"]
        after = up.runs("worker-fast", besides=before["worker-fast"])
        assert any("A task is stuck in the queue" in line["message"] for line in up.lines)
        wait_until(lambda: get(up.api, f"/tasks/{task_id}").get("status") == "SUCCESS", "the new one takes it", 60)
        assert alive(set(before.values()) | {after}) == {*before.values(), after} - {before["worker-fast"]}
    finally:
        up.close()


def test_workers_and_a_beat_that_somebody_else_started_work_beside_ours_and_are_left_alone(
    up: Up, by_hand: list[subprocess.Popen[bytes]]
) -> None:
    up.all_run()
    by_hand += [
        typed(up.environment, "celery", "-A", "backend.celery_app", "worker", "--loglevel=info", "--pool=solo"),
        typed(up.environment, "celery", "-A", "backend.celery_app", "beat", "--loglevel=info"),
        typed(up.environment, "desktop", "worker", "-Q", "fast"),
    ]
    wait_until(
        lambda: get(up.api, "/tasks/workers/status").get("total_workers") == 4, "four workers are registered", 60
    )
    assert up.types("down").returncode == 0
    assert up.ends(15) == 0
    assert [process.poll() for process in by_hand] == [None, None, None]


def test_an_api_that_somebody_else_started_is_used_and_left_alone(
    home: Path, by_hand: list[subprocess.Popen[bytes]]
) -> None:
    port = free_port()
    environment = {**os.environ, "OPENTHREAT_API_PORT": str(port)}
    by_hand.append(typed(environment, "desktop", "api"))
    base = f"http://127.0.0.1:{port}/api/v1"
    wait_until(lambda: answers(base), "the API answers", 60)
    up = Up(home, port)
    try:
        up.wait_for_output("started by another program")
        for service in ("worker-slow", "worker-fast", "beat"):
            up.runs(service)
        assert up.types("down").returncode == 0
        assert up.ends(15) == 0
        assert by_hand[0].poll() is None
        assert requests.get(f"{base}/health", timeout=5).json()["pid"] == by_hand[0].pid
    finally:
        up.close()


def answers(base: str) -> bool:
    try:
        return requests.get(f"{base}/health", timeout=5).ok
    except requests.RequestException:
        return False
