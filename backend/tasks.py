"""The Celery tasks. Each calls a function of `backend.services`.

Services are imported when a task runs: the API and beat need only the names of the tasks.
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
    """Update the database from all sources."""
    from backend.services.update.peer import start_peer
    from backend.services.update.update import run_update

    return run_update(settings, database, run, start_peer=start_peer)


@ledger_task(TaskName.MANUAL_UPDATE)
def manual_update_task(settings: Settings, database: Database, run: Run) -> Result:
    """The same update, requested by a user."""
    from backend.services.update.peer import start_peer
    from backend.services.update.update import run_update

    return run_update(settings, database, run, start_peer=start_peer)


@ledger_task(TaskName.CLEAN_CACHE)
def clean_cache_task(settings: Settings, database: Database, run: Run) -> Result:
    """Delete expired search results, runs and downloads."""
    from backend.services.maintenance.cleanup import clean_cache

    return clean_cache(settings, database, run)


@ledger_task(TaskName.UPDATE_STATS)
def update_stats_cache_task(settings: Settings, database: Database, run: Run) -> Result:
    """Compute the statistics that the API returns."""
    from backend.services.query.statistics import update_stats

    return update_stats(settings, database, run)


@ledger_task(TaskName.TEST)
def test_task(settings: Settings, database: Database, run: Run) -> Result:
    """Check the whole chain: queue, worker, ledger, database and progress."""
    from backend.services.doctor.worker_selftest import probe

    return probe(settings, database, run)


@ledger_task(TaskName.MATCH)
def match_inventory_task(settings: Settings, database: Database, run: Run) -> Result:
    """Match what is installed on all machines with the statements of all sources."""
    from backend.services.exposure.matching_run import match_inventory

    return match_inventory(settings, database, run)


@ledger_task(TaskName.REPORT)
def write_report_task(settings: Settings, database: Database, run: Run) -> Result:
    """Write the report of what happened since the last one into its folder."""
    from backend.services.report.delivery import deliver_report

    return deliver_report(settings, database, run)


@ledger_task(TaskName.SEND_WEBHOOKS)
def send_webhooks_task(settings: Settings, database: Database, run: Run) -> Result:
    """Send what is new to the webhooks."""
    from backend.services.webhooks.delivery import send_webhooks

    return send_webhooks(settings, database, run)


@ledger_task(TaskName.LOAD_BUNDLE)
def load_bundle_task(settings: Settings, database: Database, run: Run) -> Result:
    """Load the bundle that was uploaded."""
    from backend.services.bundle.load import load_uploaded
    from backend.services.update.peer import start_peer

    return load_uploaded(settings, database, run, start_peer)
