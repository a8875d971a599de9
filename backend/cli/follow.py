"""Following a run until it ends, through restarts of the API."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from backend.cli.session import Terminal
from backend.client.api import ApiClient
from backend.client.transport import ApiError
from backend.contract.errors import OpenThreatError
from backend.contract.formatting import clean, number
from backend.contract.names import FINAL_STATES, RunState, Source
from backend.contract.tasks import Progress, TaskRun

PATIENCE_S = 60.0
"""How long the API may stay away before waiting is given up."""
NOT_TAKEN = "Waiting: all workers are busy, or none runs (`openthreat workers` tells)"
_WAITING = (RunState.PENDING, RunState.RETRY)
_PAUSE_S = 1.0
_WORKER_EXPECTED = timedelta(seconds=15)


class NotTaken(OpenThreatError):  # noqa: N818 - names a state
    """A run waits, and no worker begins it."""


class GivenUp(ApiError):  # noqa: N818 - names a state
    """The API stayed away for too long; the run itself goes on."""


def states(ask: Callable[[], TaskRun], clock: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[TaskRun]:
    """The run, which the API has just accepted, as it is about once a second, to its final state.

    Raises GivenUp for an API that went away, and what else `ask` raises.
    """
    answered = clock()
    while True:
        try:
            run = ask()
        except ApiError as error:
            if not error.temporary:
                raise
            if clock() - answered > PATIENCE_S:
                raise GivenUp(f"{error.message} The run itself goes on.", error.hint, error.title) from error
        else:
            answered = clock()
            yield run
            if run.status in FINAL_STATES:
                return
        sleep(_PAUSE_S)


def follow(
    client: ApiClient,
    task_id: str,
    terminal: Terminal,
    *,
    patience_s: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> TaskRun:
    """Shows a run until it ends: a live bar on a terminal, plain lines elsewhere, nothing for programs.

    Raises NotTaken when no worker has begun it within `patience_s` seconds, GivenUp when the API stays away.
    """
    runs = states(lambda: client.run(task_id), clock, sleep)
    if not terminal.as_json:
        runs = _with_bar(runs, terminal) if terminal.interactive else _with_lines(runs, terminal)
    began = clock()
    for last in runs:
        run = last
        if patience_s is not None and run.status in _WAITING and clock() - began > patience_s:
            raise NotTaken(
                "No worker took the task",
                f"It has been waiting for {patience_s:.0f} s.",
                "`openthreat workers` shows who works, `openthreat doctor` what is wrong.",
            )
    return run


def describe(run: TaskRun, now: datetime) -> str:
    """Where a run stands, in one line."""
    if run.status in _WAITING:
        return NOT_TAKEN if now - run.queued_at > _WORKER_EXPECTED else "Waiting for a worker"
    progress = run.progress
    return "  ".join(filter(None, (progress.phase or "Working", _amount(progress), progress.message)))


def describe_source(progress: Progress, source: Source) -> str:
    told = progress.sources[source]
    return " ".join(filter(None, (source.value, told.state, told.phase)))


def _amount(progress: Progress) -> str:
    if progress.total:
        return (
            f"{number(progress.done)} of {number(progress.total)} ({min(100, 100 * progress.done // progress.total)} %)"
        )
    return number(progress.done) if progress.done else ""


def _with_lines(runs: Iterator[TaskRun], terminal: Terminal) -> Iterator[TaskRun]:
    """A line for each new phase and each change of a source, not for each step of the counter."""
    told: set[str] = set()
    for run in runs:
        line = describe(run, datetime.now(UTC))
        lines = {line if run.status in _WAITING else run.progress.phase: line}
        lines |= {text: text for text in (describe_source(run.progress, source) for source in run.progress.sources)}
        for key, line in lines.items():
            if key not in told and run.status not in FINAL_STATES:
                terminal.say(line)
        told |= lines.keys()
        yield run


def _with_bar(runs: Iterator[TaskRun], terminal: Terminal) -> Iterator[TaskRun]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(file=terminal.stream, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("", total=None)
        for run in runs:
            bars.update(
                bar,
                description=clean(describe(run, datetime.now(UTC))),
                completed=run.progress.done,
                total=run.progress.total or None,
                refresh=True,
            )
            yield run
