"""Real child processes on real brokers, in both loop modes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from backend.contract.names import FINAL_STATES, RunState, TaskName, Trigger
from backend.contract.wire import utc_now
from backend.services.runs.broker_errors import BrokerUnavailable
from backend.services.runs.queue import TaskQueue, new_run
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository, StoredRun
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from desktop.host import this_python
from tests.servers import wait_until

ROOT = Path(__file__).resolve().parents[3]
PYTHON, LAUNCHED_BY = this_python()
HAS_EVENT_LOOP = sys.platform != "win32"  # Celery does not use it there
STAGE = [PYTHON, "-m", "tests.integration.worker.stage"]


def no_broker(task_id: str, name: str, queue: str) -> None:
    raise BrokerUnavailable("Beat publishes")


class Stage:
    """One data folder, its processes and its ledger."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        unreachable = {
            f"OPENTHREAT_{name}_URL": "http://127.0.0.1:9"
            for name in ("CISA", "NVD", "NVD_FEEDS", "EUVD", "MITRE", "EPSS")
        }
        self.environment = {
            **os.environ,
            **LAUNCHED_BY,
            **unreachable,
            "OPENTHREAT_HOME": str(home),
            "NVD_API_KEY": "s3cret-key",
            **environment,
        }
        self.database = Database(environment.get("DATABASE_URL") or f"sqlite:///{home / 'openthreat.db'}")
        self.database.prepare()
        self._pretend_an_update()
        self.children: list[subprocess.Popen[str]] = []
        self.log = home / "children.log"

    def _pretend_an_update(self) -> None:
        """Otherwise beat would start with an update."""
        now = utc_now()
        with self.database.transaction() as connection:
            RunRepository(connection).add(
                replace(new_run(TaskName.UPDATE, Trigger.API, now), state=RunState.SUCCESS, finished_at=now)
            )

    def start(self, *command: str, supervised: bool = True) -> subprocess.Popen[str]:
        environment = {**self.environment, **({"OPENTHREAT_SUPERVISED": "test"} if supervised else {})}
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True
            )
        self.children.append(child)
        return child

    def worker(self, queues: str = "slow,fast", **environment: str) -> subprocess.Popen[str]:
        self.environment.update(environment)
        child = self.start(*STAGE, "worker", "-Q", queues)
        wait_until(lambda: any(row.pid == child.pid for row in self.rows()), "the worker is registered", 60)
        return child

    def beat(self) -> subprocess.Popen[str]:
        return self.start(*STAGE, "beat")

    def stop_all(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdin:
                child.stdin.close()
        self.database.close()

    def celery(self, *arguments: str) -> str:
        """The celery command as a user types it, on the stage's application."""
        return subprocess.run(
            [sys.executable, "-m", "celery", "-A", "tests.integration.worker.stage", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout.strip()

    def send(self, task_id: str, name: str = "tests.short") -> None:
        """Send another message for a run."""
        self._python(f"app.send_task({name!r}, task_id={task_id!r}, queue='fast')")

    def celery_result(self, task_id: str) -> object:
        """Return the result as Celery's own clients read it."""
        return json.loads(self._python(f"print(json.dumps(app.AsyncResult({task_id!r}).get(timeout=30)))"))

    def _python(self, code: str) -> str:
        program = f"import json; from tests.integration.worker.stage import app; {code}"
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    # ---- the ledger

    def enqueue(self, name: str) -> str:
        return TaskQueue(self.database, no_broker).enqueue(cast(TaskName, name), Trigger.API).task_id

    def cancel(self, task_id: str) -> None:
        TaskQueue(self.database, no_broker).cancel(task_id)

    def run(self, task_id: str) -> StoredRun | None:
        with self.database.reading() as connection:
            return RunRepository(connection).get(task_id)

    def rows(self) -> list[WorkerRow]:
        with self.database.reading() as connection:
            return list(WorkerRepository(connection).all())

    def wait_for(self, task_id: str, *states: RunState, attempt: int | None = None) -> StoredRun:
        def there() -> bool:
            run = self.run(task_id)
            return run is not None and run.state in states and attempt in (None, run.attempt)

        try:
            wait_until(there, f"run {task_id} is {states}", 90)
        finally:
            run = self.run(task_id)
            print(run, self.log.read_text(encoding="utf-8"), sep="\n")
        assert run is not None
        return run

    def result(self, task_id: str) -> StoredRun:
        return self.wait_for(task_id, *FINAL_STATES)

    # ---- what the tasks did

    def played(self, word: str, task_id: str) -> int:
        path = self.home / "played.txt"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return len([line for line in lines if line.startswith(f"{word} {task_id} ")])

    def begun(self, task_id: str, times: int = 1) -> None:
        wait_until(lambda: self.played("begun", task_id) == times, f"{task_id} has begun {times} times", 90)

    def finish(self) -> None:
        (self.home / "finish").touch()


def kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()


def transports(*marks: pytest.MarkDecorator) -> list[object]:
    """All by which a worker receives messages. marks: of those beside the embedded broker."""
    on_redis = ["redis", *(["redis without event loop"] if HAS_EVENT_LOOP else [])]
    return ["embedded", *(pytest.param(name, marks=[pytest.mark.servers, *marks]) for name in on_redis)]


every_transport = pytest.mark.parametrize("stage", transports(), indirect=True)
"""For tests of what brokers and loops do in ways of their own; the others are about the ledger."""


@pytest.fixture(params=transports(pytest.mark.full))
def stage(request: pytest.FixtureRequest, home: Path) -> Iterator[Stage]:
    environment = {}
    if request.param != "embedded":
        environment["REDIS_URL"] = str(request.getfixturevalue("redis_url"))
    if request.param.endswith("loop"):
        environment["OPENTHREAT_TEST_LOOP"] = "synloop"
    stage = Stage(home, **environment)
    yield stage
    stage.stop_all()


@pytest.fixture
def embedded(home: Path) -> Iterator[Stage]:
    stage = Stage(home)
    yield stage
    stage.stop_all()
