"""Search answers, kept from one update to the next: only an update changes what a query finds.

Keeping is done aside, since on SQLite a write may have to wait for its turn, which nobody who searches should.
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
from backend.services.runs.queue import UPDATE
from backend.store.engine import Database
from backend.store.repositories.metadata import CacheRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.vulnerabilities import SearchPage, VulnerabilityRepository

KIND = "search"
WORTH_KEEPING = 200
"""Matches. Fewer are found as fast as the kept answer would be."""
MOST_WAITING = 8
"""Answers that wait to be written; more are forgotten."""

log = logging.getLogger(__name__)


class _Kept(msgspec.Struct):
    ids: list[str]
    total: int
    capped: bool


class SearchCache:
    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._writer = ThreadPoolExecutor(1, "search-cache")
        self._room = BoundedSemaphore(MOST_WAITING)

    def find(self, connection: Connection, query: SearchQuery) -> SearchPage:
        """As VulnerabilityRepository.search, from what was kept where it still holds."""
        found = VulnerabilityRepository(connection)
        update = RunRepository(connection).last_finished(UPDATE)
        if update is None:
            return found.search(query)
        key = blake2b(msgspec.json.encode([update, query]), digest_size=16).hexdigest()
        entry = CacheRepository(connection).get(KIND, key)
        if entry is not None:
            kept = msgspec.json.decode(entry.value, type=_Kept)
            return SearchPage(found.read(kept.ids, brief=query.brief), kept.total, kept.capped)
        page = found.search(query)
        if page.total >= WORTH_KEEPING:
            self._keep(key, _Kept([row.cve_id for row in page.rows], page.total, page.total_capped))
        return page

    def close(self) -> None:
        """Lets go of what is not written yet: it can be found again."""
        self._writer.shutdown(cancel_futures=True)

    def _keep(self, key: str, kept: _Kept) -> None:
        if self._room.acquire(blocking=False):
            writing = self._writer.submit(self._write, key, msgspec.json.encode(kept).decode())
            writing.add_done_callback(lambda _: self._room.release())

    def _write(self, key: str, value: str) -> None:
        try:
            with self._database.transaction() as connection:
                CacheRepository(connection).put(KIND, key, value, self._clock())
        except (StoreUnavailable, StoreFull) as error:
            log.info("a search answer is not kept: %s", error)
