"""Build the snapshot for the desktop in one transaction, and derive the state of each source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from backend.client.inventory.machine_id import known_machine_id
from backend.config import Settings
from backend.contract.errors import ErrorFields, OpenThreatError
from backend.contract.health import DependencyState
from backend.contract.names import Source
from backend.contract.snapshot import Snapshot
from backend.contract.sources import SourceState, SourceStatus
from backend.services.exposure.inbox import unread_counts
from backend.services.exposure.saved_searches import saved_searches
from backend.services.query.statistics import cached_stats
from backend.services.runs.history import list_runs
from backend.services.runs.schedule import list_entries
from backend.services.status.health import ApiIdentity, Broker, check_health
from backend.services.status.worker_status import read_workers
from backend.services.webhooks.webhooks import list_webhooks
from backend.store.engine import Database
from backend.store.repositories.inventories import InventoryRepository
from backend.store.repositories.sources import SourceRepository, StoredSource

STALE_AFTER = timedelta(hours=26)
"""Age of the last success from which a source is stale: one day, plus two hours between two updates."""
NEWEST_RUNS = 20
FAILING_AFTER = 3
"""Failed attempts in a row."""


def list_sources(
    connection: Connection, settings: Settings, records: Mapping[Source, int], now: datetime
) -> Sequence[SourceStatus]:
    """Return the status of every source.

    Args:
        records: Number of records per source. Counting them takes long, so the caller takes them from the statistics.
    """
    return [
        _to_contract(stored, settings.user.source_enabled(stored.source), records.get(stored.source, 0), now)
        for stored in SourceRepository(connection).all()
    ]


def source_state(stored: StoredSource, now: datetime) -> SourceState:
    if stored.failures >= FAILING_AFTER:
        return SourceState.FAILING
    if stored.failures:
        return SourceState.DEGRADED
    if stored.last_success_at is None:
        return SourceState.NEVER
    return SourceState.STALE if now - stored.last_success_at > STALE_AFTER else SourceState.OK


def _to_contract(stored: StoredSource, enabled: bool, records: int, now: datetime) -> SourceStatus:
    error = None
    if stored.error_title is not None:
        error = ErrorFields(
            title=stored.error_title,
            message=stored.error_message or "",
            hint=stored.error_hint or "",
            id=stored.error_id or "",
        )
    return SourceStatus(
        name=stored.source,
        enabled=enabled,
        last_attempt_at=stored.last_attempt_at,
        last_success_at=stored.last_success_at,
        watermark=stored.watermark,
        model=stored.model or "",
        model_since=stored.model_since,
        records=records,
        state=source_state(stored, now),
        failures=stored.failures,
        last_error=error,
    )


def take_snapshot(settings: Settings, database: Database, broker: Broker, api: ApiIdentity, now: datetime) -> Snapshot:
    """Return the snapshot; while the database cannot be reached, one that contains `health` only."""
    health = check_health(database, broker, api, now)
    if health.database.state is not DependencyState.OK:
        return Snapshot(health=health)
    own = known_machine_id(settings.home)
    try:
        with database.reading() as connection:
            stats, schedule = cached_stats(connection), list_entries(connection, now)
            inventories = InventoryRepository(connection)
            return Snapshot(
                health=health,
                stats=stats,
                sources=list_sources(connection, settings, stats.by_source if stats else {}, now),
                workers=read_workers(connection, now),
                schedule=schedule.scheduled_tasks,
                pause=schedule.pause,
                runs=list_runs(connection, page_size=NEWEST_RUNS).items,
                inbox=unread_counts(connection, own),
                searches=saved_searches(connection).items,
                webhooks=list_webhooks(connection, own, now).items,
                machines=inventories.count_machines(),
                is_team=inventories.has_others(own),
            )
    except OpenThreatError:
        return Snapshot(health=health)


def fingerprint(snapshot: Snapshot) -> str:
    """Return a hash that ignores what changes all the time: ages of heartbeats and memory of workers."""
    steady = snapshot.model_dump(mode="json")
    for worker in steady["workers"]["workers"] if snapshot.workers else ():
        del worker["heartbeat_age_s"], worker["stats"]["memory_bytes"]
    return hashlib.sha256(json.dumps(steady, sort_keys=True).encode()).hexdigest()[:32]
