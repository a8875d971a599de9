"""Replays a history of events to the reducer and records its commands."""

from __future__ import annotations

from backend.contract.settings import StackKind
from desktop.notifications.activity import ActivityEntry, activity_between
from desktop.state.app_state import AppState
from desktop.supervision.events import (
    Command,
    Event,
    ObservedWorker,
    PortFoundFree,
    ServiceExited,
    ServiceReady,
    ServiceSpawned,
    Spawn,
    StartRequested,
    TimePassed,
    WorkersReported,
)
from desktop.supervision.plan import API, BEAT, STACK, plan
from desktop.supervision.reducer import reduce
from desktop.supervision.services import Phase, ServiceState, Supervision

SLOW, FAST = "worker-slow", "worker-fast"


class Replay:
    """Chance is always 0.5, which means no jitter. Spawned processes get the ids 101, 102 ..."""

    def __init__(self) -> None:
        self.at = 0.0
        self.state = Supervision.of(plan())
        self.commands: list[Command] = []
        self._pid = 100

    def __getitem__(self, name: str) -> ServiceState:
        return self.state[name]

    def phases(self) -> dict[str, Phase]:
        return {service.name: service.phase for service in self.state.services}

    def then(self, event: Event) -> list[Command]:
        """Apply an event and return the resulting commands; a spawn succeeds at once."""
        self.state, commands = reduce(self.state, event, self.at)
        found = list(commands)
        for command in commands:
            if isinstance(command, Spawn):
                self._pid += 1
                found += self.then(ServiceSpawned(command.service, self._pid))
        self.commands += commands
        return found

    def wait(self, seconds: float) -> list[Command]:
        self.at += seconds
        return self.then(TimePassed())

    def exits(self, name: str, code: int = 1, last_output: str = "") -> list[Command]:
        pid = self[name].pid
        assert pid is not None, f"{name} does not run"
        return self.then(ServiceExited(name, pid, code, last_output))

    def api_answers(self) -> list[Command]:
        return self.then(ServiceReady(API))

    def workers_beat(self, **slow_task: str) -> list[Command]:
        """Report heartbeats of both workers; `slow_task`: the task of the slow one."""
        slow = ObservedWorker(self[SLOW].pid or 0, 1.0, **slow_task)
        return self.then(WorkersReported((slow, ObservedWorker(self[FAST].pid or 0, 1.0))))

    def spawned(self) -> list[str]:
        return [command.service for command in self.commands if isinstance(command, Spawn)]


def started() -> Replay:
    """Return a replay in which all services run."""
    replay = Replay()
    replay.then(StartRequested())
    replay.then(ServiceReady(STACK))
    replay.then(PortFoundFree(API))
    replay.api_answers()
    replay.wait(3)
    replay.workers_beat()
    assert set(replay.phases().values()) == {Phase.RUNNING}, replay.phases()
    assert replay.spawned() == [API, SLOW, FAST, BEAT]
    replay.commands.clear()
    return replay


def activity(before: Supervision, after: Supervision) -> tuple[ActivityEntry, ...]:
    """What the activity log writes of a change of the services."""
    return activity_between(AppState(before, StackKind.EMBEDDED), AppState(after, StackKind.EMBEDDED))
