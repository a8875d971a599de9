"""What is worth telling about a change."""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.formatting import sentences
from backend.contract.names import UPDATE_TASKS
from backend.contract.problems import Problem
from desktop.supervision.services import Phase, ServiceState, Supervision, TaskSeen


@dataclass(frozen=True)
class ActivityEntry:
    """text: one line for people. task_id: of the run it is about, if it is about one."""

    service: str
    phase: Phase
    text: str
    pid: int | None = None
    problem: Problem | None = None
    task_id: str = ""


def activity_between(before: Supervision, after: Supervision) -> tuple[ActivityEntry, ...]:
    """In the order of the plan; nothing for a change that only bookkeeping sees."""
    found: list[ActivityEntry] = []
    for old, new in zip(before.services, after.services, strict=True):
        found += _of_service(old, new)
        found += _of_task(old.task, new)
    return tuple(found)


def _of_service(old: ServiceState, new: ServiceState) -> list[ActivityEntry]:
    started = new.pid is not None and old.pid is None
    troubled = new.problem is not None and new.problem != old.problem
    healed = old.problem is not None and new.problem is None and new.ready
    if old.phase == new.phase and not (started or troubled or healed):
        return []
    if new.phase is Phase.STARTING and new.problem is None and not started:
        return []  # said when there is a process
    text = f"{new.service.title}: {_state(new)}"
    return [ActivityEntry(new.name, new.phase, text, new.pid, new.problem)]


def _state(one: ServiceState) -> str:
    words = {
        Phase.STOPPED: "waits" if one.wanted else "stopped",
        Phase.STARTING: "starting",
        Phase.RUNNING: "running",
        Phase.STOPPING: "stopping",
        Phase.BACKOFF: f"starts again in {max(1, round(one.retry_at - one.since))} s",
        Phase.GAVE_UP: "gave up",
        Phase.FOREIGN: "runs already, started by somebody else; it is used as it is",
    }[one.phase]
    process = f" (process {one.pid})" if one.pid is not None else ""
    return words + process + (f". {sentences(str(one.problem), one.problem.hint)}" if one.problem else "")


def _of_task(old: TaskSeen | None, one: ServiceState) -> list[ActivityEntry]:
    new = one.task
    if (old and old.task_id) == (new and new.task_id):
        return []
    found = []
    if old is not None and old.name in UPDATE_TASKS:
        over = one.phase in (Phase.RUNNING, Phase.STARTING)  # a worker is started afresh at once only between two tasks
        ended = f"ended; `openthreat status {old.task_id}` tells how"
        text = f"Update: {ended if over else 'interrupted, it will go on later'}"
        found.append(ActivityEntry(one.name, one.phase, text, one.pid, task_id=old.task_id))
    if new is not None and new.name in UPDATE_TASKS:
        text = f"Update: running; `openthreat monitor {new.task_id}` shows how far it is"
        found.append(ActivityEntry(one.name, one.phase, text, one.pid, task_id=new.task_id))
    return found
