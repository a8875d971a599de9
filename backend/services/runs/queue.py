"""Enqueue and cancel runs, and the interface by which a task's body reports to its run.

A run is committed to the ledger first and published to the broker second. Beat publishes again what did not arrive.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Connection

from backend.connectors.connector import Interruptible
from backend.contract.errors import NotFound, StoreUnavailable
from backend.contract.names import API_PREFIX, UPDATE_TASKS, RunState, Source, TaskName, Trigger, queue_of, queue_on
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.contract.wire import utc_now
from backend.services.runs.broker_errors import BrokerUnavailable
from backend.store.engine import Database
from backend.store.repositories.runs import WAITING_STATES, Lease, RunRepository, StoredRun

UPDATE_GROUP, REPORT_GROUP, WEBHOOK_GROUP = "update", "report", "webhooks"
"""Exclusive groups of runs: the ledger holds at most one active run of each."""
_GROUPS: Mapping[str, str] = {
    **dict.fromkeys(UPDATE_TASKS, UPDATE_GROUP),
    TaskName.REPORT: REPORT_GROUP,
    TaskName.SEND_WEBHOOKS: WEBHOOK_GROUP,
}

PUBLISHED_WITHIN = timedelta(seconds=5)
"""Time that the request itself may take to publish a run."""

Publish = Callable[[str, str, str], None]
"""Publishes (task id, task name, queue) to the broker. Raises BrokerUnavailable."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Enqueued:
    """Result of a request for a run."""

    task_id: str
    already_running: bool = False  # `task_id` is an earlier run, which is still active


def run_not_found() -> NotFound:
    return NotFound(
        "No such run",
        "No run has this id, or it is so old that it was removed from the history.",
        f"The API lists all runs at {API_PREFIX}/tasks.",
    )


def exclusive_group(name: str) -> str | None:
    return _GROUPS.get(name)


def new_run(name: str, trigger: Trigger, now: datetime) -> StoredRun:
    return StoredRun(str(uuid4()), name, queue_of(name), trigger, now, exclusive=exclusive_group(name))


def new_run_on(machine_id: str, name: str, trigger: Trigger, now: datetime) -> StoredRun:
    """A run that only the workers of one PC take. Its exclusive group is of that PC as well."""
    run = new_run(name, trigger, now)
    exclusive = group_on(machine_id, run.exclusive) if run.exclusive else None
    return replace(run, queue=queue_on(machine_id), exclusive=exclusive)


def group_on(machine_id: str, group: str) -> str:
    """The exclusive group of one PC."""
    return f"{group} {queue_on(machine_id)}"


def add_run(connection: Connection, run: StoredRun) -> Enqueued:
    """Add a run to the ledger in the caller's transaction.

    Returns:
        The run's own id, or the id of the active run of the same exclusive group.
    """
    runs = RunRepository(connection)
    while not runs.add(run):
        if run.exclusive is None or (active := runs.active(run.exclusive)) is None:
            if runs.get(run.task_id):
                return Enqueued(run.task_id, already_running=True)
            continue  # the active run ended between the two statements
        return Enqueued(active, already_running=True)
    return Enqueued(run.task_id)


def _unsent(run: StoredRun | None, now: datetime) -> StoredRun | None:
    """Return an earlier run that still waits to be published: no beat may be there to do it."""
    if run is None or run.state not in WAITING_STATES or run.published_at is not None:
        return None
    return run if now - run.queued_at > PUBLISHED_WITHIN else None


class TaskQueue:
    """Enqueues and cancels runs. May be shared between threads."""

    def __init__(self, database: Database, publish: Publish, clock: Callable[[], datetime] = utc_now) -> None:
        self._database, self._publish, self._clock = database, publish, clock

    def enqueue(self, name: TaskName, trigger: Trigger) -> Enqueued:
        """Add a run to the ledger and publish it.

        What happens after the run is in the ledger is no error: beat publishes it later.

        Raises:
            StoreUnavailable: The run could not be added to the ledger.
        """
        now = self._clock()
        run = new_run(name, trigger, now)
        with self._database.transaction() as connection:
            enqueued = add_run(connection, run)
            unsent = _unsent(RunRepository(connection).get(enqueued.task_id), now) if enqueued.already_running else run
        if unsent is not None:
            try:
                self.publish(unsent)
            except (BrokerUnavailable, StoreUnavailable) as error:
                log.warning("run %s is published later: %s", unsent.task_id, error)
        return enqueued

    def publish_waiting(self, task_id: str | None) -> None:
        """Publish a run that another function has added, if it is still unpublished. Beat does it where this fails."""
        if task_id is None:
            return
        try:
            with self._database.reading() as connection:
                run = RunRepository(connection).get(task_id)
            if run is not None and run.state in WAITING_STATES and run.published_at is None:
                self.publish(run)
        except (BrokerUnavailable, StoreUnavailable) as error:
            log.warning("run %s is published later: %s", task_id, error)

    def publish(self, run: StoredRun) -> None:
        """Publish a run of the ledger and record when.

        Raises:
            BrokerUnavailable: The broker cannot be reached.
            StoreUnavailable: The database cannot be reached.
        """
        self._publish(run.task_id, run.name, run.queue)
        with self._database.transaction() as connection:
            RunRepository(connection).mark_published(run.task_id, self._clock())

    def cancel(self, task_id: str) -> RunState:
        """Cancel a run.

        Returns:
            The state afterwards: REVOKED if the run was waiting, STARTED while its worker has not stopped it yet,
            another final state if the run was over before.

        Raises:
            NotFound: No run has this id.
        """
        with self._database.transaction() as connection:
            state = RunRepository(connection).request_cancel(task_id, self._clock())
        if state is None:
            raise run_not_found()
        return state


class Run(Interruptible, Protocol):
    """One run of a task. Its methods may be called from any thread; `fence` from that of its transaction."""

    @property
    def id(self) -> str:
        """The Celery task id, which is also the key in the ledger."""

    @property
    def lease(self) -> Lease:
        """What `fence` checks, for another process that writes for the same run."""

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
    ) -> None:
        """Report the progress of a phase.

        Args:
            done: Units of this phase and message that are done.
            total: All units of this phase; None: unknown.
            message: What is worked on, by its own name ("NVD 2024").
        """

    def whole(self, share: float, left_s: float | None) -> None:
        """Report how far the whole task is.

        Args:
            share: 0-1; never smaller than before.
            left_s: Seconds that are left; None: unknown.
        """

    def fence(self, connection: Connection) -> None:
        """Check in the caller's transaction that this worker still holds the run.

        Every writing transaction of a task calls it. The run's row stays locked until its end.

        Raises:
            RunLost: Another worker has taken the run over.
        """

    def begin_step(self, step: int, steps: int) -> None:
        """Say which part of the task begins.

        Args:
            step: Its number, from 1.
            steps: Parts of the whole task.
        """

    def source(self, source: Source, **facts: object) -> None:
        """Replace the entry of one source in `progress.sources`.

        Args:
            facts: Fields of contract.tasks.SourceProgress, and any other values that JSON can represent.
        """
