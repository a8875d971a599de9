"""The API with its real server on a free port, and a thread as its worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.api.app import create_app
from backend.api.server import ApiServer, server_config
from backend.cli.main import main
from backend.config import Settings
from backend.contract.names import TaskName, Trigger
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from backend.store.repositories.runs import Lease, RunOutcome, RunRepository
from tests.servers import free_port, wait_until

Work = Callable[["RunningApi", Lease], RunOutcome | None]
"""Returns the outcome of a claimed run; None: the run never ends."""


Command = Callable[..., tuple[int, str, str]]
"""A command as it is typed: returns its exit code, what it printed, and its errors."""


@pytest.fixture
def openthreat(capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


@dataclass
class RunningApi:
    """A running API. `work` is what its one worker does with each run; without it runs wait."""

    settings: Settings
    database: Database
    work: Work | None = None
    server: ApiServer | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        queue = TaskQueue(self.database, self._take)
        self.server = ApiServer(server_config(create_app(self.settings, self.database, queue), self.settings))
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        wait_until(lambda: self.server is not None and self.server.started, "the API has started")

    def stop(self) -> None:
        if self.server and self._thread:
            self.server.stop()
            self._thread.join(20)
            assert not self._thread.is_alive()
        self.server = None

    def _take(self, task_id: str, name: str, queue: str) -> None:
        if self.work:
            self.perform(task_id, self.work)

    def perform(self, task_id: str, work: Work) -> None:
        with self.database.transaction() as connection:
            lease = RunRepository(connection).claim(task_id, "fast@here:1", datetime.now(UTC))
        assert lease is not None
        if outcome := work(self, lease):
            self.end(lease, outcome)

    def end(self, lease: Lease, outcome: RunOutcome) -> None:
        with self.database.transaction() as connection:
            assert RunRepository(connection).finish(lease, outcome, datetime.now(UTC))

    def enqueue(self, name: TaskName = TaskName.TEST) -> str:
        return TaskQueue(self.database, lambda *_: None).enqueue(name, Trigger.API).task_id


@pytest.fixture
def api(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningApi]:
    port = free_port()
    monkeypatch.setenv("OPENTHREAT_API_PORT", str(port))
    settings = Settings(home=home)
    database = Database(settings.database_url)
    database.prepare()
    api = RunningApi(settings, database)
    api.start()
    yield api
    api.stop()
    database.close()
