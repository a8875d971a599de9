"""The figures on the first page: computed by a task, kept, and computed anew at once where there are none that fit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.names import Severity
from backend.contract.stats import DayCount, Stats, VendorCount
from backend.contract.wire import utc_now
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.statistics import StatisticsRepository

_KIND, _KEY = "stats", "all"


def update_stats(
    settings: Settings,  # noqa: ARG001 - as all tasks are called
    database: Database,
    run: Run,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, object]:
    """Fills the cache that the API answers from. Returns the headline figures."""
    run.progress("Counting", 0, None)
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
    """As last computed, however old; None where they never were, or by a version of the program that told less."""
    entry = CacheRepository(connection).get(_KIND, _KEY)
    if entry is None:
        return None
    try:
        return Stats.model_validate_json(entry.value)
    except ValidationError:
        return None


def current_stats(connection: Connection, now: datetime) -> Stats:
    """The kept ones, unless a source has landed since."""
    kept, landed = cached_stats(connection), _last_update(connection)
    if kept is None or (landed is not None and landed > kept.computed_at):
        return compute_stats(connection, now)
    return kept


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
        last_update=_last_update(connection),
        computed_at=now,
    )


def _last_update(connection: Connection) -> datetime | None:
    """When a source last landed."""
    return max(
        (source.last_success_at for source in SourceRepository(connection).all() if source.last_success_at),
        default=None,
    )
