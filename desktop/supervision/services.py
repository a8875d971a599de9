"""The supervised services and their state.

All times are seconds of the supervisor's monotonic clock. Fields that change with every sign of life are left out
of comparisons: two states that differ only in them are equal, so listeners are not called for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from backend.contract.names import Role, service_title
from backend.contract.problems import Problem


class Phase(StrEnum):
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    GAVE_UP = "gave-up"
    FOREIGN = "foreign"  # started outside this program for the same data: used, never stopped


class ReadinessCheck(StrEnum):
    """How it is decided that a service is ready."""

    STACK = "stack"  # no process of this program: the stack reports it
    HTTP = "http"  # it answers on its port
    HEARTBEAT = "heartbeat"  # the API receives its heartbeat
    UPTIME = "uptime"  # its process has run for a moment


@dataclass(frozen=True)
class Service:
    """The fixed properties of a service.

    Attributes:
        arguments: The command line of its role.
        depends_on: Services that must be ready before it starts, stacks first.
        stop_s: Seconds from the request to stop until it is killed.
        queue: The queue that it takes its tasks from.
    """

    name: str
    readiness: ReadinessCheck
    arguments: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    stop_s: float = 4.0
    queue: str = ""

    @property
    def title(self) -> str:
        return service_title(self.name)

    @property
    def has_process(self) -> bool:
        return self.readiness is not ReadinessCheck.STACK


@dataclass(frozen=True)
class ObservedTask:
    """The task that a worker runs.

    Attributes:
        first_seen_at: When the worker was first seen running it.
        progressed_at: When its progress was last seen to change.
    """

    task_id: str
    name: str
    progress: str
    first_seen_at: float
    progressed_at: float


@dataclass(frozen=True)
class UnclaimedTask:
    """A task that waits although the worker of its queue is idle.

    Attributes:
        reported: The worker's problem already mentions it.
    """

    task_id: str
    first_seen_at: float
    last_seen_at: float
    reported: bool = False


@dataclass(frozen=True)
class Recurrence:
    """A service that keeps failing: from too many exits until it has run long enough to count as healthy.

    Attributes:
        problem: Reported all the time, also while a further start is tried.
        since: When it was first reported.
        began: When the first of the exits happened.
        exits: Their number.
        attempts: How often the service was to be started since it was first reported.
    """

    problem: Problem
    since: float
    began: float
    exits: int
    attempts: int


@dataclass(frozen=True)
class ForeignWorker:
    """A worker or a beat for the same data that this program did not start, on this machine or another.

    It may run beside the program's own: the ledger lets only one worker claim a run, and two beats together still
    queue each scheduled run once.
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
    """What the supervisor knows of one service."""

    service: Service
    phase: Phase = Phase.STOPPED
    wanted: bool = False
    port_checked: bool = False  # its port was found free
    spawn_requested: bool = False
    pid: int | None = None
    since: float = 0.0  # when the phase began
    retry_at: float = 0.0
    stop_deadline: float | None = None
    stop_requested: bool = False
    kill_requested: bool = False
    failing: bool = False  # it is being ended because of a fault: its exit counts as a failure
    blocked: bool = False  # another program holds its port: a restart cannot help
    last_alive_at: float = field(default=0.0, compare=False)
    missed_probes: int = field(default=0, compare=False)  # in a row, since the last answer
    task: ObservedTask | None = None
    tasks_done: int = 0
    unclaimed: UnclaimedTask | None = None
    unclaimed_restart_at: float | None = None  # when it was last restarted because it did not pick up a task
    exits: tuple[float, ...] = ()  # times of the exits that count as failures, oldest first
    streak: int = 0  # exits since it last ran long enough to count as healthy
    restarts: int = 0
    problem: Problem | None = None
    recurrence: Recurrence | None = None

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def ready(self) -> bool:
        return self.phase in (Phase.RUNNING, Phase.FOREIGN)

    @property
    def failed(self) -> bool:
        """Whether it does not run and will not for some minutes, or until a person acts."""
        return self.phase is Phase.GAVE_UP or (self.phase is Phase.BACKOFF and self.recurrence is not None)

    @property
    def reported_problem(self) -> Problem | None:
        """What is wrong with it; while it keeps failing, that, however far its next start is."""
        return self.recurrence.problem if self.recurrence else self.problem

    @property
    def alive(self) -> bool:
        """Whether this program has something to end: a process, or a stack that it brought up."""
        return self.phase in (Phase.STARTING, Phase.RUNNING, Phase.STOPPING)

    @property
    def active(self) -> bool:
        """Whether it runs or is about to."""
        return self.pid is not None or self.phase in (Phase.STARTING, Phase.BACKOFF, Phase.FOREIGN)

    def forgiven(self) -> ServiceState:
        """Return the state without its record of failures: it is healthy, or a person asked for a new start."""
        return replace(self, exits=(), streak=0, recurrence=None)

    def stopped(self, since: float) -> ServiceState:
        """Return the state with nothing running; the record of failures stays."""
        return replace(
            self,
            phase=Phase.STOPPED,
            since=since,
            pid=None,
            port_checked=False,
            spawn_requested=False,
            stop_deadline=None,
            stop_requested=False,
            kill_requested=False,
            failing=False,
            blocked=False,
            missed_probes=0,
            task=None,
            tasks_done=0,
            unclaimed=None,
            problem=None,
        )

    def stopping(self, at: float, latest: float = inf) -> ServiceState:
        """Return the state of an orderly stop, which is not counted as a failure.

        Args:
            latest: When it has to be gone, even if its own `stop_s` would allow more.
        """
        return replace(self, phase=Phase.STOPPING, since=at, stop_deadline=min(at + self.service.stop_s, latest))

    def killed_for(self, problem: Problem, at: float) -> ServiceState:
        """Return the state of a service that is killed because it does not work; its exit counts as a failure."""
        return replace(
            self, phase=Phase.STOPPING, since=at, stop_deadline=at, stop_requested=True, failing=True, problem=problem
        )


@dataclass(frozen=True)
class Supervision:
    """All services, in the order in which they start.

    Attributes:
        close_deadline: When everything has to be gone; None while the program is not closing.
        reported_at: When the last report on the workers arrived.
        grace_until: Until then failed probes are attributed to the machine's wake-up.
    """

    services: tuple[ServiceState, ...]
    close_deadline: float | None = None
    reported_at: float = field(default=0.0, compare=False)
    grace_until: float = 0.0
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

    def dependencies_ready(self, state: ServiceState) -> bool:
        return all(self[name].ready for name in state.service.depends_on)

    def finished(self, at: float) -> bool:
        """Whether a requested close is complete, or its time is up."""
        if self.close_deadline is None:
            return False
        return at >= self.close_deadline or all(state.phase is Phase.STOPPED for state in self.services)

    @property
    def phases(self) -> tuple[Phase, ...]:
        return tuple(state.phase for state in self.services)

    @property
    def changing(self) -> bool:
        """Whether a service is starting, stopping or about to restart, so that frequent checks are useful."""
        return any(
            state.phase in (Phase.STARTING, Phase.STOPPING, Phase.BACKOFF) and not state.failed
            for state in self.services
        )
