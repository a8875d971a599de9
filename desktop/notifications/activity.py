"""Derives the entries of the activity log from two successive states. Pure.

Entries report phases of services, the start and end of updates, and problems that appeared or ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.contract.formatting import sentences
from backend.contract.names import UPDATE_TASKS
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem
from desktop.problems.problems import is_over, problems
from desktop.state.app_state import AppState
from desktop.supervision.services import ObservedTask, Phase, ServiceState


@dataclass(frozen=True)
class ActivityEntry:
    """A line of the activity log. service, phase, pid: the service concerned; task_id: the run concerned."""

    text: str
    service: str = ""
    phase: Phase | None = None
    pid: int | None = None
    problem: Problem | None = None
    task_id: str = ""


def activity_between(before: AppState, after: AppState) -> tuple[ActivityEntry, ...]:
    """Return the changes of services in the order of their start, then problems that appeared or ended.

    A change of internal fields alone has no entry.
    """
    was, now = problems(before), problems(after)
    found: list[ActivityEntry] = []
    for old, new in zip(before.supervision.services, after.supervision.services, strict=True):
        own = next((problem for problem in now if problem.service == new.name), None)
        found += _of_service(old, new, own, reported=own is not None and _is_in(own, was))
        found += _of_task(old.task, new)
    reported = {entry.service for entry in found}
    found += [
        _appeared(problem, after) for problem in now if problem.service not in reported and not _is_in(problem, was)
    ]
    found += [
        _over(problem, after)
        for problem in was
        if problem.service not in reported
        and not any(_same_cause(problem, other) for other in now)
        and is_over(problem, after)
    ]
    return tuple(found)


def _is_in(problem: Problem, was: tuple[Problem, ...]) -> bool:
    """Whether the problem was in the list before. SERVICES_STOPPED counts as known: each service has its own line."""
    if problem.id is ProblemId.SERVICES_STOPPED:
        return True
    return any(_same_cause(problem, other) and problem.id is other.id for other in was)


def _same_cause(problem: Problem, other: Problem) -> bool:
    return not set(problem.causes).isdisjoint(other.causes)


def _appeared(problem: Problem, state: AppState) -> ActivityEntry:
    text = sentences(str(problem), problem.advice)
    for service in state.supervision.services:
        if service.name == problem.service:
            title = f"{service.service.title}: {text}"
            return ActivityEntry(title, problem.service, service.phase, service.pid, problem)
    return ActivityEntry(text, problem=problem)


def _over(problem: Problem, state: AppState) -> ActivityEntry:
    for service in state.supervision.services:
        if service.name == problem.service:
            text = f"{service.service.title}: {_state(service)}"
            if problem.id is ProblemId.SERVICE_FAILING:
                text = problem.text("resolved")
            return ActivityEntry(text, service.name, service.phase, service.pid, problem)
    return ActivityEntry(f"Over: {problem.title}", problem.service, problem=problem)


def _of_service(
    old: ServiceState, new: ServiceState, found: Problem | None, *, reported: bool
) -> Iterator[ActivityEntry]:
    """`reported`: an earlier entry named the problem, as when a service that keeps failing is started again."""
    started = new.pid is not None and old.pid is None
    if old.phase == new.phase and not started:
        return
    if new.phase is Phase.STARTING and found is None and not started:
        return  # reported once there is a process
    reason = f". {sentences(str(found), found.advice)}" if found and not reported else ""
    yield ActivityEntry(f"{new.service.title}: {_state(new)}{reason}", new.name, new.phase, new.pid, found)


def _state(state: ServiceState) -> str:
    words = {
        Phase.STOPPED: "waiting" if state.wanted else "stopped",
        Phase.STARTING: "starting",
        Phase.RUNNING: "running",
        Phase.STOPPING: "stopping",
        Phase.BACKOFF: f"starts again in {max(1, round(state.retry_at - state.since))} s",
        Phase.GAVE_UP: "not running",
        Phase.FOREIGN: "running already, started by another program; it is used as it is",
    }[state.phase]
    return words + (f" (process {state.pid})" if state.pid is not None else "")


def _of_task(old: ObservedTask | None, state: ServiceState) -> Iterator[ActivityEntry]:
    new = state.task
    if (old and old.task_id) == (new and new.task_id):
        return
    if old is not None and old.name in UPDATE_TASKS:
        over = state.phase in (Phase.RUNNING, Phase.STARTING)  # a worker restarts at once only between two tasks
        ended = f"ended; `openthreat status {old.task_id}` shows the result"
        text = f"Update: {ended if over else 'interrupted, it will go on later'}"
        yield ActivityEntry(text, state.name, state.phase, state.pid, task_id=old.task_id)
    if new is not None and new.name in UPDATE_TASKS:
        text = f"Update: running; `openthreat monitor {new.task_id}` shows how far it is"
        yield ActivityEntry(text, state.name, state.phase, state.pid, task_id=new.task_id)
