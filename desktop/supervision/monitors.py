"""The monitors of stack, API and workers, and the thread in which each of them polls.

A poll may block, so each monitor has a thread of its own and posts what it found as events.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiError
from backend.contract.health import DependencyState, Health, Presence
from backend.contract.names import Role, shared_queue
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import Problem, problem
from backend.contract.workers import BeatStatus, WorkerStatus
from backend.system.machine import host_name
from desktop.host import Holder, process_is_alive
from desktop.stack import Stack, StackUnavailable
from desktop.supervision.events import (
    Event,
    ForeignApiFound,
    ObservedWorker,
    PortFoundFree,
    ProbeFailed,
    QueuesReported,
    ServicePortTaken,
    ServiceReady,
    ServiceUnready,
    StackDown,
    TaskWaiting,
    WorkersReported,
)
from desktop.supervision.plan import API, STACK
from desktop.supervision.services import ForeignWorker, Phase, Supervision
from desktop.supervision.supervisor import Poll, Post

_LIVENESS_CHECKS = 4


class StackMonitor:
    """Brings the stack up, checks it or takes it down, as its phase requires."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def poll(self, state: Supervision) -> Iterator[Event]:
        try:
            match state[STACK].phase:
                case Phase.STARTING:
                    self._stack.bring_up()
                    yield ServiceReady(STACK)
                case Phase.RUNNING:
                    self._stack.check()
                    yield ServiceReady(STACK)
                case Phase.STOPPING:
                    self._stack.take_down(closing=state.close_deadline is not None)
                    yield StackDown(STACK)
        except StackUnavailable as error:
            yield ServiceUnready(STACK, error.problem)


@dataclass(frozen=True)
class ApiEndpoint:
    """Where this program's API listens, and what identifies its answers.

    Attributes:
        instance: The id of the supervisor that started it.
        home: The fingerprint of the data folder.
    """

    host: str
    port: int
    instance: str
    home: str


class ApiMonitor:
    """Before the start: which program holds the API's port. Afterwards: whether the API answers, and which API it is.

    A health check costs the API ten times as much as a liveness check, so while all is well several liveness checks
    follow each health check.
    """

    def __init__(
        self,
        client: ApiClient,
        endpoint: ApiEndpoint,
        port_is_free: Callable[[str, int], bool],
        port_holder: Callable[[int], Holder | None],
    ) -> None:
        self._client, self._endpoint = client, endpoint
        self._port_is_free, self._port_holder = port_is_free, port_holder
        self._liveness_checks_left = 0

    def poll(self, state: Supervision) -> Iterable[Event]:
        api = state[API]
        if api.phase is Phase.STARTING and not api.port_checked:
            return [self._check_port()]
        if api.pid is not None or api.phase is Phase.FOREIGN:
            return [self._probe(foreign=api.phase is Phase.FOREIGN)]
        self._liveness_checks_left = 0
        return []

    def _check_port(self) -> Event:
        host, port = self._endpoint.host, self._endpoint.port
        try:
            found = self._client.live()  # unlike health, it is answered to other users too
        except ApiAbsent:
            return PortFoundFree(API) if self._port_is_free(host, port) else self._port_taken()
        except ApiError:
            return self._port_taken()
        if found.home == self._endpoint.home:
            return ForeignApiFound(API, found.pid)
        return ServicePortTaken(API, self._of_another(found.pid))

    def _port_taken(self) -> Event:
        holder, words = self._port_holder(self._endpoint.port), {"port": str(self._endpoint.port)}
        if holder is None:
            return ServicePortTaken(API, problem(ProblemId.API_PORT_RESERVED, words))
        return ServicePortTaken(API, problem(ProblemId.API_PORT_TAKEN, {**words, "holder": str(holder)}))

    def _of_another(self, pid: int) -> Problem:
        return problem(ProblemId.API_OF_ANOTHER, {"pid": str(pid), "port": str(self._endpoint.port)})

    def _probe(self, *, foreign: bool) -> Event:
        liveness_only = self._liveness_checks_left > 0
        self._liveness_checks_left = max(0, self._liveness_checks_left - 1)
        try:
            presence = self._client.live() if liveness_only else self._client.health()
        except ApiError as error:
            self._liveness_checks_left = 0
            return ProbeFailed(API, replace(error.problem, remedies=(Remedy.OPEN_LOG,)))
        if not foreign and presence.instance != self._endpoint.instance:
            return ProbeFailed(API, self._of_another(presence.pid))
        return self._readiness(presence)

    def _readiness(self, presence: Presence) -> Event:
        if isinstance(presence, Health):
            if presence.database.state is DependencyState.DOWN:
                return ServiceUnready(API, database_problem(presence))
            self._liveness_checks_left = _LIVENESS_CHECKS
        return ServiceReady(API)


