"""One event after another makes the state of the supervision. Pure: the clock and chance come as arguments."""

from __future__ import annotations

from desktop.model import consumption, endings, findings, liveness, requests
from desktop.model.commands import Command
from desktop.model.events import (
    CloseRequested,
    Event,
    MachineWoke,
    QueuesReported,
    RestartRequested,
    ServiceExited,
    ServiceSpawned,
    SpawnFailed,
    StackDown,
    StartRequested,
    StopRequested,
    TimePassed,
    WorkersReported,
)
from desktop.model.rules import Moment, Rules
from desktop.model.services import Supervision
from desktop.model.settling import settle

DEFAULT_RULES = Rules()


def reduce(
    state: Supervision, event: Event, at: float, *, chance: float = 0.5, rules: Rules = DEFAULT_RULES
) -> tuple[Supervision, tuple[Command, ...]]:
    """Gives the next state and what has to be done now. at: seconds of a steady clock; chance: uniform in 0-1."""
    moment = Moment(at, chance, rules)
    return settle(_dispatch(state, event, moment), moment)


def _dispatch(state: Supervision, event: Event, moment: Moment) -> Supervision:
    match event:
        case TimePassed():
            return state
        case StartRequested() | StopRequested() | RestartRequested() | CloseRequested():
            return requests.on_request(event, state, moment)
        case ServiceSpawned() | SpawnFailed() | ServiceExited() | StackDown():
            return endings.on_exit(event, state, moment)
        case WorkersReported():
            return liveness.on_report(event, state, moment)
        case QueuesReported():
            return consumption.on_queue(event, state, moment)
        case MachineWoke():
            return findings.woken(event, state, moment)
        case _:
            return findings.on_probe(event, state, moment)
