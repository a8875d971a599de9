"""What one worker process is made of: its database, its pulse, its executor, and the wish to stop."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

from backend.config import Settings
from backend.contract.errors import StoreUnavailable
from backend.contract.names import STUCK, Role, RunState
from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from backend.log import redactor
from backend.store.engine import Database
from backend.store.repositories.runs import Lease, RunOutcome, RunRepository
from backend.store.repositories.workers import WorkerRow
from backend.store.retry import OutageLog, until_done
from backend.worker.process import Stopping
from backend.worker.runs.checkpoint import HARD_LIMIT, RunContext
from backend.worker.runs.execution import Executor
from backend.worker.runs.heartbeat import Heartbeat, ProcessIdentity, this_process

TASKS_BEFORE_RECYCLING = 50
GROWTH_BEFORE_RECYCLING = 45 * 2**20
"""Bytes above what it began with: 65 MiB on Linux, 120 on Windows. A first update adds 70 MiB, a later one up to 30."""
TIME_LIMIT = RunOutcome(
    RunState.FAILURE,
    error_title="Stopped after the hard time limit",
    error_message=f"The run did not end within {HARD_LIMIT / 60:.0f} minutes and ignored the request to stop.",
    error_hint="The next run goes on from where it stood. If it happens again, look into the worker's log.",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerRuntime:
    settings: Settings
    database: Database
    identity: ProcessIdentity
    heartbeat: Heartbeat
    executor: Executor
    stopping: Stopping

    def open(self) -> None:
        """Prepares the database, waiting while it is away, and says that this worker is there.

        Raises StoreTooNew, and StoreUnavailable when the program has to stop before the database is there.
        """
        health = OutageLog("the database", log)
        until_done(self.database.prepare, health, self.stopping.__bool__)
        until_done(self._enter, health, self.stopping.__bool__)
        self.heartbeat.start()

    def close(self) -> None:
        self.heartbeat.stop()
        self.database.close()

    def _enter(self) -> None:
        """A process before this one may have had the same name (in a container every first process has pid 1)."""
        if not self.heartbeat.beat():
            raise StoreUnavailable("The database is away")
        with self.database.transaction() as connection:
            runs = RunRepository(connection)
            for run in runs.held_by(self.identity.name):
                runs.interrupt(Lease(run.task_id, run.attempt, self.identity.name), utc_now())


def open_runtime(settings: Settings, queues: Sequence[str], tasks: Sequence[str]) -> WorkerRuntime:
    """Puts a worker's station together; nothing is connected until it is opened."""
    database, stopping, identity = Database(settings.database_url), Stopping(), this_process(queues)
    heartbeat = Heartbeat(
        database, first_row(identity, Role.WORKER, queues, tasks), lambda watch: _end_process(database, watch)
    )
    executor = Executor(database, identity.name, heartbeat, stopping, redactor(settings))
    return WorkerRuntime(settings, database, identity, heartbeat, executor, stopping)


def first_row(
    identity: ProcessIdentity, role: Role, queues: Sequence[str] = (), tasks: Sequence[str] = ()
) -> WorkerRow:
    now = utc_now()
    return WorkerRow(
        name=identity.name,
        role=role,
        host=identity.host,
        pid=identity.pid,
        process_started=identity.process_started,
        queues=tuple(queues),
        registered_tasks=tuple(sorted(tasks)),
        version=VERSION,
        started_at=now,
        heartbeat_at=now,
        beats=0,
    )


def _end_process(database: Database, watch: RunContext) -> None:
    """No thread can be ended from outside, so the process goes. Whoever started it starts it again."""
    log.critical("run %s ignored the hard time limit: this process ends", watch.id)
    try:
        with database.transaction() as connection:
            RunRepository(connection).finish(watch.hold, TIME_LIMIT, utc_now())
    except StoreUnavailable as error:
        log.warning("the run stays open, beat will close it: %s", error)
    os._exit(STUCK)
