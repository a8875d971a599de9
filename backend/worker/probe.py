"""The test task: a short walk through queue, worker, ledger, database and progress, and what was met on the way."""

from __future__ import annotations

import platform

from sqlalchemy import select

from backend.config import Settings
from backend.contract.version import VERSION
from backend.services.runs.queue import Run
from backend.services.status.health import broker_of
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository

STEPS = ("Asking the ledger", "Asking the database", "Asking the broker")


def probe(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    """Facts for people. Raises BrokerUnavailable or StoreUnavailable: what cannot be reached fails the task."""
    for done, step in enumerate(STEPS):
        run.progress(step, done, len(STEPS))
        run.sleep(0.1)  # long enough to be seen
    with database.reading() as connection:
        me = RunRepository(connection).get(run.id)
        connection.execute(select(1))
        dialect = connection.dialect
    broker = broker_of(settings)
    broker.check()
    run.progress("Done", len(STEPS), len(STEPS))
    return {
        "worker": me.worker if me else None,
        "version": VERSION,
        "python": platform.python_version(),
        "database": f"{dialect.name} {'.'.join(str(part) for part in dialect.server_version_info or ())}".strip(),
        "broker": broker.name,
    }
