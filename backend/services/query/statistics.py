"""Statistics of the database: computed and cached by a task, computed on request where the cache is outdated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.names import Severity
from backend.contract.stats import DayCount, MonthCount, Stats, VendorCount
from backend.contract.tasks import RunPhase
from backend.contract.wire import utc_now
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.statistics import StatisticsRepository

_KIND, _KEY = "stats", "all"


def update_stats(
    settings: Settings,  # noqa: ARG001 - the signature of all tasks
    database: Database,
    run: Run,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, object]:
    """Compute the statistics and write them to the cache that the API reads. Returns the main figures."""
    run.progress(RunPhase.COUNTING, 0, None)
    with database.reading() as connection:
        stats = compute_stats(connection, clock())
    with database.transaction() as connection:
        run.fence(connection)
        CacheRepository(connection).put(_KIND, _KEY, stats.model_dump_json(), stats.computed_at)
    return {
        "total_vulnerabilities": stats.total_vulnerabilities,
        "exploited_vulnerabilities": stats.exploited_vulnerabilities,
    }


def cached_stats(connection: Connection) -> Stats | None:
    """Return the cached statistics of any age; None if there are none, or only those of an older version's format."""
    entry = CacheRepository(connection).get(_KIND, _KEY)
    if entry is None:
        return None
    try:
        return Stats.model_validate_json(entry.value)
    except ValidationError:
        return None


def current_stats(connection: Connection, now: datetime) -> Stats:
    """Return the cached statistics, or compute them if a source has been updated since."""
    cached, updated_at = cached_stats(connection), _last_update(connection)
    if cached is None or (updated_at is not None and updated_at > cached.computed_at):
        return compute_stats(connection, now)
    return cached


def compute_stats(connection: Connection, now: datetime) -> Stats:
    figures = StatisticsRepository(connection).compute(now)
    return Stats(
        total_vulnerabilities=figures.total,
        exploited_vulnerabilities=figures.exploited,
        critical_vulnerabilities=figures.by_severity.get(Severity.CRITICAL, 0),
        high_vulnerabilities=figures.by_severity.get(Severity.HIGH, 0),
        by_severity=dict(figures.by_severity),
        by_source=dict(figures.by_source),
        recent_updates=figures.recent_updates,
        new_30d=figures.new_30d,
        top_vendors=[VendorCount(name=name, count=count) for name, count in figures.top_vendors],
        last_30_days=[
            DayCount(day=day.day, published=day.published, exploited=day.exploited) for day in figures.last_days
        ],
        exploited_by_month=[MonthCount(month=month, exploited=count) for month, count in figures.by_month],
        last_update=_last_update(connection),
        computed_at=now,
    )


def _last_update(connection: Connection) -> datetime | None:
    """Return when any source was last updated successfully."""
    return max(
        (source.last_success_at for source in SourceRepository(connection).all() if source.last_success_at),
        default=None,
    )
