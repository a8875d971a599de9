"""A run as the history tells it: made where there is time for it, shown as it is."""

from __future__ import annotations

from dataclasses import dataclass
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
