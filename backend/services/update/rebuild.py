"""Computes every merged vulnerability anew from the stored claims, in one walk over all ids in order.

Due after a source's first load and when the merge rules changed. `rebuild_state` remembers how far it has come, so
that it goes on after a kill; while it is under way, ingest merges only what lies behind it.

How far the rebuild of the merged vulnerabilities has come, as facts in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

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
from backend.store.retry import patiently

REBUILT_UP_TO = "rebuilt_up_to"
MERGED_BY = "merge_version"
BULK = "rebuild_bulk"


def begin_rebuild(facts: MetadataRepository) -> None:
    facts.set(REBUILT_UP_TO, "")
    facts.set(MERGED_BY, str(MERGE_VERSION))


def begin_if_rules_changed(facts: MetadataRepository) -> None:
    merged_by = facts.get(MERGED_BY)
    if merged_by is not None and merged_by != str(MERGE_VERSION):
        begin_rebuild(facts)


def rebuild_position(facts: MetadataRepository) -> str | None:
    """The last id merged by the rebuild under way, "" where it has not begun to walk; None when none is under way."""
    return facts.get(REBUILT_UP_TO)


def advance_rebuild(facts: MetadataRepository, last_id: str) -> None:
    facts.set(REBUILT_UP_TO, last_id)


def note_bulk(facts: MetadataRepository, *, empty: bool) -> bool:
    """Whether the merged tables held nothing when the walk began; remembered, for a walk that goes on after a kill."""
    if empty:
        facts.set(BULK, "yes")
    return facts.get(BULK) is not None


def end_rebuild(facts: MetadataRepository) -> None:
    facts.forget(REBUILT_UP_TO)
    facts.forget(BULK)


PAGE = 1000
PHASE = "Merging"


@dataclass(frozen=True)
class _Step:
    """One page of the walk: merged rows with their priorities, and the last id that it covers."""

    rows: list[tuple[MergedVulnerability, float]]
    last: str


class Rebuild:
    def __init__(self, database: Database, run: Run, clock: Callable[[], datetime]) -> None:
        self._database, self._run, self._clock = database, run, clock

    def finish(self) -> int:
        """Walks to the end if a rebuild is under way. Returns how many vulnerabilities it wrote.

        With no claims stored at all there is nothing to walk over, and the rebuild stays due.
        """
        position, total = patiently(self._run.sleep, self._read_position)
        if position is None or not total:
            return 0
        bulk = patiently(self._run.sleep, self._prepare)
        today = self._clock().date()
        from_the_start = not position
        written = 0
        with PipelinedWriter(self._run, apart=self._database.writes_apart) as writer:
            while (step := patiently(self._run.sleep, partial(self._merge_after, position))) is not None:
                self._run.checkpoint()
                write = partial(self._write, step, bulk=bulk)
                writer.put(write, again=write)
                position = step.last
                written += len(step.rows)
                self._run.progress(PHASE, written, total)
        self._run.progress("Building the search index", written, total)
        scored_on = today if from_the_start and today == self._clock().date() else None
        patiently(self._run.sleep, partial(self._end, scored_on))
        return written

    def _read_position(self) -> tuple[str | None, int]:
        with self._database.reading() as connection:
            position = rebuild_position(MetadataRepository(connection))
            return position, 0 if position is None else IngestRepository(connection).count_ids()

    def _prepare(self) -> bool:
        """True where the merged tables start empty: there are no older rows to look for, indexes come at the end."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            store = IngestRepository(connection)
            bulk = note_bulk(MetadataRepository(connection), empty=store.is_empty())
            if bulk:
                store.drop_secondary_indexes()
            return bulk

    def _merge_after(self, after: str) -> _Step | None:
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
        return _Step(rows, stored[-1].vulnerability_id)

    def _write(self, step: _Step, *, bulk: bool) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            IngestRepository(connection).put_vulnerabilities(step.rows, self._clock(), bulk=bulk)
            advance_rebuild(MetadataRepository(connection), step.last)

    def _end(self, scored_on: date | None) -> None:
        """The indexes first and by themselves: they take long, and the run's own row must stay free to be written.

        scored_on: the day of all priorities, where the whole walk fell into one.
        """
        with self._database.transaction() as connection:
            IngestRepository(connection).build_secondary_indexes()
        with self._database.transaction() as connection:
            self._run.fence(connection)
            facts = MetadataRepository(connection)
            end_rebuild(facts)
            if scored_on is not None:
                record_scoring_day(facts, scored_on)
