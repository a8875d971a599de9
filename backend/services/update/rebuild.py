"""The rebuild: merging of all vulnerabilities from the stored claims, in one pass over all ids in order.

It is due after a source's first load and after a change of the merge rules. Its position is stored in the database, so
that it continues after a kill; while it is in progress, ingest merges only ids that it has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

from sqlalchemy import Connection

from backend.contract.tasks import RunPhase
from backend.domain.merge import MERGE_VERSION, merge
from backend.domain.priority import facts_of, priority_score
from backend.domain.vulnerability import MergedVulnerability
from backend.services.maintenance.priorities import record_scoring_day
from backend.services.runs.queue import Run
from backend.services.update.pipelined_writer import PipelinedWriter
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.source_records import read_record
from backend.store.retry import retry_while_away

REBUILT_UP_TO = "rebuilt_up_to"
MERGED_BY = "merge_version"
BULK = "rebuild_bulk"
INDEX_EMPTIED = "rebuild_index_emptied"
PAGE = 1000


def begin_rebuild(metadata: MetadataRepository) -> None:
    metadata.set(REBUILT_UP_TO, "")
    metadata.set(MERGED_BY, str(MERGE_VERSION))


def begin_if_rules_changed(metadata: MetadataRepository) -> None:
    merged_by = metadata.get(MERGED_BY)
    if merged_by is not None and merged_by != str(MERGE_VERSION):
        begin_rebuild(metadata)


def renew_search_index_if_damaged(connection: Connection) -> bool:
    """Empty a damaged search index and begin the rebuild that fills it from the stored claims."""
    store = IngestRepository(connection)
    if store.search_index_is_whole():
        return False
    store.empty_search_index()
    metadata = MetadataRepository(connection)
    metadata.set(INDEX_EMPTIED, "yes")
    begin_rebuild(metadata)
    return True


def rebuild_position(metadata: MetadataRepository) -> str | None:
    """The last id merged by the rebuild in progress, "" at its start; None if none is in progress."""
    return metadata.get(REBUILT_UP_TO)


def advance_rebuild(metadata: MetadataRepository, last_id: str) -> None:
    metadata.set(REBUILT_UP_TO, last_id)


def note_bulk(metadata: MetadataRepository, *, empty: bool) -> bool:
    """Whether the merged tables were empty at the start of the rebuild; stored for a rebuild that continues later."""
    if empty:
        metadata.set(BULK, "yes")
    return metadata.get(BULK) is not None


def end_rebuild(metadata: MetadataRepository) -> None:
    metadata.delete(REBUILT_UP_TO)
    metadata.delete(BULK)
    metadata.delete(INDEX_EMPTIED)


@dataclass(frozen=True)
class _MergedPage:
    """One page of the rebuild: merged rows with their priorities, and the last id that it covers."""

    rows: list[tuple[MergedVulnerability, float]]
    last: str


class Rebuild:
    def __init__(self, database: Database, run: Run, clock: Callable[[], datetime]) -> None:
        self._database, self._run, self._clock = database, run, clock

    def finish(self) -> int:
        """Complete the rebuild in progress, if any, and return the number of vulnerabilities written.

        Without any stored claims it stays due.
        """
        position, total = retry_while_away(self._run.sleep, self._read_position)
        if position is None or not total:
            return 0
        bulk = retry_while_away(self._run.sleep, self._prepare)
        today = self._clock().date()
        from_start = not position
        written = 0
        with PipelinedWriter(self._run, in_background=self._database.writes_in_server) as writer:
            while (page := retry_while_away(self._run.sleep, partial(self._merge_after, position))) is not None:
                self._run.checkpoint()
                write = partial(self._write, page, bulk=bulk)
                writer.put(write, again=write)
                position = page.last
                written += len(page.rows)
                self._run.progress(RunPhase.MERGING, written, total)
        self._run.progress(RunPhase.INDEXING, written, total)
        scored_on = today if from_start and today == self._clock().date() else None
        retry_while_away(self._run.sleep, partial(self._end, scored_on))
        return written

    def _read_position(self) -> tuple[str | None, int]:
        with self._database.reading() as connection:
            position = rebuild_position(MetadataRepository(connection))
            return position, 0 if position is None else IngestRepository(connection).count_ids()

    def _prepare(self) -> bool:
        """Whether this is a bulk load into empty tables: no older rows to look up, indexes are built at the end."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            store = IngestRepository(connection)
            bulk = note_bulk(MetadataRepository(connection), empty=store.is_empty())
            if bulk:
                store.drop_secondary_indexes()
            return bulk

    def _merge_after(self, after: str) -> _MergedPage | None:
        with self._database.reading() as connection:
            stored = IngestRepository(connection).records_after(after, PAGE)
        if not stored:
            return None
        today = self._clock().date()
        rows = []
        for vulnerability_id, records in groupby(stored, key=attrgetter("vulnerability_id")):
            merged = merge(vulnerability_id, [read_record(record) for record in records])
            if merged is not None:
                rows.append((merged, priority_score(facts_of(merged), today)))
        return _MergedPage(rows, stored[-1].vulnerability_id)

    def _write(self, page: _MergedPage, *, bulk: bool) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            metadata = MetadataRepository(connection)
            emptied = metadata.get(INDEX_EMPTIED) is not None
            store = IngestRepository(connection)
            store.put_vulnerabilities(page.rows, self._clock(), bulk=bulk, all_documents=emptied)
            advance_rebuild(metadata, page.last)

    def _end(self, scored_on: date | None) -> None:
        """Build the indexes, then mark the rebuild as complete.

        The indexes have a transaction of their own: it takes long, and must not lock the run's row.

        Args:
            scored_on: the day of all priorities; None if they are of different days.
        """
        with self._database.transaction() as connection:
            IngestRepository(connection).build_secondary_indexes()
        with self._database.transaction() as connection:
            self._run.fence(connection)
            metadata = MetadataRepository(connection)
            end_rebuild(metadata)
            if scored_on is not None:
                record_scoring_day(metadata, scored_on)
