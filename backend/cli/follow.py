"""Follow a run until it ends. A restart of the API in the meantime does not stop that."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from backend.cli.session import Terminal
from backend.client.api import ApiClient
from backend.client.transport import ApiError
from backend.contract.errors import OpenThreatError
from backend.contract.formatting import clean, duration, number, sentences, size
from backend.contract.names import FINAL_STATES, Role, RunState, Source, shared_queue
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, problem
from backend.contract.tasks import Progress, ProgressUnit, RunPhase, TaskRun, share_of
from backend.contract.wire import utc_now
from backend.contract.workers import WorkersStatus

API_TIMEOUT_S = 60.0
"""Longest time in seconds without an answer of the API."""
NOT_STARTED = "Waiting: all workers are busy, or none is running (see `openthreat workers`)"
_PHASES = {
    RunPhase.UNKNOWN: "",
    RunPhase.CHECKING: "Checking the bundle",
    RunPhase.DOWNLOADING: "Downloading",
    RunPhase.READING: "Reading",
    RunPhase.MERGING: "Merging the records of all sources",
    RunPhase.INDEXING: "Building the search index",
    RunPhase.PRIORITISING: "Computing the priorities",
    RunPhase.COUNTING: "Computing the statistics",
    RunPhase.TESTING: "Testing",
    RunPhase.MATCHING: "Matching what is installed",
}
_WAITING = (RunState.PENDING, RunState.RETRY)
_INTERVAL_S = 1.0
NO_WORKER_TIMEOUT_S = 60.0
"""Seconds that a run may wait without a worker for it; a worker that is restarted is back sooner."""
_WORKERS_INTERVAL_S = 5.0
_WORKER_DELAY = timedelta(seconds=15)


class RunNotStarted(OpenThreatError):  # noqa: N818 - names a state
    """No worker has started the run in time."""


class ApiLost(ApiError):  # noqa: N818 - names a state
    """The API has not answered for too long. The run continues."""


def poll_run(
    fetch: Callable[[], TaskRun], clock: Callable[[], float], sleep: Callable[[float], None]
) -> Iterator[TaskRun]:
    """Yield the run about once a second, up to and including its final state.

    Args:
        fetch: Reads the run from the API.
        clock: Monotonic seconds.

    Raises:
        ApiLost: The API did not answer for API_TIMEOUT_S. Other errors of `fetch` are raised at once.
    """
    answered_at = clock()
    while True:
        try:
            run = fetch()
        except ApiError as error:
            if not error.temporary:
                raise
            if clock() - answered_at > API_TIMEOUT_S:
                raise ApiLost(f"{error.message} The run itself continues.", error.hint, error.title) from error
        else:
            answered_at = clock()
            yield run
            if run.status in FINAL_STATES:
                return
        sleep(_INTERVAL_S)


def follow(
    client: ApiClient,
    task_id: str,
    terminal: Terminal,
    *,
    start_timeout_s: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> TaskRun:
    """Show a run until it ends: a progress bar on a terminal, lines otherwise, nothing in JSON mode.

    Args:
        start_timeout_s: Longest time in seconds until a worker starts the run; None waits without limit.

    Raises:
        RunNotStarted: No worker has started the run in time, or there is none that ever would.
        ApiLost: The API has not answered for API_TIMEOUT_S.
    """
    runs = poll_run(lambda: client.run(task_id), clock, sleep)
    if not terminal.as_json:
        runs = _show_bar(runs, terminal) if terminal.interactive else _print_lines(runs, terminal)
    watch, began_at = WaitingWatch(client, clock), clock()
    for state in runs:
        run = state
        if run.status not in _WAITING:
            continue
        found = watch.look(run)
        if start_timeout_s is not None and clock() - began_at > start_timeout_s:
            raise _not_started(f"It has been waiting for {start_timeout_s:.0f} s.", found)
        if found is not None and watch.lasted_s > NO_WORKER_TIMEOUT_S:
            raise _not_started("It stays in the queue until a worker takes it.", found)
    return run


class WaitingWatch:
    """Checks at intervals whether there is a worker for a waiting run.

    Attributes:
        lasted_s: Seconds, without a break, in which there was none.
    """

    def __init__(self, client: ApiClient, clock: Callable[[], float]) -> None:
        self._client, self._clock, self._asked_at = client, clock, -_WORKERS_INTERVAL_S
        self._found: Problem | None = None
        self._since = clock()

    @property
    def lasted_s(self) -> float:
        return self._clock() - self._since if self._found else 0.0

    def look(self, run: TaskRun) -> Problem | None:
        """Return why no worker will take the run; None if one may, or if the API does not answer."""
        if self._clock() - self._asked_at >= _WORKERS_INTERVAL_S:
            self._asked_at = self._clock()
            before, self._found = self._found, self._look(run)
            if before is None or self._found is None:
                self._since = self._asked_at
        return self._found

    def _look(self, run: TaskRun) -> Problem | None:
        try:
            return why_untaken(run, self._client.workers())
        except ApiError:
            return None


def why_untaken(run: TaskRun, workers: WorkersStatus) -> Problem | None:
    """Return why no worker is about to take a waiting run; None if its worker is only busy."""
    queue = run.queue
    serving = [worker for worker in workers.workers if queue in worker.queues]
    if not workers.workers:
        return problem(ProblemId.WORKERS_MISSING)
    if not serving and queue != shared_queue(queue):
        reason = "Only the workers of one PC of the team take it, and none of them is running."
        return problem(ProblemId.TASK_UNTAKEN, {"reason": reason})
    if not serving:
        return problem(ProblemId.QUEUE_UNSERVED, {"queue": queue}, service=f"{Role.WORKER}-{queue}")
    if any(worker.current_task for worker in serving):
        return None
    if run.task_id not in {task.task_id for task in workers.waiting}:
        if not workers.beats:
            reason = "The broker did not get the run, and the scheduler, which would send it again, is not running."
            return problem(ProblemId.SCHEDULE_UNATTENDED, {"message": reason})
        return problem(ProblemId.TASK_UNTAKEN, {"reason": "The broker did not take the run."})
    return problem(ProblemId.TASK_UNTAKEN, {"reason": f"A worker of the queue {queue} is idle and does not take it."})


def _not_started(waits: str, found: Problem | None) -> RunNotStarted:
    hint = "Run `openthreat workers` to see the workers, and `openthreat doctor` to find the cause."
    if found is None:
        return RunNotStarted("No worker started the task", waits, hint)
    return RunNotStarted("No worker started the task", sentences(f"{found}", waits), sentences(found.advice, hint))


def describe_run(run: TaskRun, now: datetime) -> str:
    """Return state and progress of a run in one line."""
    if run.status in _WAITING:
        return NOT_STARTED if now - run.queued_at > _WORKER_DELAY else "Waiting for a worker"
    progress = run.progress
    step = f"step {progress.step} of {progress.steps}" if progress.steps else ""
    return "  ".join(filter(None, (_activity(progress), _amount(progress), step, _whole(progress))))


def _whole(progress: Progress) -> str:
    """How far the whole run is; empty where it has only one phase."""
    if progress.share is None:
        return ""
    left = f", about {duration(timedelta(seconds=progress.left_s))} left" if progress.left_s is not None else ""
    return f"{100 * progress.share:.0f} % of all{left}"


def _activity(progress: Progress) -> str:
    return " ".join(filter(None, (_PHASES[progress.phase], progress.message))) or "Working"


def describe_source(progress: Progress, source: Source) -> str:
    entry = progress.sources[source]
    if entry.trouble:
        return f"{source.value}: {entry.trouble} Trying again."
    return f"{source.value} {entry.state}".strip()


def _amount(progress: Progress) -> str:
    count = size if progress.unit is ProgressUnit.BYTES else number
    if progress.total:
        percent = min(100, 100 * progress.done // progress.total)
        return f"{count(progress.done)} of {count(progress.total)} ({percent} %)"
    return count(progress.done) if progress.done else ""


def _print_lines(runs: Iterator[TaskRun], terminal: Terminal) -> Iterator[TaskRun]:
    """Print a line for each new phase, each tenth of the whole and each change of a source, not for each count."""
    printed: set[str] = set()
    for run in runs:
        line = describe_run(run, utc_now())
        tenth = "" if run.progress.share is None else f" {int(10 * run.progress.share)}"
        lines = {line if run.status in _WAITING else _activity(run.progress) + tenth: line}
        lines |= {text: text for text in (describe_source(run.progress, source) for source in run.progress.sources)}
        for key, line in lines.items():
            if key not in printed and run.status not in FINAL_STATES:
                terminal.print_line(line)
        printed |= lines.keys()
        yield run


def _show_bar(runs: Iterator[TaskRun], terminal: Terminal) -> Iterator[TaskRun]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    # The time left is part of the description: the bar's own estimate knows nothing of the phases to come.
    console = Console(file=terminal.stream, highlight=False, markup=False, emoji=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("", total=None)
        for run in runs:
            bars.update(
                bar,
                description=clean(describe_run(run, utc_now())),
                completed=share_of(run.progress) or 0.0,
                total=1.0 if share_of(run.progress) is not None else None,
                refresh=True,
            )
            yield run
