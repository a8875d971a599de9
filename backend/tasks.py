"""The five tasks. Each translates, calls and returns; what they do is in `backend.services`.

The services are imported when a task runs: the API and beat only need the names, and a worker only what it works on.
"""

from __future__ import annotations

from backend.config import Settings
from backend.contract.names import TaskName
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.worker.celery.bootsteps import ledger_task

Result = dict[str, object]


@ledger_task(TaskName.UPDATE)
def update_vulnerabilities_task(settings: Settings, database: Database, run: Run) -> Result:
    """Brings the database up to date with all sources."""
    from backend.services.update.update import run_update

    return run_update(settings, database, run)


@ledger_task(TaskName.MANUAL_UPDATE)
def manual_update_task(settings: Settings, database: Database, run: Run) -> Result:
    """The same, asked for by a person."""
    from backend.services.update.update import run_update

    return run_update(settings, database, run)


@ledger_task(TaskName.CLEAN_CACHE)
def clean_cache_task(settings: Settings, database: Database, run: Run) -> Result:
    """Removes search-cache entries and finished runs that are too old."""
    from backend.services.maintenance.cleanup import clean_cache

    return clean_cache(settings, database, run)


@ledger_task(TaskName.UPDATE_STATS)
def update_stats_cache_task(settings: Settings, database: Database, run: Run) -> Result:
    """Computes the statistics that the API answers from."""
    from backend.services.query.statistics import update_stats

    return update_stats(settings, database, run)


@ledger_task(TaskName.TEST)
def test_task(settings: Settings, database: Database, run: Run) -> Result:
    """A short self-check through the whole chain: queue, worker, ledger, database, progress."""
    from backend.services.doctor.worker_selftest import probe

    return probe(settings, database, run)
