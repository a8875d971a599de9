"""One event after another makes the state of the supervision. Pure: the clock and chance come as arguments.

What somebody asked for.
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
from desktop.supervision.lifecycle import settle
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.timeouts import Moment, Rules

_LAST_MOMENT_S = 2.0  # for killed processes to be gone


def on_request(request: Request, state: Supervision, moment: Moment) -> Supervision:
    match request:
        case CloseRequested():
            return _closing(state, request, moment)
        case _ if state.closing_by is not None:
            return state
        case StartRequested(None):
            return _started(state, {one.name for one in state.services}, moment)
        case StartRequested(str(name)):
            return _started(state, {name, *state[name].service.needs}, moment)
        case StopRequested(name):
            return state.put(replace(state[name], wanted=False))
        case RestartRequested(name):
            return _restarted(state, name, moment)
    return state


def _started(state: Supervision, names: set[str], moment: Moment) -> Supervision:
    return replace(state, services=tuple(_fresh(one, moment) if one.name in names else one for one in state.services))


def _fresh(one: ServiceState, moment: Moment) -> ServiceState:
    """Somebody wants it now: earlier failures are forgiven."""
    rested = one.at_rest(moment.at) if one.phase in (Phase.GAVE_UP, Phase.BACKOFF) else one
    return replace(rested, wanted=True, exits=(), streak=0)


def _restarted(state: Supervision, name: str, moment: Moment) -> Supervision:
    one = state[name]
    if one.pid is None:
        return _started(state, {name}, moment)
    return state.put(replace(one.asked_to_end(moment.at), wanted=True, exits=(), streak=0))


def _closing(state: Supervision, request: CloseRequested, moment: Moment) -> Supervision:
    unwanted = tuple(replace(one, wanted=False) for one in state.services)
    if not request.again:
        by = state.closing_by if state.closing_by is not None else moment.at + moment.rules.close_s
        return replace(state, services=unwanted, closing_by=by)
    ended = tuple(
        replace(one, phase=Phase.STOPPING, asked=True, stop_by=moment.at)
        if one.pid is not None
        else one.at_rest(moment.at)
        for one in unwanted
    )
    return replace(state, services=ended, closing_by=moment.at + _LAST_MOMENT_S)


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
            return on_request(event, state, moment)
        case ServiceSpawned() | SpawnFailed() | ServiceExited() | StackDown():
            return exit_status.on_exit(event, state, moment)
        case WorkersReported():
            return liveness.on_report(event, state, moment)
        case QueuesReported():
            return liveness.on_queue(event, state, moment)
        case MachineWoke():
            return readiness.woken(event, state, moment)
        case _:
            return readiness.on_probe(event, state, moment)
