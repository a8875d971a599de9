"""Runs as rows of the history, and the known part of the history: without gaps from the newest run back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.names import ACTIVE_STATES, UPDATE_TASKS, RunState
from backend.contract.tasks import TaskRun
from desktop.ui.formatting import one_line
from desktop.ui.pages.tasks.outcome import counts_of, is_degraded
from desktop.ui.widgets.looks import Look, cancelling_look, degraded_look, run_look, task_word, trigger_word


@dataclass(frozen=True)
class RunRow:
    """A run, or several in succession that are alike.

    Attributes:
        older: The other runs of the row, which are older than `run`.
    """

    run: TaskRun
    look: Look
    task: str
    trigger: str
    counts: str
    older: tuple[TaskRun, ...] = ()

    @property
    def order(self) -> tuple[float, str]:
        """Sort key in the order of the API, newest first; never changes, also when a newer run joins the row."""
        first = self.older[-1] if self.older else self.run
        return -first.queued_at.timestamp(), first.task_id

    def holds(self, task_id: str) -> bool:
        return any(run.task_id == task_id for run in (self.run, *self.older))


def row_of(run: TaskRun) -> RunRow:
    return RunRow(
        run=run,
        look=look_of(run),
        task=one_line(task_word(run.name)),
        trigger=trigger_word(run.trigger),
        counts=counts_of(run),
    )


def look_of(run: TaskRun) -> Look:
    if run.status in ACTIVE_STATES and run.cancel_requested:
        return cancelling_look()
    if run.status is RunState.SUCCESS and is_degraded(run):
        return degraded_look()
    return run_look(run.status)


def took_s(run: TaskRun, now: datetime) -> float | None:
    """Return the seconds from start to end, or to now; None if the run has not started."""
    if run.started_at is None:
        return None
    return max(0.0, ((run.finished_at or now) - run.started_at).total_seconds())


@dataclass(frozen=True)
class RunFilter:
    """Names of a state and a task as in the API; empty for all."""

    state: str = ""
    name: str = ""

    def fits(self, run: TaskRun) -> bool:
        return self.state in ("", run.status) and self.name in ("", run.name)

    def parameters(self) -> dict[str, str]:
        """Query parameters of GET /tasks."""
        return {key: value for key, value in (("state", self.state), ("name", self.name)) if value}


@dataclass(frozen=True)
class RunListing:
    """rows: newest first. complete: there are no older runs."""

    rows: tuple[RunRow, ...] = ()
    complete: bool = False

    def find(self, task_id: str) -> int | None:
        """Return the row number of a run, if it is listed."""
        return next((number for number, row in enumerate(self.rows) if row.holds(task_id)), None)


def refreshed(known: RunListing, first_page: Sequence[RunRow], *, complete: bool) -> RunListing:
    """Merge the newest page into what is known.

    Older rows are kept if the page reaches down to them; otherwise there may be unknown runs in between.
    """
    if complete or known.find(first_page[-1].run.task_id) is None:
        return RunListing(tuple(first_page), complete)
    older = [row for row in known.rows if row.order > first_page[-1].order]
    return replace(known, rows=(*first_page, *older))


def extended(known: RunListing, page: Sequence[RunRow], *, last: bool) -> RunListing:
    """Add an older page. It overlaps with known rows if runs were added in the meantime."""
    rows = _sorted({row.run.task_id: row for row in (*known.rows, *page)}.values())
    return RunListing(rows, last or len(rows) == len(known.rows))


def with_changed(known: RunListing, runs: Iterable[TaskRun], wanted: RunFilter) -> RunListing:
    """Merge runs that have changed.

    Args:
        known: the listing so far.
        runs: the newest runs, regardless of the filter.
        wanted: the filter.

    Returns:
        The same object if nothing has changed.
    """
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


def folded(listing: RunListing) -> RunListing:
    """Put runs in succession that are alike into one row, so that statistics do not hide the updates between them.

    Updates, and runs that have not succeeded, keep a row of their own.
    """
    rows: list[RunRow] = []
    for row in listing.rows:
        if rows and _is_routine(row.run) and _is_routine(rows[-1].run) and row.run.name == rows[-1].run.name:
            rows[-1] = replace(rows[-1], older=(*rows[-1].older, row.run))
        else:
            rows.append(row)
    return replace(listing, rows=tuple(rows))


def _is_routine(run: TaskRun) -> bool:
    return run.name not in UPDATE_TASKS and run.status is RunState.SUCCESS


def _in_reach(known: RunListing, run: TaskRun) -> bool:
    return known.complete or (bool(known.rows) and run.queued_at >= known.rows[-1].run.queued_at)


def _sorted(rows: Iterable[RunRow]) -> tuple[RunRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.order))
