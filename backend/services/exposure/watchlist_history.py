"""Who changed the watchlist, and when: all who share the database see it."""

from __future__ import annotations

import logging
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection

from backend.contract.access import Actor
from backend.contract.exposure import Watchlist, WatchlistChange, WatchlistHistory
from backend.services.exposure.watching import replace_watchlist, watchlist
from backend.store.repositories.metadata import WATCHLIST_HISTORY_KEY, MetadataRepository

KEPT_CHANGES = 100

log = logging.getLogger(__name__)


def change_watchlist(connection: Connection, wanted: Watchlist, by: Actor, now: datetime) -> Watchlist:
    """Store a watchlist as `replace_watchlist` does, and note who changed what."""
    before = watchlist(connection).items
    stored = replace_watchlist(connection, wanted)
    added = tuple(item for item in stored.items if item not in before)
    removed = tuple(item for item in before if item not in stored.items)
    if added or removed:
        change = WatchlistChange(changed_at=now, by=by, added=added, removed=removed)
        items = (change, *watchlist_history(connection).items)[:KEPT_CHANGES]
        MetadataRepository(connection).set(WATCHLIST_HISTORY_KEY, WatchlistHistory(items=items).model_dump_json())
    return stored


def watchlist_history(connection: Connection) -> WatchlistHistory:
    """Return the last changes, the newest first; none if they are stored in another version's format."""
    stored = MetadataRepository(connection).get(WATCHLIST_HISTORY_KEY)
    try:
        return WatchlistHistory.model_validate_json(stored) if stored else WatchlistHistory()
    except ValidationError as error:
        log.warning("the stored changes of the watchlist cannot be read: %s", error)
        return WatchlistHistory()
