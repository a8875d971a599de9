"""The reducer of the supervision: state and event give the next state and the commands. Pure.

Clock and random numbers are passed in.
"""

from __future__ import annotations

from dataclasses import replace

from desktop.supervision import exit_status, liveness, readiness
from desktop.supervision.events import (
    CloseRequested,
    Command,
    Event,
    MachineWoke,
    QueuesReported,
    Request,
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
from desktop.supervision.lifecycle import advance
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.timeouts import Moment, Rules

_KILLED_WITHIN_S = 2.0  # for killed processes to disappear
DEFAULT_RULES = Rules()


def reduce(
    supervision: Supervision, event: Event, at: float, *, chance: float = 0.5, rules: Rules = DEFAULT_RULES
) -> tuple[Supervision, tuple[Command, ...]]:
    """Return the next state and the commands to carry out.

    Args:
        at: Seconds of the monotonic clock.
        chance: A uniform random number between 0 and 1.
    """
    moment = Moment(at, chance, rules)
    return advance(_dispatch(supervision, event, moment), moment)


def _dispatch(supervision: Supervision, event: Event, moment: Moment) -> Supervision:
    match event:
        case TimePassed():
            return supervision
        case StartRequested() | StopRequested() | RestartRequested() | CloseRequested():
            return _on_request(event, supervision, moment)
        case ServiceSpawned() | SpawnFailed() | ServiceExited() | StackDown():
            return exit_status.on_process_event(event, supervision, moment)
        case WorkersReported():
            return liveness.on_workers_reported(event, supervision, moment)
        case QueuesReported():
            return liveness.on_queues_reported(event, supervision, moment)
        case MachineWoke():
            return readiness.on_wake(event, supervision, moment)
        case _:
            return readiness.on_probe(event, supervision, moment)


def _on_request(request: Request, supervision: Supervision, moment: Moment) -> Supervision:
    match request:
        case CloseRequested():
            return _close(supervision, request, moment)
        case _ if supervision.close_deadline is not None:
            return supervision
        case StartRequested(None):
            return _start(supervision, {state.name for state in supervision.services}, moment)
        case StartRequested(str(name)):
            return _start(supervision, {name, *supervision[name].service.depends_on}, moment)
        case StopRequested(name):
            return supervision.put(replace(supervision[name].forgiven(), wanted=False))
        case RestartRequested(name):
            return _restart(supervision, name, moment)
    return supervision


def _start(supervision: Supervision, names: set[str], moment: Moment) -> Supervision:
    services = tuple(_wanted(state, moment) if state.name in names else state for state in supervision.services)
    return replace(supervision, services=services)


def _wanted(state: ServiceState, moment: Moment) -> ServiceState:
    """A request of the user clears earlier failures."""
    if state.phase in (Phase.GAVE_UP, Phase.BACKOFF):
        state = state.stopped(moment.at)
    return replace(state.forgiven(), wanted=True)


def _restart(supervision: Supervision, name: str, moment: Moment) -> Supervision:
    state = supervision[name]
    if state.pid is None:
        return _start(supervision, {name}, moment)
    return supervision.put(replace(state.stopping(moment.at).forgiven(), wanted=True))


def _close(supervision: Supervision, request: CloseRequested, moment: Moment) -> Supervision:
    unwanted = tuple(replace(state, wanted=False, recurrence=None) for state in supervision.services)
    if not request.again:
        deadline = supervision.close_deadline
        deadline = moment.at + moment.rules.close_s if deadline is None else deadline
        return replace(supervision, services=unwanted, close_deadline=deadline)
    killed = tuple(
        replace(state, phase=Phase.STOPPING, stop_requested=True, stop_deadline=moment.at)
        if state.pid is not None
        else state.stopped(moment.at)
        for state in unwanted
    )
    return replace(supervision, services=killed, close_deadline=moment.at + _KILLED_WITHIN_S)
