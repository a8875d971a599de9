"""The services that the supervisor looks after, and where each of them stands.

All times are seconds of the supervisor's steady clock. Signs of life alone are no change that anybody is told of,
so states that differ only in these are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from backend.contract.names import Role
from backend.contract.problems import Problem


class Phase(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    GAVE_UP = "gave-up"
    FOREIGN = "foreign"  # ours, but started by somebody else: used, not stopped


class Proof(StrEnum):
    """What shows that a service is ready."""

    STACK = "stack"  # no process of ours: its stack says so
    ANSWER = "answer"  # it answers on its port
    HEARTBEAT = "heartbeat"  # the API hears its heart
    ALIVE = "alive"  # it did not die at once


@dataclass(frozen=True)
class Service:
    """What does not change about a service.

    arguments: the role's command line; needs: what must be ready before it starts, stacks first; queue: what it takes
    its tasks from.
    """

    name: str
    title: str
    proof: Proof
    arguments: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    stop_s: float = 4.0  # from being asked to stop to being killed
    queue: str = ""

    @property
    def has_process(self) -> bool:
        return self.proof is not Proof.STACK


@dataclass(frozen=True)
class TaskSeen:
    """What a worker is at. began: when it was first seen at it; moved: when its progress was last seen to change."""

    task_id: str
    name: str
    progress: str
    began: float
    moved: float


@dataclass(frozen=True)
class Untaken:
    """A task that an idle worker leaves lying. since, seen: when it was seen so first and last; told: people know."""

    task_id: str
    since: float
    seen: float
    told: bool = False


@dataclass(frozen=True)
class ForeignWorker:
    """A worker or a beat of the same data that somebody else started, here or on another machine.

    It works beside ours: no task is taken twice, and two beats together ask for each run once.
    """

    name: str
    host: str
    pid: int
    role: Role = Role.WORKER
    queues: tuple[str, ...] = ()
    task_id: str = ""
    task_name: str = ""


@dataclass(frozen=True)
class ServiceState:
    service: Service
    phase: Phase = Phase.STOPPED
    wanted: bool = False
    cleared: bool = False  # its port was found free
    launched: bool = False  # its process was commanded
    pid: int | None = None
    since: float = 0.0  # when the phase began
    retry_at: float = 0.0
    stop_by: float | None = None
    asked: bool = False  # to stop
    killed: bool = False
    blamed: bool = False  # it is being ended for a fault: the exit counts
    blocked: bool = False  # another program has what it needs: starting again is no remedy
    answered_at: float = field(default=0.0, compare=False)  # when it last gave a sign of life
    misses: int = field(default=0, compare=False)  # questions it left unanswered since
    task: TaskSeen | None = None
    tasks_done: int = 0
    untaken: Untaken | None = None
    roused_at: float | None = None  # when it was last started again for leaving a task lying
    exits: tuple[float, ...] = ()  # those that count, oldest first
    streak: int = 0  # exits since it last ran well for a while
    restarts: int = 0
    problem: Problem | None = None

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def ready(self) -> bool:
        return self.phase in (Phase.RUNNING, Phase.FOREIGN)

    @property
    def alive(self) -> bool:
        """There is something of ours that has to be ended."""
        return self.phase in (Phase.STARTING, Phase.RUNNING, Phase.STOPPING)

    @property
    def at_work(self) -> bool:
        """It does something for people, or is going to."""
        return self.pid is not None or self.phase in (Phase.STARTING, Phase.BACKOFF, Phase.FOREIGN)

    def at_rest(self, since: float) -> ServiceState:
        """Nothing of it runs; what is remembered of its failures stays."""
        return replace(
            self,
            phase=Phase.STOPPED,
            since=since,
            pid=None,
            cleared=False,
            launched=False,
            stop_by=None,
            asked=False,
            killed=False,
            blamed=False,
            blocked=False,
            misses=0,
            task=None,
            tasks_done=0,
            untaken=None,
            problem=None,
        )

    def asked_to_end(self, at: float, latest: float = inf) -> ServiceState:
        """In order, and without blame; latest: when it has to be gone at any rate."""
        return replace(self, phase=Phase.STOPPING, since=at, stop_by=min(at + self.service.stop_s, latest))

    def ended_for(self, problem: Problem, at: float) -> ServiceState:
        """It does not do its work: killed without asking, and the exit counts."""
        return replace(self, phase=Phase.STOPPING, since=at, stop_by=at, asked=True, blamed=True, problem=problem)


@dataclass(frozen=True)
class Supervision:
    """All services, in the order in which they start."""

    services: tuple[ServiceState, ...]
    closing_by: float | None = None  # everything has to be gone by then
    reported_at: float = field(default=0.0, compare=False)  # when the workers were last heard of
    calm_until: float = 0.0  # until then silence is put down to the machine waking up
    foreign: tuple[ForeignWorker, ...] = ()

    @classmethod
    def of(cls, plan: Iterable[Service]) -> Supervision:
        return cls(tuple(ServiceState(service) for service in plan))

    def __getitem__(self, name: str) -> ServiceState:
        return next(state for state in self.services if state.name == name)

    def put(self, changed: ServiceState) -> Supervision:
        return replace(
            self, services=tuple(changed if state.name == changed.name else state for state in self.services)
        )

    def needs_ready(self, state: ServiceState) -> bool:
        return all(self[name].ready for name in state.service.needs)

    def finished(self, at: float) -> bool:
        """Asked to close, and done with it, or out of time."""
        if self.closing_by is None:
            return False
        return at >= self.closing_by or all(state.phase is Phase.STOPPED for state in self.services)

    @property
    def phases(self) -> tuple[Phase, ...]:
        return tuple(state.phase for state in self.services)

    @property
    def changing(self) -> bool:
        """Something is on its way, so looking often is worth it."""
        return any(state.phase in (Phase.STARTING, Phase.STOPPING, Phase.BACKOFF) for state in self.services)
