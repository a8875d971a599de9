"""The events that follow from the API's report on workers and queues."""

import json
import os
import platform
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from backend.client.api import ApiClient
from backend.contract.names import Role
from desktop.supervision.events import (
    ObservedWorker,
    QueuesReported,
    StopRequested,
    TaskWaiting,
    WorkersReported,
)
from desktop.supervision.monitors import WorkerMonitor
from desktop.supervision.plan import API, BEAT
from desktop.supervision.services import ForeignWorker
from tests.fakes.web import RawServer, answers
from tests.unit.supervision.replay import FAST, SLOW, Replay, started

DEAD_PID = 2**22 + 1  # above the highest process id of Linux by default
AT = {"task_id": "t1", "name": "update", "progress_at": "2026-01-01T00:00:00Z"}


def worker(pid: int, host: str = "", age: float = 1.5, task: dict[str, str] | None = None) -> dict[str, Any]:
    host = host or platform.node()
    return {
        "name": f"slow@{host}:{pid}",
        "active_tasks": int(task is not None),
        "registered_tasks": 6,
        "stats": {
            "host": host,
            "pid": pid,
            "version": "0.1.0",
            "started_at": "2026-01-01T00:00:00Z",
            "tasks_done": 2,
            "tasks_failed": 1,
        },
        "queues": ["slow"],
        "current_task": task,
        "heartbeat_age_s": age,
    }


def workers_document(
    *workers: dict[str, Any], beats: Sequence[dict[str, Any]] = (), waiting: Sequence[dict[str, Any]] = ()
) -> bytes:
    report = {"status": "busy", "message": "", "workers": workers, "total_workers": len(workers)}
    return json.dumps({**report, "beats": beats, "waiting": waiting}).encode()


def beat(pid: int, host: str = "") -> dict[str, Any]:
    host = host or platform.node()
    return {"name": f"beat@{host}:{pid}", "host": host, "pid": pid}


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(answers(workers_document())) as running:
        yield running


@pytest.fixture
def replay() -> Replay:
    return started()


def workers_reported(server: RawServer, replay: Replay) -> WorkersReported:
    report, waiting = WorkerMonitor(ApiClient(server.base, wait_s=0.5)).poll(replay.state)
    assert isinstance(report, WorkersReported)
    assert waiting == QueuesReported(())
    return report


def test_our_workers_are_reported_with_what_they_are_at(server: RawServer, replay: Replay) -> None:
    slow, fast = replay[SLOW].pid or 0, replay[FAST].pid or 0
    server.reply = answers(workers_document(worker(slow, task=AT), worker(fast)))
    assert workers_reported(server, replay) == WorkersReported(
        (
            ObservedWorker(slow, 1.5, "t1", "update", "2026-01-01 00:00:00+00:00", 3),
            ObservedWorker(fast, 1.5, tasks_done=3),
        )
    )


def test_workers_of_others_are_foreign_wherever_they_run(server: RawServer, replay: Replay) -> None:
    here, far = worker(os.getpid()), worker(4711, "another-machine", task=AT)
    server.reply = answers(workers_document(here, far))
    report = workers_reported(server, replay)
    assert report.workers == ()
    assert report.foreign == (
        ForeignWorker(here["name"], platform.node(), os.getpid(), queues=("slow",)),
        ForeignWorker(far["name"], "another-machine", 4711, Role.WORKER, ("slow",), "t1", "update"),
    )


def test_a_beat_of_others_is_foreign_and_neither_ours_nor_what_a_killed_one_left_is(
    server: RawServer, replay: Replay
) -> None:
    ours, remains, here, far = (
        beat(replay[BEAT].pid or 0),
        beat(DEAD_PID),
        beat(os.getpid()),
        beat(4711, "another-machine"),
    )
    server.reply = answers(workers_document(beats=[ours, remains, here, far]))
    assert workers_reported(server, replay).foreign == (
        ForeignWorker(here["name"], platform.node(), os.getpid(), Role.BEAT),
        ForeignWorker(far["name"], "another-machine", 4711, Role.BEAT),
    )


def test_a_worker_of_another_machine_with_the_number_of_ours_is_foreign(server: RawServer, replay: Replay) -> None:
    server.reply = answers(workers_document(worker(replay[SLOW].pid or 0, "another-machine")))
    report = workers_reported(server, replay)
    assert report.workers == ()
    assert len(report.foreign) == 1


@pytest.mark.parametrize(
    "remains", [worker(DEAD_PID), worker(4711, "another-machine", age=20.0)], ids=["process is gone", "silent"]
)
def test_what_a_killed_worker_left_behind_is_nobodys(
    server: RawServer, replay: Replay, remains: dict[str, Any]
) -> None:
    server.reply = answers(workers_document(remains))
    assert workers_reported(server, replay) == WorkersReported(())


def test_foreign_workers_are_seen_while_none_of_ours_runs(server: RawServer, replay: Replay) -> None:
    for name in (SLOW, FAST):
        replay.then(StopRequested(name))
        replay.exits(name, 0)
    server.reply = answers(workers_document(worker(os.getpid())))
    assert len(workers_reported(server, replay).foreign) == 1


def test_an_api_that_cannot_tell_blames_nobody(server: RawServer, replay: Replay) -> None:
    server.reply = answers(b"{}", "503 Service Unavailable")
    assert WorkerMonitor(ApiClient(server.base, wait_s=0.5)).poll(replay.state) == []


def test_waiting_tasks_are_reported_as_the_api_lists_them(server: RawServer, replay: Replay) -> None:
    server.reply = answers(
        workers_document(waiting=[{"task_id": "old", "queue": "slow"}, {"task_id": "new", "queue": "fast"}])
    )
    assert WorkerMonitor(ApiClient(server.base, wait_s=0.5)).poll(replay.state) == [
        WorkersReported(()),
        QueuesReported((TaskWaiting("old", "slow"), TaskWaiting("new", "fast"))),
    ]


def test_a_task_for_this_pc_alone_waits_for_its_worker(server: RawServer, replay: Replay) -> None:
    own = {**worker(replay.state[FAST].pid or 0), "queues": ["fast", "fast.1234abcd"]}
    waiting = [{"task_id": "own", "queue": "fast.1234abcd"}, {"task_id": "other", "queue": "fast.99999999"}]
    server.reply = answers(workers_document(own, waiting=waiting))
    _, report = WorkerMonitor(ApiClient(server.base, wait_s=0.5)).poll(replay.state)
    assert report == QueuesReported((TaskWaiting("own", "fast"), TaskWaiting("other", "fast.99999999")))


def test_nobody_is_asked_where_the_api_is_not_ready(server: RawServer, replay: Replay) -> None:
    replay.exits(API)
    assert WorkerMonitor(ApiClient(server.base, wait_s=0.5)).poll(replay.state) == []
    assert server.requests == []
