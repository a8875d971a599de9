"""A run of the ledger as a worker holds it, for updates without a worker."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.names import TaskName, Trigger
from backend.contract.wire import utc_now
from backend.services.runs.queue import new_run
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from backend.worker.process import StopRequest
from backend.worker.runs.checkpoint import RunContext


def claimed_run(database: Database) -> RunContext:
    """Add a run and claim it; earlier ones, whose process may have been killed, are left as they are."""
    run = replace(new_run(TaskName.UPDATE, Trigger.API, utc_now()), exclusive=None)
    with database.transaction() as connection:
        runs = RunRepository(connection)
        runs.add(run)
        lease = runs.claim(run.task_id, "test", utc_now())
    assert lease is not None
    return RunContext(lease, StopRequest())
