"""The daily pass over all priorities: age changes a score without the record changing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from backend.domain.priority import priority_score
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import MetadataRepository
from backend.store.retry import patiently

PAGE = 5000
SCORED_ON = "priorities_of"


def note_scored(facts: MetadataRepository, day: date) -> None:
    """All scores are those of this day."""
    facts.set(SCORED_ON, day.isoformat())


def refresh_priorities_if_due(database: Database, run: Run, clock: Callable[[], datetime]) -> int:
    """Scores of the day, once a day. Returns how many scores moved."""
    today = clock().date()
    with database.reading() as connection:
        if MetadataRepository(connection).get(SCORED_ON) == today.isoformat():
            return 0
    moved, after = 0, 0
    while True:
        run.checkpoint()
        with database.reading() as connection:
            inputs = IngestRepository(connection).score_inputs(after, PAGE)
        if not inputs:
            break
        scores = [(entry.id, priority_score(entry.facts, today)) for entry in inputs]
        changed = [pair for pair, entry in zip(scores, inputs, strict=True) if pair[1] != entry.priority_score]
        moved += len(changed)
        after = inputs[-1].id

        def write(changed: list[tuple[int, float]] = changed) -> None:
            with database.transaction() as connection:
                run.fence(connection)
                IngestRepository(connection).put_priorities(changed)

        if changed:
            patiently(run.sleep, write)
        run.progress("Priorities", after, None)
    with database.transaction() as connection:
        run.fence(connection)
        note_scored(MetadataRepository(connection), today)
    return moved
