"""Cache of search results. It is valid until the next update, because only an update changes what a query finds.

Results are written by a separate thread: on SQLite a write may wait for the lock, and a search must not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b
from threading import BoundedSemaphore

import msgspec
from sqlalchemy import Connection

from backend.contract.errors import StoreFull, StoreUnavailable
from backend.domain.search import SearchQuery
from backend.services.runs.queue import UPDATE_GROUP
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.search_plan import ResultPage
from backend.store.repositories.vulnerabilities import VulnerabilityRepository

KIND = "search"
MIN_CACHED_TOTAL = 200
"""Searches with fewer matches are as fast as reading the cache."""
MAX_PENDING_WRITES = 8
"""Results that may wait to be written; further ones are not cached."""

log = logging.getLogger(__name__)


class SearchCache:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._writer = ThreadPoolExecutor(1, "search-cache")
        self._slots = BoundedSemaphore(MAX_PENDING_WRITES)

    def find(self, connection: Connection, query: SearchQuery) -> ResultPage:
        """Return what VulnerabilityRepository.search returns, from the cache where it has a valid entry."""
        vulnerabilities = VulnerabilityRepository(connection)
        update = RunRepository(connection).last_finished(UPDATE_GROUP)
        if update is None or query.mine or query.triage:  # findings change between updates
            return vulnerabilities.search(query)
        key = blake2b(msgspec.json.encode([update, query]), digest_size=16).hexdigest()
        entry = CacheRepository(connection).get(KIND, key)
        if entry is not None:
            return msgspec.json.decode(entry.value, type=ResultPage)
        page = vulnerabilities.search(query)
        if page.total >= MIN_CACHED_TOTAL:
            self._put(key, page)
        return page

    def close(self) -> None:
        """Stop the writer and drop pending writes: their searches can be repeated."""
        self._writer.shutdown(cancel_futures=True)

    def _put(self, key: str, page: ResultPage) -> None:
        if self._slots.acquire(blocking=False):
            writing = self._writer.submit(self._write, key, msgspec.json.encode(page).decode())
            writing.add_done_callback(lambda _: self._slots.release())

    def _write(self, key: str, value: str) -> None:
        try:
            with self._database.transaction() as connection:
                CacheRepository(connection).put(KIND, key, value, self._clock())
        except (StoreUnavailable, StoreFull) as error:
            log.info("a search result is not cached: %s", error)
