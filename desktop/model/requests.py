"""What somebody asked for."""

from __future__ import annotations

from dataclasses import replace

from desktop.model.events import CloseRequested, Request, RestartRequested, StartRequested, StopRequested
from desktop.model.rules import Moment
from desktop.model.services import Phase, ServiceState, Supervision

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
