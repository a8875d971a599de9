"""What the patrols see of the workers: what the API hears of them, and what waits for them in their queues."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

from backend.contract.names import RunState
from backend.contract.workers import WorkerStatus
from desktop.api_client.client import ApiClient
from desktop.api_client.faults import ApiError
from desktop.host import lineage, process_lives
from desktop.model.events import Event, QueuesReported, TaskWaiting, WorkerSeen, WorkersReported
from desktop.model.plan import API
from desktop.model.services import ForeignWorker, Supervision

_BEATING_S = 10.0  # a killed worker is listed for a while longer; it is nobody else's
_PAGE = 100


class WorkersLookout:
    def __init__(
        self,
        client: ApiClient,
        lineage_of: Callable[[int], list[int]] = lineage,
        lives: Callable[[int], bool] = process_lives,
    ) -> None:
        self._client, self._lineage_of, self._lives = client, lineage_of, lives

    def look(self, state: Supervision) -> Iterable[Event]:
        if not state[API].ready:
            return []
        try:
            workers = self._client.workers().workers
        except ApiError:
            return []  # the API's own probe tells of it
        pids = {one.pid for one in state.services if one.pid is not None}
        ours = [(worker, pid) for worker in workers if (pid := self._our_pid(worker, pids))]
        known = [worker.name for worker, _ in ours]
        others = [worker for worker in workers if worker.name not in known and self._beats(worker)]
        return [WorkersReported(tuple(_seen(*one) for one in ours), tuple(map(_foreign, others)))]

    def _our_pid(self, worker: WorkerStatus, pids: set[int]) -> int | None:
        """The number under which we started it: on Windows that may be the one of a launcher above it."""
        if worker.stats.host != platform.node() or not pids:
            return None
        own = worker.stats.pid
        return own if own in pids else next((above for above in self._lineage_of(own) if above in pids), None)

    def _beats(self, worker: WorkerStatus) -> bool:
        here = worker.stats.host == platform.node()
        return worker.heartbeat_age_s <= _BEATING_S and (not here or self._lives(worker.stats.pid))


class QueueLookout:
    """Only asks while a worker of ours is idle: whoever works takes nothing else meanwhile."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def look(self, state: Supervision) -> Iterable[Event]:
        idle = any(one.service.queue and one.ready and one.task is None for one in state.services)
        if not idle or not state[API].ready:
            return []
        try:
            page = self._client.runs({"state": RunState.PENDING.value, "page_size": _PAGE})
        except ApiError:
            return []
        waiting = [TaskWaiting(run.task_id, run.queue) for run in page.items if not run.cancel_requested]
        return [QueuesReported(tuple(reversed(waiting)))]


def _seen(worker: WorkerStatus, pid: int) -> WorkerSeen:
    task, done = worker.current_task, worker.stats.tasks_done + worker.stats.tasks_failed
    if task is None:
        return WorkerSeen(pid, worker.heartbeat_age_s, tasks_done=done)
    return WorkerSeen(pid, worker.heartbeat_age_s, task.task_id, task.name, str(task.progress_at), done)


def _foreign(worker: WorkerStatus) -> ForeignWorker:
    task = worker.current_task
    return ForeignWorker(
        worker.name,
        worker.stats.host,
        worker.stats.pid,
        worker.queues,
        task.task_id if task else "",
        task.name if task else "",
    )
