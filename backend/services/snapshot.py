"""All that the desktop shows, read in one transaction."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from backend.config import Settings
from backend.contract.errors import OpenThreatError
from backend.contract.health import DependencyState
from backend.contract.snapshot import Snapshot
from backend.services.broker import Broker
from backend.services.crew import workers_status
from backend.services.freshness import list_sources
from backend.services.health import Identity, check_health
from backend.services.query.statistics import cached_stats
from backend.services.runs.history import list_runs
from backend.services.runs.schedule import list_entries
from backend.store.engine import Database

NEWEST_RUNS = 20


def take_snapshot(settings: Settings, database: Database, broker: Broker, who: Identity, now: datetime) -> Snapshot:
    """Never fails for a database that is away: then it says so and holds nothing else."""
    health = check_health(database, broker, who, now)
    if health.database.state is not DependencyState.OK:
        return Snapshot(health=health)
    try:
        with database.reading() as connection:
            stats, schedule = cached_stats(connection), list_entries(connection, now)
            return Snapshot(
                health=health,
                stats=stats,
                sources=list_sources(connection, settings, stats.by_source if stats else {}, now),
                workers=workers_status(connection, now),
                schedule=schedule.scheduled_tasks,
                pause=schedule.pause,
                runs=list_runs(connection, page_size=NEWEST_RUNS).items,
            )
    except OpenThreatError:
        return Snapshot(health=health)


def fingerprint(snapshot: Snapshot) -> str:
    """The same for snapshots that differ only in ages and in the workers' memory."""
    steady = snapshot.model_dump(mode="json")
    for worker in steady["workers"]["workers"] if snapshot.workers else ():
        del worker["heartbeat_age_s"], worker["stats"]["memory_bytes"]
    return hashlib.sha256(json.dumps(steady, sort_keys=True).encode()).hexdigest()[:32]
