"""What is wrong with the data: sources, runs and the schedule. Pure; `openthreat doctor` and the windows both read it.

One cause is one problem: an unavailable network explains every source and the update, and a paused schedule explains
data that are out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from backend.contract.errors import ErrorFields
from backend.contract.formatting import sentences
from backend.contract.names import ACTIVE_STATES, UPDATE_TASKS, RunState, TaskName
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import COMMON_CAUSES, UPDATE, Problem, common_cause, problem
from backend.contract.schedule import ScheduledTask, SchedulePause
from backend.contract.sources import SourceState, SourceStatus
from backend.contract.tasks import TaskRun
from backend.contract.webhooks import Webhook, WebhookState

_TASKS = {
    TaskName.CLEAN_CACHE: "The cleanup",
    TaskName.UPDATE_STATS: "Computing the statistics",
    TaskName.TEST: "The test",
    TaskName.MATCH: "Matching what is installed",
    TaskName.REPORT: "The report",
    TaskName.SEND_WEBHOOKS: "Sending to the webhooks",
}
_REMEDIES = {TaskName.REPORT: (Remedy.OPEN_REPORT_SETTINGS,)}
_FAILING = (SourceState.DEGRADED, SourceState.FAILING)
_DECIDED = (RunState.SUCCESS, RunState.FAILURE)
_UNTIL_RESUMED = "it is resumed"


def data_problems(
    sources: Sequence[SourceStatus],
    runs: Sequence[TaskRun],
    schedule: Sequence[ScheduledTask],
    pause: SchedulePause,
    *,
    attended: bool = True,
    webhooks: Sequence[Webhook] = (),
) -> tuple[Problem, ...]:
    """Return all problems of the data. While an update runs, problems of sources are left out: it may solve them.

    Args:
        runs: The newest runs, newest first.
        attended: Whether a scheduler runs; without one, another problem already explains data that are out of date.
    """
    planned = schedule_problems(schedule, pause)
    failed = [*run_problems(runs, schedule), *_unsent(webhooks)]
    if any(run.name in UPDATE_TASKS and run.status in ACTIVE_STATES for run in runs):
        return (*planned, *failed)
    update = next((found for found in failed if found.task == UPDATE), None)
    asked = [source for source in sources if source.enabled]
    failing = list(_failing(asked))
    if update and failing and failing[0].id in COMMON_CAUSES:
        failing[0] = replace(failing[0], task=UPDATE, occurrences=update.occurrences)
        failed.remove(update)
    elif update and failing and all(source.state in _FAILING for source in asked):
        failed[failed.index(update)] = replace(update, affects=_labels(asked))
        failing = []
    explained = bool(planned or not attended or update or (failing[:1] and failing[0].id in COMMON_CAUSES))
    stale = [] if explained else list(_stale(asked))
    return (*failed, *failing, *planned, *stale, *_never(asked))


def schedule_problems(schedule: Sequence[ScheduledTask], pause: SchedulePause) -> tuple[Problem, ...]:
    """Return why the schedule starts no update: it is paused, or no update in it is turned on."""
    if pause.paused:
        moment = pause.until.isoformat() if pause.until else ""
        until = f"{pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else _UNTIL_RESUMED
        return (problem(ProblemId.SCHEDULE_PAUSED, {"until": until, "moment": moment}),)
    if schedule and not any(entry.enabled and entry.task in UPDATE_TASKS for entry in schedule):
        return (problem(ProblemId.UPDATES_OFF),)
    return ()


def run_problems(runs: Sequence[TaskRun], schedule: Sequence[ScheduledTask]) -> Iterator[Problem]:
    """Yield a problem for each task whose last completed run failed. Cancelled and active runs do not count.

    Args:
        runs: The newest runs, newest first.
        schedule: Used for tasks without a run among these: an entry has the state of its last run.
    """
    active = {task_of(run.name) for run in runs if run.status in ACTIVE_STATES}
    for task in (UPDATE, *_TASKS):
        if task in active:
            continue
        decided = [run for run in runs if task_of(run.name) == task and run.status in _DECIDED]
        if failures := _failures(decided):
            yield _failed(task, failures[0].error, tuple(run.task_id for run in failures))
        if decided:
            continue
        entry = next((entry for entry in schedule if task_of(entry.task) == task), None)
        if entry and entry.last_status is RunState.FAILURE:
            yield _failed(task, None, (entry.last_task_id,) if entry.last_task_id else ())


def _unsent(webhooks: Sequence[Webhook]) -> Iterator[Problem]:
    """Yield one problem for all webhooks to which nothing could be sent for a day."""
    failing = [webhook for webhook in webhooks if webhook.state is WebhookState.FAILING]
    if failing:
        words = {"webhooks": ", ".join(webhook.name for webhook in failing), "reason": failing[0].error}
        begun = tuple(f"{webhook.id} {webhook.failing_since}" for webhook in failing)
        yield replace(problem(ProblemId.WEBHOOK_FAILING, words), occurrences=begun)


def task_of(name: str) -> str:
    """Return the value of Problem.task: UPDATE for both update tasks, else the name of the task."""
    return UPDATE if name in UPDATE_TASKS else name


def last_decided(task: str, runs: Sequence[TaskRun], schedule: Sequence[ScheduledTask]) -> RunState | None:
    """Return how the last run that was not cancelled ended, SUCCESS or FAILURE; None if that is not known."""
    states = [run.status for run in runs if task_of(run.name) == task]
    states += [entry.last_status for entry in schedule if task_of(entry.task) == task and entry.last_status]
    return next((state for state in states if state in _DECIDED), None)


def _failures(decided: Sequence[TaskRun]) -> list[TaskRun]:
    """Return the failures since the last success."""
    found = []
    for run in decided:
        if run.status is RunState.SUCCESS:
            break
        found.append(run)
    return found


def _failed(task: str, error: ErrorFields | None, runs: tuple[str, ...]) -> Problem:
    cause = error.problem.id if error else ProblemId.UPDATE_FAILED
    if task == UPDATE and error and cause in COMMON_CAUSES - {ProblemId.DISK_FULL}:
        found = problem(cause, {"reason": error.message})
    elif task == UPDATE and error and cause in (ProblemId.DISK_FULL, ProblemId.SOURCES_OFF):
        found = error.problem
    else:
        words = {"reason": sentences(str(error)) if error else "", "advice": error.hint if error else ""}
        if task == UPDATE:
            found = problem(ProblemId.UPDATE_FAILED, words)
        else:
            remedies = _REMEDIES.get(TaskName(task), ())
            found = problem(ProblemId.JOB_FAILED, {"task": _TASKS[TaskName(task)], **words}, remedies=remedies)
    return replace(found, task=task, occurrences=runs)


def _failing(asked: Sequence[SourceStatus]) -> Iterator[Problem]:
    """Yield one problem for all sources with the same kind of error."""
    bad = [source for source in asked if source.state in _FAILING]
    ids = [_problem_id(source) for source in bad]
    if len(bad) == len(asked) and (cause := common_cause(ids)):
        errors = [source.last_error for source in bad if source.last_error]
        reason = {"reason": sentences(errors[0].message)}
        found = errors[0].problem if cause is ProblemId.DISK_FULL else problem(cause, reason)
        yield replace(found, sources=_names(bad), affects=_labels(bad), occurrences=_attempts(bad))
        return
    for problem_id in dict.fromkeys(ids):
        yield _group(problem_id, [source for source in bad if _problem_id(source) == problem_id])


def _group(problem_id: ProblemId, group: Sequence[SourceStatus]) -> Problem:
    errors = [source.last_error for source in group if source.last_error]
    if len(group) == 1:
        often = f"It failed {group[0].failures} times in a row." if group[0].failures > 1 else ""
        reason = sentences(*map(str, errors), often)
    else:
        reason = sentences(*dict.fromkeys(error.message or error.title for error in errors))
    advice = " ".join(dict.fromkeys(error.hint for error in errors if error.hint))
    unreachable = problem_id is ProblemId.SOURCE_UNREACHABLE
    found = problem(
        ProblemId.SOURCE_UNREACHABLE if unreachable else ProblemId.SOURCE_FAILED,
        {"sources": ", ".join(_labels(group)), "reason": reason, "advice": advice},
    )
    return replace(found, sources=_names(group), occurrences=_attempts(group))


def _stale(asked: Sequence[SourceStatus]) -> Iterator[Problem]:
    if stale := [source for source in asked if source.state is SourceState.STALE]:
        yield replace(problem(ProblemId.SOURCE_STALE, {"sources": ", ".join(_labels(stale))}), sources=_names(stale))


def _never(asked: Sequence[SourceStatus]) -> Iterator[Problem]:
    if never := [source for source in asked if source.state is SourceState.NEVER]:
        reason = sentences(*(str(source.last_error) for source in never if source.last_error))
        found = problem(ProblemId.SOURCE_NEVER, {"sources": ", ".join(_labels(never)), "reason": reason})
        yield replace(found, sources=_names(never))


def _problem_id(source: SourceStatus) -> ProblemId:
    known = source.last_error.problem.id if source.last_error else ProblemId.ACTION_FAILED
    return ProblemId.SOURCE_FAILED if known is ProblemId.ACTION_FAILED else known


def _names(sources: Iterable[SourceStatus]) -> tuple[str, ...]:
    return tuple(source.name.value for source in sources)


def _labels(sources: Iterable[SourceStatus]) -> tuple[str, ...]:
    return tuple(source.name.value.upper() for source in sources)


def _attempts(sources: Iterable[SourceStatus]) -> tuple[str, ...]:
    """Return the occurrences of a source's problem: each failed attempt is one."""
    moments = [source.last_attempt_at for source in sources if source.last_attempt_at]
    return (max(moments).isoformat(),) if moments else ()
