"""Asking for runs. The ledger knows first, the broker hears of it second; what it missed is told again later.

What a task's body may ask of the run that it belongs to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Connection

from backend.connectors.connector import Watch
from backend.contract.errors import NotFound, OpenThreatError
from backend.contract.names import UPDATE_TASKS, Queue, RunState, Source, TaskName, Trigger
from backend.contract.problems import ProblemId
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository, StoredRun

UPDATE = "update"
"""The exclusive word of both update tasks."""

Publish = Callable[[str, str, str], None]
"""Hands (task id, task name, queue) to the broker. Raises BrokerUnavailable."""

log = logging.getLogger(__name__)


class BrokerUnavailable(OpenThreatError):  # noqa: N818 - names a state, as StoreUnavailable does
    """The broker cannot be reached right now; the ledger keeps what it has to be told."""

    problem_id = ProblemId.BROKER_AWAY


@dataclass(frozen=True, slots=True)
class Enqueued:
    """`already_running`: the id is that of a run asked for earlier."""

    task_id: str
    already_running: bool = False


def unknown_run() -> NotFound:
    return NotFound(
        "No such run",
        "No run has this id, or it ended so long ago that it is forgotten.",
        "The API lists all runs at /api/v1/tasks.",
    )


def utc_now() -> datetime:
    return datetime.now(UTC)


def queue_of(name: str) -> Queue:
    return Queue.SLOW if name in UPDATE_TASKS else Queue.FAST


def exclusive_word(name: str) -> str | None:
    return UPDATE if name in UPDATE_TASKS else None


def new_run(name: str, trigger: Trigger, now: datetime) -> StoredRun:
    return StoredRun(str(uuid4()), name, queue_of(name), trigger, now, exclusive=exclusive_word(name))


def add_run(connection: Connection, run: StoredRun) -> Enqueued:
    """Within the caller's transaction. Of two runs that exclude each other the first one stays, for everyone."""
    runs = RunRepository(connection)
    while not runs.add(run):
        if run.exclusive is None or (active := runs.active(run.exclusive)) is None:
            if runs.get(run.task_id):
                return Enqueued(run.task_id, already_running=True)
            continue  # it ended between the two statements
        return Enqueued(active, already_running=True)
    return Enqueued(run.task_id)


class TaskQueue:
    """For everyone who asks for runs: the API, beat, tests. Safe to share between threads."""

    def __init__(self, database: Database, publish: Publish, clock: Callable[[], datetime] = utc_now) -> None:
        self._database, self._publish, self._clock = database, publish, clock

    def enqueue(self, name: TaskName, trigger: Trigger) -> Enqueued:
        """Raises StoreUnavailable. A broker that is away is no error: beat publishes the run when it is back."""
        run = new_run(name, trigger, self._clock())
        with self._database.transaction() as connection:
            enqueued = add_run(connection, run)
        if not enqueued.already_running:
            try:
                self.publish(run)
            except BrokerUnavailable as error:
                log.warning("run %s waits for the broker: %s", run.task_id, error)
        return enqueued

    def publish(self, run: StoredRun) -> None:
        """Raises BrokerUnavailable."""
        self._publish(run.task_id, run.name, run.queue)
        with self._database.transaction() as connection:
            RunRepository(connection).mark_published(run.task_id, self._clock())

    def cancel(self, task_id: str) -> RunState:
        """The state after it: REVOKED if it waited, STARTED while a worker still has to notice. Raises NotFound."""
        with self._database.transaction() as connection:
            state = RunRepository(connection).request_cancel(task_id, self._clock())
        if state is None:
            raise unknown_run()
        return state


class Run(Watch, Protocol):
    """One run of a task. All methods may be called from the task's own thread only."""

    @property
    def id(self) -> str:
        """The Celery task id, which is the ledger's key as well."""

    def fence(self, connection: Connection) -> None:
        """To be called first in every writing transaction. Raises RunLost when another worker has taken it over."""

    def source(self, source: Source, **facts: object) -> None:
        """Where the run stands with one source: JSON-able facts for `progress.sources`, replacing earlier ones."""
