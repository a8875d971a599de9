"""Whether a worker does its work: its heartbeat, the progress of its task, and whether it takes tasks from its queue.

A worker with the solo pool does not answer requests while it runs a task, so it is judged by what the API reports of
it. Only changes that the supervisor saw count, on its own clock: clocks of two machines are never compared.

An idle worker whose heartbeat is fine may still have lost its connection to the broker. That shows in a task that
waits although its worker is idle. A task that waits behind a running one, or while the stack is away, does not count.
"""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import Problem, problem
from desktop.supervision.events import ObservedWorker, QueuesReported, TaskWaiting, WorkersReported
from desktop.supervision.services import ObservedTask, Phase, ReadinessCheck, ServiceState, Supervision, UnclaimedTask
from desktop.supervision.timeouts import Moment, Timeouts


def on_queues_reported(report: QueuesReported, supervision: Supervision, moment: Moment) -> Supervision:
    for state in supervision.services:
        if queue := state.service.queue:
            waiting = [task for task in report.waiting if task.queue == queue]
            idle = _is_idle(supervision, state, moment)
            supervision = supervision.put(_check_queue(state, waiting if idle else [], moment))
    return supervision


def without_unclaimed(state: ServiceState) -> ServiceState:
    """Return the state of a worker that works, or that has no task to take."""
    if state.unclaimed is None:
        return state
    return replace(state, unclaimed=None, problem=None if state.unclaimed.reported else state.problem)


def _is_idle(supervision: Supervision, state: ServiceState, moment: Moment) -> bool:
    has_heartbeat = moment.at - state.last_alive_at < moment.rules.timeouts.heartbeat_s
    idle = state.phase is Phase.RUNNING and state.task is None
    return idle and has_heartbeat and supervision.dependencies_ready(state)


def _check_queue(state: ServiceState, waiting: list[TaskWaiting], moment: Moment) -> ServiceState:
    unclaimed = _unclaimed_task(state.unclaimed, [task.task_id for task in waiting], moment)
    if unclaimed is None or state.unclaimed is None or unclaimed.first_seen_at != state.unclaimed.first_seen_at:
        return replace(without_unclaimed(state), unclaimed=unclaimed)
    state = replace(state, unclaimed=unclaimed)
    if moment.at - unclaimed.first_seen_at < moment.rules.timeouts.unclaimed_s:
        return state
    return _restart(state, moment) if _may_restart(state, moment) else _report(state, unclaimed)


def _unclaimed_task(known: UnclaimedTask | None, waiting: list[str], moment: Moment) -> UnclaimedTask | None:
    """Return the task that is watched already if it still waits and was checked often enough, else the oldest."""
    if known and known.task_id in waiting and moment.at - known.last_seen_at < moment.rules.timeouts.report_gap_s:
        return replace(known, last_seen_at=moment.at)
    return UnclaimedTask(waiting[0], moment.at, moment.at) if waiting else None


def _may_restart(state: ServiceState, moment: Moment) -> bool:
    last = state.unclaimed_restart_at
    return last is None or moment.at - last >= moment.rules.timeouts.unclaimed_restart_s


def _restart(state: ServiceState, moment: Moment) -> ServiceState:
    waited = f"a task has waited for it for {moment.rules.timeouts.unclaimed_s:.0f} s"
    found = _unclaimed_problem(f"The {state.service.title} service is idle, but {waited}. It is being restarted.")
    return replace(state.stopping(moment.at), unclaimed=None, unclaimed_restart_at=moment.at, problem=found)


def _report(state: ServiceState, unclaimed: UnclaimedTask) -> ServiceState:
    service = f"the {state.service.title} service"
    reason = f"A restart of {service} a few minutes ago did not help. It will be restarted again later."
    return replace(state, unclaimed=replace(unclaimed, reported=True), problem=_unclaimed_problem(reason))


def _unclaimed_problem(reason: str) -> Problem:
    return problem(ProblemId.TASK_UNTAKEN, {"reason": reason, "hint": ""}, remedies=(Remedy.OPEN_LOG,))


def on_workers_reported(report: WorkersReported, supervision: Supervision, moment: Moment) -> Supervision:
    gap = moment.at - supervision.reported_at >= moment.rules.timeouts.report_gap_s
    workers = {worker.pid: worker for worker in report.workers}
    services = tuple(
        _check_worker(_measured_from(state, moment.at) if gap else state, workers, moment)
        for state in supervision.services
    )
    return replace(supervision, services=services, reported_at=moment.at, foreign=report.foreign)


def _measured_from(state: ServiceState, at: float) -> ServiceState:
    """Measure silence and standstill from now: there was no report on any worker for a while."""
    return replace(state, last_alive_at=at, task=state.task and replace(state.task, progressed_at=at))


def _check_worker(state: ServiceState, workers: dict[int, ObservedWorker], moment: Moment) -> ServiceState:
    if state.service.readiness is not ReadinessCheck.HEARTBEAT or state.pid is None:
        return state
    timeouts, worker = moment.rules.timeouts, workers.get(state.pid)
    if worker is None or worker.heartbeat_age_s > timeouts.heartbeat_s:
        return _without_heartbeat(state, moment)
    if state.phase is Phase.STARTING:
        state = replace(state, phase=Phase.RUNNING, since=moment.at, problem=None)
    if state.phase is not Phase.RUNNING:
        return state
    if worker.task_id or worker.tasks_done != state.tasks_done:
        state = without_unclaimed(state)
    task = _observed_task(state.task, worker, moment.at)
    state = replace(state, last_alive_at=moment.at, task=task, tasks_done=worker.tasks_done)
    standstill = task and _standstill(task, timeouts, moment.at)
    return state.killed_for(standstill, moment.at) if standstill else state


def _without_heartbeat(state: ServiceState, moment: Moment) -> ServiceState:
    timeouts = moment.rules.timeouts
    starting = state.phase is Phase.STARTING
    since, limit = (state.since, timeouts.start_s) if starting else (state.last_alive_at, timeouts.heartbeat_lost_s)
    if state.phase not in (Phase.STARTING, Phase.RUNNING) or moment.at - since < limit:
        return state
    silent = problem(ProblemId.WORKER_SILENT, {"service": state.service.title, "seconds": f"{limit:.0f}"})
    return state.killed_for(silent, moment.at)


def _observed_task(known: ObservedTask | None, worker: ObservedWorker, at: float) -> ObservedTask | None:
    if not worker.task_id:
        return None
    if known is None or known.task_id != worker.task_id:
        return ObservedTask(worker.task_id, worker.task_name, worker.progress, first_seen_at=at, progressed_at=at)
    return known if known.progress == worker.progress else replace(known, progress=worker.progress, progressed_at=at)


def _standstill(task: ObservedTask, timeouts: Timeouts, at: float) -> Problem | None:
    if at - task.first_seen_at >= timeouts.task_s:
        return problem(ProblemId.TASK_TOO_LONG, {"minutes": f"{timeouts.task_s / 60:.0f}"})
    if at - task.progressed_at >= timeouts.stall_s:
        reason = f"It made no progress for {timeouts.stall_s / 60:.0f} minutes."
        return problem(ProblemId.TASK_STUCK, {"reason": reason, "run": task.task_id}, remedies=(Remedy.OPEN_LOG,))
    return None