def database_problem(health: Health) -> Problem:
    """Return the problem of a database that is not available. It belongs to the stack, although the API reports it."""
    error = health.database.error
    found = error.problem if error else problem(ProblemId.DATABASE_AWAY, {"reason": health.database.message})
    return replace(found, service=STACK)


WorkerProcess = WorkerStatus | BeatStatus
_HEARTBEAT_S = 10.0  # a killed worker stays listed for a while, and must not be reported as a foreign one


class WorkerMonitor:
    """The API's report on workers, beats and waiting tasks."""

    def __init__(self, client: ApiClient, is_alive: Callable[[int], bool] = process_is_alive) -> None:
        self._client, self._is_alive = client, is_alive

    def poll(self, state: Supervision) -> Iterable[Event]:
        if not state[API].ready:
            return []
        try:
            status = self._client.workers()
        except ApiError:
            return []  # the API monitor reports it
        processes: tuple[WorkerProcess, ...] = (*status.workers, *status.beats)
        started = {(host_name(), service.pid) for service in state.services if service.pid is not None}
        own = {process.name for process in processes if _host_and_pid(process) in started}
        foreign = [_foreign_worker(each) for each in processes if each.name not in own and self._is_active(each)]
        workers = [_observed_worker(worker) for worker in status.workers if worker.name in own]
        served = {queue for worker in status.workers if worker.name in own for queue in worker.queues}
        waiting = [
            TaskWaiting(task.task_id, shared_queue(task.queue) if task.queue in served else task.queue)
            for task in status.waiting
        ]
        return [WorkersReported(tuple(workers), tuple(foreign)), QueuesReported(tuple(waiting))]

    def _is_active(self, process: WorkerProcess) -> bool:
        host, pid = _host_and_pid(process)
        silent = isinstance(process, WorkerStatus) and process.heartbeat_age_s > _HEARTBEAT_S
        return not silent and (host != host_name() or self._is_alive(pid))


def _observed_worker(worker: WorkerStatus) -> ObservedWorker:
    task, stats = worker.current_task, worker.stats
    done = stats.tasks_done + stats.tasks_failed
    if task is None:
        return ObservedWorker(stats.pid, worker.heartbeat_age_s, tasks_done=done)
    return ObservedWorker(stats.pid, worker.heartbeat_age_s, task.task_id, task.name, str(task.progress_at), done)


def _host_and_pid(process: WorkerProcess) -> tuple[str, int]:
    return (process.stats.host, process.stats.pid) if isinstance(process, WorkerStatus) else (process.host, process.pid)


def _foreign_worker(process: WorkerProcess) -> ForeignWorker:
    host, pid = _host_and_pid(process)
    if isinstance(process, BeatStatus):
        return ForeignWorker(process.name, host, pid, Role.BEAT)
    task = process.current_task
    return ForeignWorker(
        process.name, host, pid, Role.WORKER, process.queues, task.task_id if task else "", task.name if task else ""
    )


class MonitorThread:
    """Polls until it is stopped, and posts the events.

    Args:
        state: Returns the current state of the supervision.
        interval: Seconds between two polls; a change of phase shortens it.
    """

    def __init__(
        self,
        name: str,
        poll: Poll,
        state: Callable[[], Supervision],
        post: Post,
        interval: Callable[[Supervision], float],
    ) -> None:
        self._poll, self._state, self._post, self._interval = poll, state, post, interval
        self._stopped, self._due = False, threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def on_change(self, before: Supervision, after: Supervision) -> None:
        """Listener of the supervisor: poll at once when a phase has changed."""
        if before.phases != after.phases:
            self._due.set()

    def stop(self, timeout_s: float) -> None:
        """Wait at most this long: a poll that hangs ends with the process."""
        self._stopped = True
        self._due.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopped:
            state = self._state()
            for event in self._poll(state):
                if self._stopped:
                    return  # the inbox is no longer read
                self._post(event)
            self._due.wait(self._interval(state))
            self._due.clear()
