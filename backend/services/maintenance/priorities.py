"""Refresh all priority scores once a day, because the age of a record changes its score."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from backend.contract.tasks import RunPhase
from backend.domain.priority import priority_score
from backend.services.runs.queue import Run
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import SCORING_DAY_KEY, MetadataRepository
from backend.store.retry import retry_while_away

PAGE = 5000


def record_scoring_day(metadata: MetadataRepository, day: date) -> None:
    """Record that all scores were computed for this day."""
    metadata.set(SCORING_DAY_KEY, day.isoformat())


def refresh_priorities_if_due(database: Database, run: Run, clock: Callable[[], datetime]) -> int:
    """Compute all scores for today unless that was done before. Returns the number of changed scores."""
    today = clock().date()
    with database.reading() as connection:
        if MetadataRepository(connection).get(SCORING_DAY_KEY) == today.isoformat():
            return 0
    changed_count, after = 0, 0
    while True:
        run.checkpoint()
        with database.reading() as connection:
            inputs = IngestRepository(connection).score_inputs(after, PAGE)
        if not inputs:
            break
        scores = [(entry.id, priority_score(entry.facts, today)) for entry in inputs]
        changed = [pair for pair, entry in zip(scores, inputs, strict=True) if pair[1] != entry.priority_score]
        changed_count += len(changed)
        after = inputs[-1].id

        def write(changed: list[tuple[int, float]] = changed) -> None:
            with database.transaction() as connection:
                run.fence(connection)
                IngestRepository(connection).put_priorities(changed)

        if changed:
            retry_while_away(run.sleep, write)
        run.progress(RunPhase.PRIORITISING, after, None)
    with database.transaction() as connection:
        run.fence(connection)
        record_scoring_day(MetadataRepository(connection), today)
    return changed_count
