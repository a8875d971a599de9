"""Whether a worker does its work, judged by what the API hears from it: a solo worker answers nobody while it is busy.

Only the supervisor's own clock is used, and only what it saw change: clocks of two machines are never compared.

Whether an idle worker takes what waits in its queue: one whose heart beats may still be deaf to the broker.

A task that waits behind a running one is no sign of that, nor is one that waits while the stack is away. Seconds
without a break count, by the supervisor's own clock.
"""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Problem, ProblemId, Remedy, problem
from desktop.supervision.events import QueuesReported, TaskWaiting, WorkerSeen, WorkersReported
from desktop.supervision.services import Phase, Proof, ServiceState, Supervision, TaskSeen, Untaken
from desktop.supervision.timeouts import Moment, Timeouts


def on_queue(report: QueuesReported, state: Supervision, moment: Moment) -> Supervision:
    consumers = [one for one in state.services if one.service.queue]
    for one in consumers:
        waiting = [task for task in report.waiting if task.queue == one.service.queue]
        state = state.put(_judge_queue(one, waiting if _idle(state, one, moment) else [], moment))
    return state


def taken(one: ServiceState) -> ServiceState:
    """It works, or there is nothing that it should have taken."""
    if one.untaken is None:
        return one
    return replace(one, untaken=None, problem=None if one.untaken.told else one.problem)


def _idle(state: Supervision, one: ServiceState, moment: Moment) -> bool:
    beats = moment.at - one.answered_at < moment.rules.patience.heartbeat_s
    return one.phase is Phase.RUNNING and one.task is None and beats and state.needs_ready(one)


def _judge_queue(one: ServiceState, waiting: list[TaskWaiting], moment: Moment) -> ServiceState:
    untaken = _untaken(one.untaken, [task.task_id for task in waiting], moment)
    if untaken is None or one.untaken is None or untaken.since != one.untaken.since:
        return replace(taken(one), untaken=untaken)
    one = replace(one, untaken=untaken)
    if moment.at - untaken.since < moment.rules.patience.untaken_s:
        return one
    return _roused(one, moment) if _may_be_roused(one, moment) else _told(one, untaken)


def _untaken(known: Untaken | None, waiting: list[str], moment: Moment) -> Untaken | None:
    """The one that is watched already, as long as it waits and was looked at often enough; else the oldest."""
    if known and known.task_id in waiting and moment.at - known.seen < moment.rules.patience.report_gap_s:
        return replace(known, seen=moment.at)
    return Untaken(waiting[0], moment.at, moment.at) if waiting else None


def _may_be_roused(one: ServiceState, moment: Moment) -> bool:
    return one.roused_at is None or moment.at - one.roused_at >= moment.rules.patience.rouse_s


def _roused(one: ServiceState, moment: Moment) -> ServiceState:
    waited = f"a task has waited for it for {moment.rules.patience.untaken_s:.0f} s"
    lying = _untaken_problem(f"{one.service.title} is idle, and yet {waited}. It is started again.")
    return replace(one.asked_to_end(moment.at), untaken=None, roused_at=moment.at, problem=lying)


def _told(one: ServiceState, untaken: Untaken) -> ServiceState:
    reason = f"{one.service.title} was started again for it a short while ago, which did not help."
    lying = _untaken_problem(f"{reason} It is tried again later.")
    return replace(one, untaken=replace(untaken, told=True), problem=lying)


def _untaken_problem(reason: str) -> Problem:
    return problem(ProblemId.TASK_UNTAKEN, {"reason": reason, "hint": ""}, remedies=(Remedy.OPEN_LOG,))


def on_report(report: WorkersReported, state: Supervision, moment: Moment) -> Supervision:
    gap = moment.at - state.reported_at >= moment.rules.patience.report_gap_s
    seen = {worker.pid: worker for worker in report.workers}
    services = tuple(_judge_worker(_excused(one, moment.at) if gap else one, seen, moment) for one in state.services)
    return replace(state, services=services, reported_at=moment.at, foreign=report.foreign)


def _excused(one: ServiceState, at: float) -> ServiceState:
    """Nothing was heard of anybody, so this one's silence and standstill say nothing."""
    return replace(one, answered_at=at, task=one.task and replace(one.task, moved=at))


def _judge_worker(one: ServiceState, seen: dict[int, WorkerSeen], moment: Moment) -> ServiceState:
    if one.service.proof is not Proof.HEARTBEAT or one.pid is None:
        return one
    patience, worker = moment.rules.patience, seen.get(one.pid)
    if worker is None or worker.heartbeat_age_s > patience.heartbeat_s:
        return _without_heartbeat(one, moment)
    if one.phase is Phase.STARTING:
        one = replace(one, phase=Phase.RUNNING, since=moment.at, problem=None)
    if one.phase is not Phase.RUNNING:
        return one
    if worker.task_id or worker.tasks_done != one.tasks_done:
        one = taken(one)
    one = replace(one, answered_at=moment.at, task=_task(one.task, worker, moment.at), tasks_done=worker.tasks_done)
    standstill = one.task and _standstill(one.task, patience, moment.at)
    return one.ended_for(standstill, moment.at) if standstill else one


def _without_heartbeat(one: ServiceState, moment: Moment) -> ServiceState:
    patience = moment.rules.patience
    starting = one.phase is Phase.STARTING
    since, limit = (one.since, patience.start_s) if starting else (one.answered_at, patience.heartless_s)
    if one.phase not in (Phase.STARTING, Phase.RUNNING) or moment.at - since < limit:
        return one
    silent = problem(ProblemId.WORKER_SILENT, {"service": one.service.title, "seconds": f"{limit:.0f}"})
    return one.ended_for(silent, moment.at)


def _task(known: TaskSeen | None, worker: WorkerSeen, at: float) -> TaskSeen | None:
    if not worker.task_id:
        return None
    if known is None or known.task_id != worker.task_id:
        return TaskSeen(worker.task_id, worker.task_name, worker.progress, began=at, moved=at)
    return known if known.progress == worker.progress else replace(known, progress=worker.progress, moved=at)


def _standstill(task: TaskSeen, patience: Timeouts, at: float) -> Problem | None:
    if at - task.began >= patience.task_s:
        return problem(ProblemId.TASK_TOO_LONG, {"minutes": f"{patience.task_s / 60:.0f}"})
    if at - task.moved >= patience.stall_s:
        reason = f"It made no progress for {patience.stall_s / 60:.0f} minutes."
        return problem(ProblemId.TASK_STUCK, {"reason": reason, "run": task.task_id}, remedies=(Remedy.OPEN_LOG,))
    return None
