"""The parts of a worker process: its database, heartbeat, executor and stop request."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.errors import StoreUnavailable
from backend.contract.names import STUCK, Queue, Role, RunState, queue_on
from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from backend.log import redactor
from backend.store.engine import Database
from backend.store.repositories.runs import Lease, RunOutcome, RunRepository
from backend.store.repositories.workers import WorkerRow
from backend.store.retry import OutageLog, retry_until_stopped
from backend.worker.process import StopRequest
from backend.worker.runs.checkpoint import HARD_LIMIT, RunContext
from backend.worker.runs.execution import Executor
from backend.worker.runs.heartbeat import Heartbeat, ProcessIdentity, this_process

TASKS_BEFORE_RECYCLING = 50
GROWTH_BEFORE_RECYCLING = 45 * 2**20
"""Growth of memory in bytes. A worker starts with 65 MiB on Linux and 120 MiB on Windows; a first update adds 70 MiB,
a later one up to 30 MiB.
"""
TIME_LIMIT = RunOutcome(
    RunState.FAILURE,
    error_title="Stopped after the hard time limit",
    error_message=f"The run did not end within {HARD_LIMIT / 60:.0f} minutes and ignored the request to stop.",
    error_hint="The next run continues from there. If it happens again, see the worker's log.",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerRuntime:
    """own_queue: that of the runs for this PC, which its fast worker takes besides; "" for other workers."""

    settings: Settings
    database: Database
    identity: ProcessIdentity
    heartbeat: Heartbeat
    executor: Executor
    stopping: StopRequest
    own_queue: str

    def open(self) -> None:
        """Migrate the database, register this worker and start its heartbeat. Waits while the database is unavailable.

        Raises:
            StoreTooNew: The database belongs to a newer version of the program.
            StoreUnavailable: The program has to stop before the database can be reached.
        """
        health = OutageLog("the database", log)
        retry_until_stopped(self.database.prepare, health, self.stopping.__bool__)
        retry_until_stopped(self._register, health, self.stopping.__bool__)
        self.heartbeat.start()

    def close(self) -> None:
        self.heartbeat.stop()
        self.database.close()

    def _register(self) -> None:
        """Write the first heartbeat and interrupt runs of an earlier process with the same name.

        Names repeat in containers, where the first process always has pid 1.
        """
        if not self.heartbeat.beat():
            raise StoreUnavailable("The database cannot be reached")
        with self.database.transaction() as connection:
            runs = RunRepository(connection)
            for run in runs.held_by(self.identity.name):
                runs.interrupt(Lease(run.task_id, run.attempt, self.identity.name), utc_now())


def create_runtime(settings: Settings, queues: Sequence[str], tasks: Sequence[str]) -> WorkerRuntime:
    """Create the parts of a worker. No connection is made before `open`."""
    database, stopping, identity = Database(settings.database_url), StopRequest(), this_process(queues)
    machine_id = known_machine_id(settings.home) if Queue.FAST in queues else ""
    own_queue = queue_on(machine_id) if machine_id else ""
    row = initial_row(identity, Role.WORKER, [*queues, own_queue] if own_queue else queues, tasks)
    heartbeat = Heartbeat(database, row, lambda context: _end_process(database, context))
    executor = Executor(database, identity.name, heartbeat, stopping, redactor(settings))
    return WorkerRuntime(settings, database, identity, heartbeat, executor, stopping, own_queue)


def initial_row(
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


def _end_process(database: Database, context: RunContext) -> None:
    """Store the failure of an overdue run and end the process, because a thread cannot be ended from outside.

    The supervisor starts the process again.
    """
    log.critical("run %s ignored the hard time limit: this process ends", context.id)
    try:
        with database.transaction() as connection:
            RunRepository(connection).finish(context.lease, TIME_LIMIT, utc_now())
    except StoreUnavailable as error:
        log.warning("the failure could not be stored, beat will do it: %s", error)
    os._exit(STUCK)
