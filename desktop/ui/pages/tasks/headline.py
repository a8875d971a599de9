"""The summary of the page: the running update or the last one; and why a task cannot be started."""

from __future__ import annotations

from datetime import datetime

from backend.contract.names import UPDATE_TASKS, RunState, TaskName
from backend.contract.schedule import ScheduledTask
from backend.contract.tasks import Progress, ProgressUnit, TaskRun
from desktop.state.app_state import AppState, last_update
from desktop.ui.formatting import ago, one_line, translate
from desktop.ui.pages.tasks.outcome import counts_of, is_degraded
from desktop.ui.widgets.problem_texts import problem_title
from desktop.ui.widgets.progress import RateMeter, amount_words, left_words, phase_words, whole_words


class Headline:
    """Keeps the rate of the running update."""

    def __init__(self) -> None:
        self._meter = RateMeter()

    def words(self, state: AppState, moment: datetime, at: float) -> str:
        """Return the summary.

        Args:
            state: what is known.
            moment: now.
            at: now in seconds of a monotonic clock.
        """
        if state.snapshot is None:
            return translate("tasks", "Waiting for the services")
        if state.update is not None:
            return self._running(state.update, at)
        if (run := last_update(state)) is not None:
            return _ended(run, moment)
        entries = [entry for entry in state.snapshot.schedule if entry.task in UPDATE_TASKS and entry.last_run_at]
        return _scheduled(entries[0], moment) if entries else translate("tasks", "No update yet")

    def _running(self, run: TaskRun, at: float) -> str:
        progress = run.progress
        rate = self._meter.add(progress, at)
        if run.cancel_requested:
            return translate("tasks", "Cancelling the update…")
        if run.status is RunState.PENDING:
            return translate("tasks", "An update is waiting to start")
        parts = (phase_words(progress), _amount(progress), whole_words(progress), left_words(progress, rate))
        details = ", ".join(part for part in parts if part)
        return translate("tasks", "Updating: {0}").format(details) if details else translate("tasks", "Updating")


def _amount(progress: Progress) -> str:
    amount = amount_words(progress)
    if progress.unit is ProgressUnit.BYTES or not progress.total:
        return amount
    return translate("tasks", "{0} records").format(amount)


def _ended(run: TaskRun, moment: datetime) -> str:
    when = ago(run.finished_at or run.queued_at, moment)
    if run.status is RunState.REVOKED:
        return translate("tasks", "Last update cancelled {0}").format(when)
    if run.status is RunState.FAILURE:
        title = one_line(problem_title(run.error.problem)) if run.error else ""
        sentence = translate("tasks", "Last update failed {0}").format(when)
        return f"{sentence}: {title}" if title else sentence
    sentence = translate("tasks", "Last update completed {0}")
    if is_degraded(run):
        sentence = translate("tasks", "Last update partly completed {0}")
    counts = counts_of(run)
    return f"{sentence.format(when)}: {counts}" if counts else sentence.format(when)


def _scheduled(entry: ScheduledTask, moment: datetime) -> str:
    """Sum up the last update by its schedule entry, when its run is no longer among the newest."""
    when = ago(entry.last_run_at or moment, moment)
    if entry.last_status is RunState.FAILURE:
        return translate("tasks", "Last update failed {0}").format(when)
    return translate("tasks", "Last update {0}").format(when)


def why_no_update(state: AppState) -> str:
    """Return why an update cannot be started; empty if it can."""
    if state.update is not None:
        return translate("tasks", "An update is already running")
    return _why_unavailable(state)


def why_not_repeatable(run: TaskRun, state: AppState) -> str:
    """Return why a run cannot be repeated; empty if it can."""
    if run.name not in set(TaskName):
        return translate("tasks", "This version does not support this task")
    return why_no_update(state) if run.name in UPDATE_TASKS else _why_unavailable(state)


def _why_unavailable(state: AppState) -> str:
    return "" if state.snapshot else translate("tasks", "The services are not ready yet")
