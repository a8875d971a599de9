"""What the patrols see of the workers: what the API hears of them, and what waits for them in their queues."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

from backend.client.api import ApiClient
from backend.client.transport import ApiError
from backend.contract.names import Role
from backend.contract.workers import BeatStatus, WorkersStatus, WorkerStatus
from desktop.host import process_lives
from desktop.model.events import Event, QueuesReported, TaskWaiting, WorkerSeen, WorkersReported
from desktop.model.plan import API
from desktop.model.services import ForeignWorker, Supervision

Process = WorkerStatus | BeatStatus
_BEATING_S = 10.0  # a killed worker is listed for a while longer; it is nobody else's


class WorkersLookout:
    def __init__(self, client: ApiClient, lives: Callable[[int], bool] = process_lives) -> None:
        self._client, self._lives = client, lives

    def look(self, state: Supervision) -> Iterable[Event]:
        if not state[API].ready:
            return []
        try:
            told = self._client.workers()
        except ApiError:
            return []  # the API's own probe tells of it
        places = {(platform.node(), one.pid) for one in state.services if one.pid is not None}
        ours = {one.name for one in _processes(told) if _place(one) in places}
        seen = [_seen(worker) for worker in told.workers if worker.name in ours]
        others = [_foreign(one) for one in _processes(told) if one.name not in ours and self._beats(one)]
        waiting = [TaskWaiting(task.task_id, task.queue) for task in told.waiting]
        return [WorkersReported(tuple(seen), tuple(others)), QueuesReported(tuple(waiting))]

    def _beats(self, one: Process) -> bool:
        host, pid = _place(one)
        silent = isinstance(one, WorkerStatus) and one.heartbeat_age_s > _BEATING_S
        return not silent and (host != platform.node() or self._lives(pid))


def _seen(worker: WorkerStatus) -> WorkerSeen:
    task, stats = worker.current_task, worker.stats
    done = stats.tasks_done + stats.tasks_failed
    if task is None:
        return WorkerSeen(stats.pid, worker.heartbeat_age_s, tasks_done=done)
    return WorkerSeen(stats.pid, worker.heartbeat_age_s, task.task_id, task.name, str(task.progress_at), done)


def _processes(told: WorkersStatus) -> tuple[Process, ...]:
    return (*told.workers, *told.beats)


def _place(one: Process) -> tuple[str, int]:
    return (one.stats.host, one.stats.pid) if isinstance(one, WorkerStatus) else (one.host, one.pid)


def _foreign(one: Process) -> ForeignWorker:
    host, pid = _place(one)
    if isinstance(one, BeatStatus):
        return ForeignWorker(one.name, host, pid, Role.BEAT)
    task = one.current_task
    return ForeignWorker(
        one.name, host, pid, Role.WORKER, one.queues, task.task_id if task else "", task.name if task else ""
    )
