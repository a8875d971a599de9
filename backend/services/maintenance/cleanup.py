"""Delete expired data: cached search results, old runs, events and EPSS scores, and downloads that are not used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from backend.config import Settings
from backend.contract.errors import StoreFull, StoreUnavailable
from backend.contract.wire import utc_now
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.store.repositories.epss_history import EpssHistoryRepository
from backend.store.repositories.events import EventRepository
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.webhooks import WebhookRepository

SEARCH_LIFETIME = timedelta(hours=24)
EVENT_LIFETIME = timedelta(days=400)
QUEUED_LIFETIME = timedelta(days=1)
"""An event that comes into a webhook's scope later than this is not sent: it is no news when the watchlist changes."""
EPSS_LIFETIME = timedelta(days=400)
DOWNLOAD_LIFETIME = timedelta(days=31)
"""A download that no update has touched for this long belongs to an address that is no longer used."""

log = logging.getLogger(__name__)


def clean_cache(
    settings: Settings, database: Database, run: Run, clock: Callable[[], datetime] = utc_now
) -> dict[str, object]:
    """Delete expired data and return the number of items per kind; `bytes_freed`: of downloads and the database."""
    now = clock()
    with database.transaction() as connection:
        run.fence(connection)
        searches = CacheRepository(connection).delete_older("search", now - SEARCH_LIFETIME)
        runs = RunRepository(connection).expire(now - timedelta(days=settings.user.retention.run_days))
        events = EventRepository(connection).delete_older(now - EVENT_LIFETIME)
        WebhookRepository(connection).forget_out_of_scope(now - QUEUED_LIFETIME)
        scores = EpssHistoryRepository(connection).delete_older((now - EPSS_LIFETIME).date())
    files, freed = _remove_downloads(settings.cache_folder, now - DOWNLOAD_LIFETIME, run)
    return {
        "search_entries": searches,
        "runs": runs,
        "events": events,
        "epss_scores": scores,
        "files": files,
        "bytes_freed": freed + _compact(database),
    }


def _compact(database: Database) -> int:
    try:
        return database.compact()
    except (StoreFull, StoreUnavailable) as error:
        log.warning("%s", error)
        return 0


def _remove_downloads(folder: Path, before: datetime, run: Run) -> tuple[int, int]:
    files, freed = 0, 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        run.checkpoint()
        try:
            status = path.lstat()
            if path.is_dir() or status.st_mtime >= before.timestamp():
                continue
            path.unlink()
        except OSError as error:
            log.warning("%s cannot be deleted: %s", path, error)
            continue
        files, freed = files + 1, freed + status.st_size
    return files, freed
