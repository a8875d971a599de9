"""The history as far as it is known: a piece of it without gaps, from the newest run back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.contract.tasks import TaskRun
from desktop.ui.pages.tasks.filters import RunFilter
from desktop.ui.pages.tasks.rows import RunRow, row_of


@dataclass(frozen=True)
class Listing:
    """rows: newest first. whole: nothing older is left to be asked for."""

    rows: tuple[RunRow, ...] = ()
    whole: bool = False

    def find(self, task_id: str) -> int | None:
        """Its place."""
        return next((place for place, row in enumerate(self.rows) if row.run.task_id == task_id), None)


def refreshed(known: Listing, first_page: Sequence[RunRow], *, whole: bool) -> Listing:
    """The newest page, asked for anew: it says everything of its stretch of time. What is known of older runs stays
    where the page reaches down to it; otherwise there may be runs between that nobody has asked for.
    """
    if whole or known.find(first_page[-1].run.task_id) is None:
        return Listing(tuple(first_page), whole)
    older = [row for row in known.rows if row.order > first_page[-1].order]
    return replace(known, rows=(*first_page, *older))


def extended(known: Listing, page: Sequence[RunRow], *, last: bool) -> Listing:
    """An older page; where runs came in meanwhile, some of it is known already."""
    rows = _sorted({row.run.task_id: row for row in (*known.rows, *page)}.values())
    return Listing(rows, last or len(rows) == len(known.rows))


def with_news(known: Listing, runs: Iterable[TaskRun], wanted: RunFilter) -> Listing:
    """runs: the newest there are, whatever the filter. Returns the same object where they tell nothing new."""
    rows = {row.run.task_id: row for row in known.rows}
    for run in runs:
        before = rows.get(run.task_id)
        if before is not None and before.run == run:
            continue
        if not wanted.fits(run):
            rows.pop(run.task_id, None)
        elif before is not None or _in_reach(known, run):
            rows[run.task_id] = row_of(run)
    merged = _sorted(rows.values())
    return known if merged == known.rows else replace(known, rows=merged)


def _in_reach(known: Listing, run: TaskRun) -> bool:
    return known.whole or (bool(known.rows) and run.queued_at >= known.rows[-1].run.queued_at)


def _sorted(rows: Iterable[RunRow]) -> tuple[RunRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.order))
