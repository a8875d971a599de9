"""Two key-value tables: cached results, and small facts about the database.

A cache entry has a kind, "search" or "stats", and a value in JSON; a fact is a name and a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select

from backend.store.dialects.bulk import upsert
from backend.store.tables import caches, facts

MERGED_BY_KEY = "merge_version"
"""The version of the merge rules by which all vulnerabilities are merged, or are by the rebuild in progress."""
REBUILT_UP_TO_KEY = "rebuilt_up_to"
"""The last id merged by the rebuild in progress; absent if there is none."""
MATCHED_BY_KEY = "match_version"
"""The version of the rules by which all programs are matched, or are due to be matched."""
UNMERGED_KEY = "unmerged"
"""Present while there may be vulnerabilities with claims and without a merged row."""
LOADING_KEY = "loading_{source}"
"""Present from the start of a source's first load to its end."""
NEWS_SINCE_KEY = "news_since"
"""When a first load or a rebuild wrote records last, or other rules of matching came: that a record was changed by then
is no news."""
DUE_CHECKED_KEY = "due_checked"
"""The day up to which near due dates became events."""
WATCHLIST_KEY = "watchlist"
"""contract.exposure.Watchlist as JSON."""
WATCHLIST_HISTORY_KEY = "watchlist_history"
"""contract.exposure.WatchlistHistory as JSON."""
SAVED_SEARCHES_KEY = "saved_searches"
"""contract.searches.SavedSearches as JSON."""
REPORT_KEY = "report_{way}"
"""services.report.position.ReportPosition as JSON, for each way of delivery."""
_DATABASE_ID_KEY = "database_id"  # the migration that made the webhooks wrote it
SCORING_DAY_KEY = "priorities_of"
"""The day for which all priorities were computed."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    value: str
    created_at: datetime


class CacheRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, kind: str, key: str) -> CacheEntry | None:
        query = select(caches.c.value, caches.c.created_at).where(caches.c.kind == kind, caches.c.key == key)
        row = self._connection.execute(query).first()
        return CacheEntry(row.value, row.created_at) if row else None

    def put(self, kind: str, key: str, value: str, now: datetime) -> None:
        statement = upsert(self._connection, caches).values(kind=kind, key=key, value=value, created_at=now)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["kind", "key"], set_={"value": value, "created_at": now})
        )

    def delete_older(self, kind: str, moment: datetime) -> int:
        """Delete entries older than the moment and return their number."""
        return self._connection.execute(
            delete(caches).where(caches.c.kind == kind, caches.c.created_at < moment)
        ).rowcount


class MetadataRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        return self._connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()

    def set(self, name: str, value: str) -> None:
        statement = upsert(self._connection, facts).values(name=name, value=value)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def moment(self, name: str) -> datetime:
        """A fact that is a moment; the earliest one if it is absent."""
        stored = self.get(name)
        return datetime.fromisoformat(stored) if stored else datetime.min.replace(tzinfo=UTC)

    def database_id(self) -> UUID:
        """What tells this database from all others. Ids that leave the program are made of it."""
        return UUID(self.get(_DATABASE_ID_KEY) or "")

    def delete(self, name: str) -> None:
        self._connection.execute(delete(facts).where(facts.c.name == name))
