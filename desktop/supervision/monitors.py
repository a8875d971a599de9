"""What the patrols see of the stack, and of the API's port and answers.

What the patrols see of the workers: what the API hears of them, and what waits for them in their queues.

Goes round and looks, in a thread of its own, at what may take its time to answer.
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from backend.client.api import ApiClient
from backend.client.transport import ApiAbsent, ApiError
from backend.contract.health import DependencyState, Health, Presence
from backend.contract.names import Role
from backend.contract.problems import Problem, ProblemId, Remedy, problem
from backend.contract.workers import BeatStatus, WorkersStatus, WorkerStatus
from desktop.host import Holder, process_lives
from desktop.stack import Stack, StackAway
from desktop.supervision.events import (
    Event,
    ForeignFound,
    PortFound,
    ProbeFailed,
    QueuesReported,
    ServicePortTaken,
    ServiceReady,
    ServiceUnready,
    StackDown,
    TaskWaiting,
    WorkerSeen,
    WorkersReported,
)
from desktop.supervision.plan import API, STACK
from desktop.supervision.services import ForeignWorker, Phase, Supervision
from desktop.supervision.supervisor import Look, Post

_BRIEF_LOOKS = 4


class StackMonitor:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def look(self, state: Supervision) -> Iterator[Event]:
        try:
            match state[STACK].phase:
                case Phase.STARTING:
                    self._stack.bring_up()
                    yield ServiceReady(STACK)
                case Phase.RUNNING:
                    self._stack.check()
                    yield ServiceReady(STACK)
                case Phase.STOPPING:
                    self._stack.take_down(closing=state.closing_by is not None)
                    yield StackDown(STACK)
        except StackAway as error:
            yield ServiceUnready(STACK, error.problem)


@dataclass(frozen=True)
class ApiEndpoint:
    """Where our API listens, and by what it is known to be ours: the supervisor's instance and the data folder."""

    host: str
    port: int
    instance: str
    home: str


class ApiMonitor:
    """Before the API is started: who is at its port. Afterwards: whether it answers, and as whom.

    As long as all is well it is asked for its health only now and then: that costs it ten times as much as an answer.
    """

    def __init__(
        self,
        client: ApiClient,
        place: ApiEndpoint,
        port_is_free: Callable[[str, int], bool],
        port_holder: Callable[[int], Holder | None],
    ) -> None:
        self._client, self._place = client, place
        self._port_is_free, self._port_holder = port_is_free, port_holder
        self._brief_looks_left = 0

    def look(self, state: Supervision) -> Iterable[Event]:
        api = state[API]
        if api.phase is Phase.STARTING and not api.cleared:
            return [self._survey()]
        if api.pid is not None or api.phase is Phase.FOREIGN:
            return [self._probe(foreign=api.phase is Phase.FOREIGN)]
        self._brief_looks_left = 0
        return []

    def _survey(self) -> Event:
        try:
            health = self._client.health()
        except ApiAbsent:
            return PortFound(API) if self._port_is_free(self._place.host, self._place.port) else self._taken()
        except ApiError:
            return self._taken()
        if health.home == self._place.home:
            return ForeignFound(API, health.pid)
        return ServicePortTaken(API, self._of_another(health.pid))

    def _taken(self) -> Event:
        holder, words = self._port_holder(self._place.port), {"port": str(self._place.port)}
        if holder is None:
            return ServicePortTaken(API, problem(ProblemId.API_PORT_RESERVED, words))
        return ServicePortTaken(API, problem(ProblemId.API_PORT_TAKEN, {**words, "holder": str(holder)}))

    def _of_another(self, pid: int) -> Problem:
        return problem(ProblemId.API_OF_ANOTHER, {"pid": str(pid), "port": str(self._place.port)})

    def _probe(self, *, foreign: bool) -> Event:
        brief, self._brief_looks_left = self._brief_looks_left > 0, max(0, self._brief_looks_left - 1)
        try:
            who = self._client.live() if brief else self._client.health()
        except ApiError as error:
            self._brief_looks_left = 0
            return ProbeFailed(API, replace(error.problem, remedies=(Remedy.OPEN_LOG,)))
        if not foreign and who.instance != self._place.instance:
            return ProbeFailed(API, self._of_another(who.pid))
        return self._readiness(who)

    def _readiness(self, who: Presence) -> Event:
        if isinstance(who, Health):
            if who.database.state is DependencyState.DOWN:
                return ServiceUnready(API, database_problem(who))
            self._brief_looks_left = _BRIEF_LOOKS
        return ServiceReady(API)


def database_problem(health: Health) -> Problem:
    """Of the stack, whoever told of it: one cause is one problem."""
    error = health.database.error
    found = error.problem if error else problem(ProblemId.DATABASE_AWAY, {"reason": health.database.message})
    return replace(found, service=STACK)


Process = WorkerStatus | BeatStatus
_BEATING_S = 10.0  # a killed worker is listed for a while longer; it is nobody else's


class WorkerMonitor:
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


class MonitorThread:
    """state: the latest supervision; pace: seconds from one look to the next, unless something changes meanwhile."""

    def __init__(
        self,
        name: str,
        look: Look,
        state: Callable[[], Supervision],
        post: Post,
        pace: Callable[[Supervision], float],
    ) -> None:
        self._look, self._state, self._post, self._pace = look, state, post, pace
        self._over, self._due = False, threading.Event()
        self._thread = threading.Thread(target=self._round, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def changed(self, before: Supervision, after: Supervision) -> None:
        """A watch of the supervisor: there is something new to look at."""
        if before.phases != after.phases:
            self._due.set()

    def stop(self, timeout_s: float) -> None:
        """Waits no longer than this: a look that hangs ends with the program."""
        self._over = True
        self._due.set()
        self._thread.join(timeout_s)

    def _round(self) -> None:
        while not self._over:
            state = self._state()
            for event in self._look(state):
                if self._over:
                    return  # nobody reads it any more, or somebody whom it does not concern
                self._post(event)
            self._due.wait(self._pace(state))
            self._due.clear()
