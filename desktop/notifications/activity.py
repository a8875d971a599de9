"""Which changes are worth a line in the activity log. Pure.

They are phases of services, updates that begin and end, and the difference of two lists of problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend.contract.formatting import sentences
from backend.contract.names import UPDATE_TASKS
from backend.contract.problems import Place, Problem
from desktop.problems.problems import is_over, problems, service_problems
from desktop.state.app_state import AppState
from desktop.supervision.services import Phase, ServiceState, Supervision, TaskSeen


@dataclass(frozen=True)
class ActivityEntry:
    """text: one line for people. service, phase, pid: of the service it is about. task_id: of the run it is about."""

    text: str
    service: str = ""
    phase: Phase | None = None
    pid: int | None = None
    problem: Problem | None = None
    task_id: str = ""


def activity_between(before: AppState, after: AppState) -> tuple[ActivityEntry, ...]:
    """The services in the order in which they start, then what is wrong with the data or is not any more.

    Nothing for a change that only bookkeeping sees.
    """
    found: list[ActivityEntry] = []
    was, now = _by_service(before.supervision), _by_service(after.supervision)
    for old, new in zip(before.supervision.services, after.supervision.services, strict=True):
        found += _of_service(old, new, was.get(old.name), now.get(new.name))
        found += _of_task(old.task, new)
    return (*found, *_of_data(before, after))


def _by_service(supervision: Supervision) -> dict[str, Problem]:
    return {one.service: one for one in service_problems(supervision) if one.service}


def _of_service(
    old: ServiceState, new: ServiceState, was: Problem | None, now: Problem | None
) -> Iterator[ActivityEntry]:
    started = new.pid is not None and old.pid is None
    appeared = now is not None and (was is None or replace(now, affects=()) != replace(was, affects=()))
    over = was is not None and now is None and new.ready
    if old.phase == new.phase and not (started or appeared or over):
        return
    if new.phase is Phase.STARTING and now is None and not started:
        return  # the line comes when there is a process
    reason = f". {sentences(str(now), now.hint)}" if now else ""
    yield ActivityEntry(f"{new.service.title}: {_state(new)}{reason}", new.name, new.phase, new.pid, now)


def _state(one: ServiceState) -> str:
    words = {
        Phase.STOPPED: "waits" if one.wanted else "stopped",
        Phase.STARTING: "starting",
        Phase.RUNNING: "running",
        Phase.STOPPING: "stopping",
        Phase.BACKOFF: f"starts again in {max(1, round(one.retry_at - one.since))} s",
        Phase.GAVE_UP: "gave up",
        Phase.FOREIGN: "runs already, started by another program; it is used as it is",
    }[one.phase]
    return words + (f" (process {one.pid})" if one.pid is not None else "")


def _of_task(old: TaskSeen | None, one: ServiceState) -> Iterator[ActivityEntry]:
    new = one.task
    if (old and old.task_id) == (new and new.task_id):
        return
    if old is not None and old.name in UPDATE_TASKS:
        over = one.phase in (Phase.RUNNING, Phase.STARTING)  # a worker restarts at once only between two tasks
        ended = f"ended; `openthreat status {old.task_id}` shows how"
        text = f"Update: {ended if over else 'interrupted, it will go on later'}"
        yield ActivityEntry(text, one.name, one.phase, one.pid, task_id=old.task_id)
    if new is not None and new.name in UPDATE_TASKS:
        text = f"Update: running; `openthreat monitor {new.task_id}` shows how far it is"
        yield ActivityEntry(text, one.name, one.phase, one.pid, task_id=new.task_id)


def _of_data(before: AppState, after: AppState) -> Iterator[ActivityEntry]:
    """Problems that no service has. One that is only hidden by something else, such as a silent API, is not over."""
    was, now = ({one.causes: one for one in problems(state) if _is_of_data(one)} for state in (before, after))
    for causes, one in now.items():
        if causes not in was:
            yield ActivityEntry(sentences(str(one), one.hint), problem=one)
    for causes, one in was.items():
        if causes not in now and is_over(one, after):
            yield ActivityEntry(f"Over: {one.title}", problem=one)


def _is_of_data(one: Problem) -> bool:
    """Services have their own lines."""
    return not one.service and one.place is not Place.SERVICES
