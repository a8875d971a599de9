"""What follows from the results of probes: ports, answers, and the machine's wake-up."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Problem
from desktop.supervision.events import (
    ForeignApiFound,
    MachineWoke,
    PortFoundFree,
    ProbeFailed,
    ProbeResult,
    ServicePortTaken,
    ServiceReady,
    ServiceUnready,
)
from desktop.supervision.liveness import without_unclaimed
from desktop.supervision.services import Phase, ReadinessCheck, ServiceState, Supervision
from desktop.supervision.timeouts import Moment


def on_probe(result: ProbeResult, supervision: Supervision, moment: Moment) -> Supervision:
    state = supervision[result.service]
    match result:
        case PortFoundFree() | ServicePortTaken() | ForeignApiFound():
            return supervision.put(_port_checked(state, result, moment))
        case ServiceReady():
            return supervision.put(_ready(state, moment))
        case ServiceUnready(problem=problem):
            return supervision.put(_unready(state, problem, moment))
        case ProbeFailed(problem=problem):
            if moment.at < supervision.grace_until or not supervision.dependencies_ready(state):
                return supervision
            return supervision.put(_unanswered(state, problem, moment))


def on_wake(event: MachineWoke, supervision: Supervision, moment: Moment) -> Supervision:
    """Measure silence and standstill from now: while the machine slept, no process could run."""
    services = tuple(_after_sleep(state, event.steady_gap_s, moment.at) for state in supervision.services)
    return replace(supervision, services=services, grace_until=moment.at + moment.rules.timeouts.wake_grace_s)


def _after_sleep(state: ServiceState, slept_s: float, at: float) -> ServiceState:
    task = state.task and replace(state.task, first_seen_at=state.task.first_seen_at + slept_s, progressed_at=at)
    unproven = state.phase is Phase.STARTING or (state.phase is Phase.RUNNING and state.streak > 0)
    since = at if unproven else state.since  # a service does not become healthy by sleeping
    return replace(without_unclaimed(state), since=since, last_alive_at=at, missed_probes=0, task=task)


def _port_checked(
    state: ServiceState, result: PortFoundFree | ServicePortTaken | ForeignApiFound, moment: Moment
) -> ServiceState:
    if state.phase is not Phase.STARTING or state.spawn_requested:
        return state  # the result arrived too late
    match result:
        case PortFoundFree():
            return replace(state, port_checked=True)
        case ServicePortTaken(problem=problem):
            return replace(state.forgiven(), phase=Phase.GAVE_UP, since=moment.at, blocked=True, problem=problem)
        case ForeignApiFound():
            foreign = replace(state.forgiven(), phase=Phase.FOREIGN, since=moment.at, last_alive_at=moment.at)
            return replace(foreign, missed_probes=0, problem=None)


def _ready(state: ServiceState, moment: Moment) -> ServiceState:
    if state.phase is Phase.STARTING and (state.pid is not None or not state.service.has_process):
        return replace(
            state, phase=Phase.RUNNING, since=moment.at, last_alive_at=moment.at, missed_probes=0, problem=None
        )
    if state.ready:
        return replace(state, last_alive_at=moment.at, missed_probes=0, problem=None)
    return state


def _unready(state: ServiceState, problem: Problem, moment: Moment) -> ServiceState:
    """A service that answers is not restarted. A stack that is away delays services that do not run yet."""
    if state.service.readiness is ReadinessCheck.STACK and state.phase is Phase.RUNNING:
        return replace(state, phase=Phase.STARTING, since=moment.at, problem=problem)
    if state.phase is Phase.STARTING or state.ready:
        return replace(state, last_alive_at=moment.at, missed_probes=0, problem=problem)
    return state


def _unanswered(state: ServiceState, problem: Problem, moment: Moment) -> ServiceState:
    timeouts, state = moment.rules.timeouts, replace(state, missed_probes=state.missed_probes + 1)
    if state.phase is Phase.STARTING and state.pid is not None:
        late = moment.at - max(state.since, state.last_alive_at) >= timeouts.start_s
        return state.killed_for(problem, moment.at) if late else state
    if not state.ready:
        return state
    silence = moment.at - state.last_alive_at
    if silence >= timeouts.restart_s and state.missed_probes >= timeouts.restart_after_misses:
        return state.killed_for(problem, moment.at) if state.phase is Phase.RUNNING else state.stopped(moment.at)
    return replace(state, problem=problem) if silence >= timeouts.unanswered_s else state
