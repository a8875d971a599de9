"""The reducer's input (events, posted by any thread) and output (commands, carried out by the supervisor).

The outcome of a command comes back as an event.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.problems import Problem
from desktop.supervision.services import ForeignWorker


@dataclass(frozen=True)
class StartRequested:
    """Start one service and what it depends on; None: all services."""

    service: str | None = None


@dataclass(frozen=True)
class StopRequested:
    """Stop one service and leave it stopped."""

    service: str


@dataclass(frozen=True)
class RestartRequested:
    service: str


@dataclass(frozen=True)
class CloseRequested:
    """End the program; `again`: kill everything at once instead of waiting for orderly stops."""

    again: bool = False


@dataclass(frozen=True)
class PortFoundFree:
    """No program listens on the service's port."""

    service: str


@dataclass(frozen=True)
class ServicePortTaken:
    """Another program listens on the service's port."""

    service: str
    problem: Problem


@dataclass(frozen=True)
class ForeignApiFound:
    """An API for the same data, started outside this program, answers on the port; `pid` is from its answer."""

    service: str
    pid: int


@dataclass(frozen=True)
class ServiceSpawned:
    service: str
    pid: int


@dataclass(frozen=True)
class SpawnFailed:
    service: str
    reason: str


@dataclass(frozen=True)
class ServiceReady:
    """It answers and can do its work."""

    service: str


@dataclass(frozen=True)
class ServiceUnready:
    """It answers that it cannot do its work, or not yet."""

    service: str
    problem: Problem


@dataclass(frozen=True)
class ProbeFailed:
    """It did not answer a probe, or the answer was not valid."""

    service: str
    problem: Problem


@dataclass(frozen=True)
class ServiceExited:
    """A process ended.

    Attributes:
        code: Exit code; negative: the signal that killed it.
        last_output: The last lines of its output, without secrets.
    """

    service: str
    pid: int
    code: int
    last_output: str = ""


@dataclass(frozen=True)
class StackDown:
    """The stack was taken down as requested."""

    service: str


@dataclass(frozen=True)
class ObservedWorker:
    """A worker of this program, by its heartbeat.

    Attributes:
        progress: A text that changes whenever the task makes progress.
        tasks_done: Tasks that it has finished, successful or not.
    """

    pid: int
    heartbeat_age_s: float
    task_id: str = ""
    task_name: str = ""
    progress: str = ""
    tasks_done: int = 0


@dataclass(frozen=True)
class WorkersReported:
    """The program's own workers, and the foreign workers and beats for the same data."""

    workers: tuple[ObservedWorker, ...]
    foreign: tuple[ForeignWorker, ...] = ()


@dataclass(frozen=True)
class TaskWaiting:
    """A task that no worker has begun. queue: the shared one also of a task for this PC alone: its worker takes it."""

    task_id: str
    queue: str


@dataclass(frozen=True)
class QueuesReported:
    """The tasks that no worker has begun, oldest first."""

    waiting: tuple[TaskWaiting, ...]


@dataclass(frozen=True)
class TimePassed:
    """No other event arrived for a moment."""


@dataclass(frozen=True)
class MachineWoke:
    """The machine slept, or the process was suspended.

    Attributes:
        steady_gap_s: Seconds of it that the monotonic clock counted.
    """

    steady_gap_s: float


Request = StartRequested | StopRequested | RestartRequested | CloseRequested
ProbeResult = PortFoundFree | ServicePortTaken | ForeignApiFound | ServiceReady | ServiceUnready | ProbeFailed
ProcessEvent = ServiceSpawned | SpawnFailed | ServiceExited | StackDown
Event = Request | ProbeResult | ProcessEvent | WorkersReported | QueuesReported | MachineWoke | TimePassed


@dataclass(frozen=True)
class Spawn:
    service: str


@dataclass(frozen=True)
class RequestStop:
    service: str


@dataclass(frozen=True)
class KillTree:
    """Kill the service's process and all its descendants."""

    service: str


Command = Spawn | RequestStop | KillTree
