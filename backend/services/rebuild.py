"""Computes every merged vulnerability anew from the stored claims, in one walk over all ids in order.

Due after a source's first load and when the merge rules changed. `rebuild_state` remembers how far it has come, so
that it goes on after a kill; while it is under way, ingest merges only what lies behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import groupby

from backend.domain.merge import merge
from backend.domain.priority import facts_of, priority_score
from backend.services import rebuild_state
from backend.services.claims import read_record
from backend.services.patience import patiently
from backend.services.run import Run
from backend.store.engine import Database
from backend.store.repositories.facts import FactRepository
from backend.store.repositories.ingest import IngestRepository

PAGE = 2000
PHASE = "Merging"


class Rebuild:
    def __init__(self, database: Database, run: Run, clock: Callable[[], datetime]) -> None:
        self._database, self._run, self._clock = database, run, clock

    def finish(self) -> int:
        """Walks to the end if a rebuild is under way. Returns how many vulnerabilities it wrote.

        With no claims stored at all there is nothing to walk over, and the rebuild stays due.
        """
        position, total = patiently(self._run, self._read_position)
        if position is None or not total:
            return 0
        bulk = patiently(self._run, self._prepare)
        written = 0
        while True:
            self._run.checkpoint()
            step = patiently(self._run, partial(self._step, position, bulk=bulk))
            if step is None:
                break
            position, count = step
            written += count
            self._run.progress(PHASE, written, total)
        self._run.progress("Building the search index", written, total)
        patiently(self._run, self._end)
        return written

    def _read_position(self) -> tuple[str | None, int]:
        with self._database.reading() as connection:
            position = rebuild_state.position(FactRepository(connection))
            return position, 0 if position is None else IngestRepository(connection).count_ids()

    def _prepare(self) -> bool:
        """Indexes are built once at the end. True where the merged tables start empty: no older rows to look for."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            store = IngestRepository(connection)
            store.drop_secondary_indexes()
            return rebuild_state.note_bulk(FactRepository(connection), empty=store.is_empty())

    def _step(self, after: str, *, bulk: bool) -> tuple[str, int] | None:
        with self._database.reading() as connection:
            stored = IngestRepository(connection).records_after(after, PAGE)
        if not stored:
            return None
        now = self._clock()
        rows = []
        for vulnerability_id, records in groupby(stored, key=lambda record: record.vulnerability_id):
            merged = merge(vulnerability_id, [read_record(record) for record in records])
            if merged is not None:
                rows.append((merged, priority_score(facts_of(merged), now.date())))
        last = stored[-1].vulnerability_id
        with self._database.transaction() as connection:
            self._run.fence(connection)
            IngestRepository(connection).put_vulnerabilities(rows, now, bulk=bulk)
            rebuild_state.advance(FactRepository(connection), last)
        return last, len(rows)

    def _end(self) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            IngestRepository(connection).build_secondary_indexes()
            rebuild_state.end(FactRepository(connection))
