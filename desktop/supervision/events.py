"""What has happened. Threads that look and listen post these; only the reducer draws conclusions from them.

What the reducer wants done. The supervisor does it and tells of the outcome by an event.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.contract.problems import Problem
from desktop.supervision.services import ForeignWorker


@dataclass(frozen=True)
class StartRequested:
    """service None: all of them."""

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
    """The program is to end. Asked again: without waiting for anybody."""

    again: bool = False


@dataclass(frozen=True)
class PortFound:
    """Nobody listens where the service wants to."""

    service: str


@dataclass(frozen=True)
class ServicePortTaken:
    """Another program listens there."""

    service: str
    problem: Problem


@dataclass(frozen=True)
class ForeignFound:
    """The service runs already, for the same data, and somebody else started it. pid: as it says itself."""

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
    """It answers, and can do its work."""

    service: str


@dataclass(frozen=True)
class ServiceUnready:
    """It answers, and says itself that it cannot do its work, or not yet."""

    service: str
    problem: Problem


@dataclass(frozen=True)
class ProbeFailed:
    """It was asked and did not answer, or answered nonsense."""

    service: str
    problem: Problem


@dataclass(frozen=True)
class ServiceExited:
    """code: exit code, negative for a signal. last_words: the last lines of its output, without secrets."""

    service: str
    pid: int
    code: int
    last_words: str = ""


@dataclass(frozen=True)
class StackDown:
    """The stack was taken down, as asked."""

    service: str


@dataclass(frozen=True)
class WorkerSeen:
    """One worker of this machine, by its heartbeat. progress: a mark that changes whenever the task moves."""

    pid: int
    heartbeat_age_s: float
    task_id: str = ""
    task_name: str = ""
    progress: str = ""
    tasks_done: int = 0


@dataclass(frozen=True)
class WorkersReported:
    """foreign: those that work for the same data and are not ours."""

    workers: tuple[WorkerSeen, ...]
    foreign: tuple[ForeignWorker, ...] = ()


@dataclass(frozen=True)
class TaskWaiting:
    task_id: str
    queue: str


@dataclass(frozen=True)
class QueuesReported:
    """The tasks that nobody has begun, oldest first."""

    waiting: tuple[TaskWaiting, ...]


@dataclass(frozen=True)
class TimePassed:
    """Nothing happened for a moment."""


@dataclass(frozen=True)
class MachineWoke:
    """The machine slept, or the program was held up. steady_gap_s: how much of that the steady clock counted."""

    steady_gap_s: float


Request = StartRequested | StopRequested | RestartRequested | CloseRequested
Finding = PortFound | ServicePortTaken | ForeignFound | ServiceReady | ServiceUnready | ProbeFailed
Ending = ServiceSpawned | SpawnFailed | ServiceExited | StackDown
Event = Request | Finding | Ending | WorkersReported | QueuesReported | MachineWoke | TimePassed


@dataclass(frozen=True)
class Spawn:
    service: str


@dataclass(frozen=True)
class AskToStop:
    service: str


@dataclass(frozen=True)
class KillTree:
    service: str


Command = Spawn | AskToStop | KillTree
