"""A run as the history tells it: made where there is time for it, shown as it is.

The history as far as it is known: a piece of it without gaps, from the newest run back. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.names import ACTIVE_STATES, RunState
from backend.contract.tasks import TaskRun
from desktop.ui.formatting import one_line
from desktop.ui.pages.tasks.outcome import came_of, is_degraded
from desktop.ui.widgets.looks import Look, cancelling_look, degraded_look, run_look, task_word, trigger_word


@dataclass(frozen=True)
class RunRow:
    run: TaskRun
    look: Look
    task: str
    trigger: str
    counts: str

    @property
    def order(self) -> tuple[float, str]:
        """The smaller, the newer, as the API lists them; stays the same for as long as there is the run."""
        return -self.run.queued_at.timestamp(), self.run.task_id


def row_of(run: TaskRun) -> RunRow:
    return RunRow(
        run=run,
        look=look_of(run),
        task=one_line(task_word(run.name)),
        trigger=trigger_word(run.trigger),
        counts=came_of(run),
    )


def look_of(run: TaskRun) -> Look:
    if run.status in ACTIVE_STATES and run.cancel_requested:
        return cancelling_look()
    if run.status is RunState.SUCCESS and is_degraded(run):
        return degraded_look()
    return run_look(run.status)


def took_s(run: TaskRun, now: datetime) -> float | None:
    """Seconds from its beginning to its end, or to now; None for one that has not begun."""
    if run.started_at is None:
        return None
    return max(0.0, ((run.finished_at or now) - run.started_at).total_seconds())


@dataclass(frozen=True)
class RunFilter:
    """state, name: as the API names them; empty for all."""

    state: str = ""
    name: str = ""

    def fits(self, run: TaskRun) -> bool:
        return self.state in ("", run.status) and self.name in ("", run.name)

    def parameters(self) -> dict[str, str]:
        """Of GET /tasks."""
        return {key: value for key, value in (("state", self.state), ("name", self.name)) if value}


@dataclass(frozen=True)
class RunListing:
    """rows: newest first. whole: nothing older is left to be asked for."""

    rows: tuple[RunRow, ...] = ()
    whole: bool = False

    def find(self, task_id: str) -> int | None:
        """Its place."""
        return next((place for place, row in enumerate(self.rows) if row.run.task_id == task_id), None)


def refreshed(known: RunListing, first_page: Sequence[RunRow], *, whole: bool) -> RunListing:
    """The newest page, asked for anew: it says everything of its stretch of time. What is known of older runs stays
    where the page reaches down to it; otherwise there may be runs between that nobody has asked for.
    """
    if whole or known.find(first_page[-1].run.task_id) is None:
        return RunListing(tuple(first_page), whole)
    older = [row for row in known.rows if row.order > first_page[-1].order]
    return replace(known, rows=(*first_page, *older))


def extended(known: RunListing, page: Sequence[RunRow], *, last: bool) -> RunListing:
    """An older page; where runs came in meanwhile, some of it is known already."""
    rows = _sorted({row.run.task_id: row for row in (*known.rows, *page)}.values())
    return RunListing(rows, last or len(rows) == len(known.rows))


def with_news(known: RunListing, runs: Iterable[TaskRun], wanted: RunFilter) -> RunListing:
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


def _in_reach(known: RunListing, run: TaskRun) -> bool:
    return known.whole or (bool(known.rows) and run.queued_at >= known.rows[-1].run.queued_at)


def _sorted(rows: Iterable[RunRow]) -> tuple[RunRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.order))
