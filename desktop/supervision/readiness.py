"""What looking at the services brought to light."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Problem
from desktop.supervision.events import (
    Finding,
    ForeignFound,
    MachineWoke,
    PortFound,
    ProbeFailed,
    ServicePortTaken,
    ServiceReady,
    ServiceUnready,
)
from desktop.supervision.liveness import taken
from desktop.supervision.services import Phase, Proof, ServiceState, Supervision
from desktop.supervision.timeouts import Moment


def on_probe(finding: Finding, state: Supervision, moment: Moment) -> Supervision:
    one = state[finding.service]
    match finding:
        case PortFound() | ServicePortTaken() | ForeignFound():
            return state.put(_surveyed(one, finding, moment))
        case ServiceReady():
            return state.put(_ready(one, moment))
        case ServiceUnready(problem=problem):
            return state.put(_unready(one, problem, moment))
        case ProbeFailed(problem=problem):
            if moment.at < state.calm_until or not state.needs_ready(one):
                return state
            return state.put(_silent(one, problem, moment))


def woken(event: MachineWoke, state: Supervision, moment: Moment) -> Supervision:
    """No sign of life could come while the machine slept, so none is missed; nor did a task work meanwhile."""
    services = tuple(_after_sleep(one, event.steady_gap_s, moment.at) for one in state.services)
    return replace(state, services=services, calm_until=moment.at + moment.rules.patience.calm_s)


def _after_sleep(one: ServiceState, slept_s: float, at: float) -> ServiceState:
    task = one.task and replace(one.task, began=one.task.began + slept_s, moved=at)
    since = at if one.phase is Phase.STARTING else one.since
    return replace(taken(one), since=since, answered_at=at, misses=0, task=task)


def _surveyed(one: ServiceState, finding: PortFound | ServicePortTaken | ForeignFound, moment: Moment) -> ServiceState:
    if one.phase is not Phase.STARTING or one.launched:
        return one  # an answer that came too late
    match finding:
        case PortFound():
            return replace(one, cleared=True)
        case ServicePortTaken(problem=problem):
            return replace(one, phase=Phase.GAVE_UP, since=moment.at, blocked=True, problem=problem)
        case ForeignFound():
            return replace(one, phase=Phase.FOREIGN, since=moment.at, answered_at=moment.at, misses=0, problem=None)


def _ready(one: ServiceState, moment: Moment) -> ServiceState:
    if one.phase is Phase.STARTING and (one.pid is not None or not one.service.has_process):
        return replace(one, phase=Phase.RUNNING, since=moment.at, answered_at=moment.at, misses=0, problem=None)
    if one.ready:
        return replace(one, answered_at=moment.at, misses=0, problem=None)
    return one


def _unready(one: ServiceState, problem: Problem, moment: Moment) -> ServiceState:
    """It lives, so it is not started again. A stack that is away holds back what is not running yet."""
    if one.service.proof is Proof.STACK and one.phase is Phase.RUNNING:
        return replace(one, phase=Phase.STARTING, since=moment.at, problem=problem)
    if one.phase is Phase.STARTING or one.ready:
        return replace(one, answered_at=moment.at, misses=0, problem=problem)
    return one


def _silent(one: ServiceState, problem: Problem, moment: Moment) -> ServiceState:
    patience, one = moment.rules.patience, replace(one, misses=one.misses + 1)
    if one.phase is Phase.STARTING and one.pid is not None:
        late = moment.at - max(one.since, one.answered_at) >= patience.start_s
        return one.ended_for(problem, moment.at) if late else one
    if not one.ready:
        return one
    silence = moment.at - one.answered_at
    if silence >= patience.restart_s and one.misses >= patience.restart_misses:
        return one.ended_for(problem, moment.at) if one.phase is Phase.RUNNING else one.at_rest(moment.at)
    return replace(one, problem=problem) if silence >= patience.unanswered_s else one
