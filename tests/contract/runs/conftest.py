"""A migrated database of each kind, and a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from backend.contract.names import TaskName, Trigger
from backend.services.runs.broker_errors import BrokerUnavailable
from backend.services.runs.queue import TaskQueue
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository, StoredRun

START = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@dataclass
class FakeBroker:
    """Records published messages; with `away` it refuses them."""

    away: bool = False
    messages: list[str] = field(default_factory=list)

    def publish(self, task_id: str, name: str, queue: str) -> None:
        if self.away:
            raise BrokerUnavailable("The broker cannot be reached")
        self.messages.append(task_id)


@dataclass
class Ledger:
    """Helpers that put runs into every state."""

    database: Database
    broker: FakeBroker
    now: datetime = START

    @property
    def queue(self) -> TaskQueue:
        return TaskQueue(self.database, self.broker.publish, lambda: self.now)

    def pass_time(self, **given: float) -> datetime:
        self.now += timedelta(**given)
        return self.now

    def enqueue_run(self, name: TaskName = TaskName.TEST, trigger: Trigger = Trigger.API) -> str:
        return self.queue.enqueue(name, trigger).task_id

    def run(self, task_id: str) -> StoredRun:
        with self.database.reading() as connection:
            found = RunRepository(connection).get(task_id)
        assert found is not None
        return found


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, FakeBroker())
