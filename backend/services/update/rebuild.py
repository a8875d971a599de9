"""Merging of vulnerabilities from the stored claims alone, in passes over their ids in order.

A rebuild merges all of them: it is due after a change of the merge rules. Its position is stored in the database, so
that it continues after a kill; while it is in progress, ingest merges only ids that it has passed, and what becomes
exploited among the others is noticed here. The other pass merges those that have claims and no row yet: EUVD's mapping
names ids that no other source described in that update.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from backend.contract.inbox import EventKind
from backend.contract.settings import InboxThresholds
from backend.contract.tasks import RunPhase
from backend.domain.claims import SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.merge import MERGE_VERSION, merge
from backend.domain.priority import facts_of, priority_score
from backend.services.exposure.events import change_event, note_events
from backend.services.maintenance.priorities import record_scoring_day
from backend.services.runs.queue import Run
from backend.services.update.pipelined_writer import PipelinedWriter
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.events import NewEvent
from backend.store.repositories.merged_rows import IngestRepository, MergedRow
from backend.store.repositories.metadata import (
    MERGED_BY_KEY,
    NEWS_SINCE_KEY,
    REBUILT_UP_TO_KEY,
    UNMERGED_KEY,
    MetadataRepository,
)
from backend.store.repositories.statements import StatementChanges, StatementRepository, statement_changes
from backend.store.retry import retry_while_away

PAGE = 1000


def begin_if_rules_changed(connection: Connection) -> None:
    metadata = MetadataRepository(connection)
    merged_by = metadata.get(MERGED_BY_KEY)
    if merged_by == str(MERGE_VERSION):
        return
    if merged_by is not None:  # else nothing was merged before
        _begin(connection)
    metadata.set(MERGED_BY_KEY, str(MERGE_VERSION))


def renew_search_index_if_damaged(connection: Connection) -> bool:
    """Empty a damaged search index and begin the rebuild that fills it from the stored claims."""
    store = IngestRepository(connection)
    if store.search_index_is_whole():
        return False
    store.empty_search_index()
    _begin(connection)
    return True


def _begin(connection: Connection) -> None:
    """Begin a rebuild, which also derives all statements anew."""
    StatementRepository(connection).clear()
    MetadataRepository(connection).set(REBUILT_UP_TO_KEY, "")


def rebuild_position(metadata: MetadataRepository) -> str | None:
    """The last id merged by the rebuild in progress, "" at its start; None if none is in progress."""
    return metadata.get(REBUILT_UP_TO_KEY)


@dataclass(frozen=True)
class _MergedPage:
    """Merged rows with their priorities, the statements in them, their events, and the last id that the page covers."""

    rows: Sequence[MergedRow]
    events: Sequence[NewEvent]
    statements: StatementChanges
    last: str


class Rebuild:
    def __init__(
        self, database: Database, run: Run, clock: Callable[[], datetime], thresholds: InboxThresholds
    ) -> None:
        self._database, self._run, self._clock, self._thresholds = database, run, clock, thresholds

    def finish(self) -> None:
        """Complete the rebuild in progress, if any, and merge what has no row yet."""
        position, total, unmerged = retry_while_away(self._run.sleep, self._read_state)
        if position is not None:
            self._rebuild(position, total)
        if unmerged:
            self._merge_rest(total)

    def _read_state(self) -> tuple[str | None, int, bool]:
        with self._database.reading() as connection:
            metadata = MetadataRepository(connection)
            position, unmerged = rebuild_position(metadata), metadata.get(UNMERGED_KEY) is not None
            total = IngestRepository(connection).count_ids() if position is not None or unmerged else 0
            return position, total, unmerged

    def _rebuild(self, position: str, total: int) -> None:
        from_start, today = not position, self._clock().date()

        def written(connection: Connection, page: _MergedPage) -> None:
            MetadataRepository(connection).set(REBUILT_UP_TO_KEY, page.last)

        self._walk(position, total, lambda store, after: store.records_after(after, PAGE), written)
        scored_on = today if from_start and today == self._clock().date() else None
        retry_while_away(self._run.sleep, partial(self._end, REBUILT_UP_TO_KEY, scored_on))

    def _merge_rest(self, total: int) -> None:
        self._walk("", total, lambda store, after: store.unmerged_after(after, PAGE), lambda _connection, _page: None)
        retry_while_away(self._run.sleep, partial(self._end, UNMERGED_KEY, None))

    def _walk(
        self,
        position: str,
        total: int,
        read: Callable[[IngestRepository, str], Mapping[str, Sequence[SourceRecord]]],
        written: Callable[[Connection, _MergedPage], None],
    ) -> None:
        def write(page: _MergedPage) -> None:
            with self._database.transaction() as connection:
                self._run.fence(connection)
                IngestRepository(connection).put_vulnerabilities(page.rows, self._clock(), other_words=True)
                StatementRepository(connection).put(page.statements)
                note_events(connection, page.events)
                written(connection, page)

        done = 0
        with PipelinedWriter(self._run, in_background=self._database.writes_in_server) as writer:
            while (page := retry_while_away(self._run.sleep, partial(self._merge_after, position, read))) is not None:
                self._run.checkpoint()
                writer.put(partial(write, page), again=partial(write, page))
                position, done = page.last, done + len(page.rows)
                self._run.progress(RunPhase.MERGING, done, total)

    def _merge_after(
        self, after: str, read: Callable[[IngestRepository, str], Mapping[str, Sequence[SourceRecord]]]
    ) -> _MergedPage | None:
        with self._database.reading() as connection:
            stored = read(IngestRepository(connection), after)
            epss = EpssRepository(connection).records_of(stored)
            not_exploited = IngestRepository(connection).not_exploited(stored)
        if not stored:
            return None
        now, rows, events, stated = self._clock(), list[MergedRow](), list[NewEvent](), {}
        for vulnerability_id, records in stored.items():
            scores = [epss[vulnerability_id]] if vulnerability_id in epss else []
            merged = merge(vulnerability_id, [*records, *scores])
            if merged is not None:
                rows.append(MergedRow(merged, priority_score(facts_of(merged), now.date())))
                if merged.exploited_in_the_wild and vulnerability_id in not_exploited and self._thresholds.exploited:
                    events.append(change_event(EventKind.EXPLOITED, merged, now))
                stated[vulnerability_id] = statements_of(merged.state, records)
        return _MergedPage(rows, events, statement_changes(stated, before=None), max(stored))

    def _end(self, key: str, scored_on: date | None) -> None:
        """Mark a pass as complete. scored_on: the day of all priorities; None if they are of different days."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            metadata = MetadataRepository(connection)
            metadata.delete(key)
            if key == REBUILT_UP_TO_KEY:
                metadata.set(NEWS_SINCE_KEY, self._clock().isoformat())
            if scored_on is not None:
                record_scoring_day(metadata, scored_on)
