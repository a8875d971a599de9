"""The transitions that are due in a state: which services may start, which must stop, which must be killed."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from desktop.supervision.events import Command, KillTree, RequestStop, Spawn
from desktop.supervision.services import Phase, ReadinessCheck, ServiceState, Supervision
from desktop.supervision.timeouts import Moment

Step = tuple[ServiceState, Command | None]


def advance(supervision: Supervision, moment: Moment) -> tuple[Supervision, tuple[Command, ...]]:
    """Apply the transitions that are due, in the order of the plan, until none is left.

    Raises:
        RuntimeError: The transitions form a cycle.
    """
    commands: list[Command] = []
    for _ in range(8 * len(supervision.services)):
        before = supervision
        for state in before.services:
            changed, command = _step(supervision, state, moment)
            supervision = supervision if changed == state else supervision.put(changed)
            commands += [command] if command else []
        if supervision == before:
            return supervision, tuple(commands)
    raise RuntimeError(f"no stable state is reached: {supervision}")


def _step(supervision: Supervision, state: ServiceState, moment: Moment) -> Step:
    if not state.wanted:
        state = _stop_unwanted(supervision, state, moment)
    match state.phase:
        case Phase.STOPPED | Phase.BACKOFF:
            return _start_if_due(supervision, state, moment), None
        case Phase.STARTING:
            return _starting(state, moment)
        case Phase.RUNNING:
            healthy = state.streak and moment.at - state.since >= moment.rules.restart.healthy_s
            return _healthy(state) if healthy else state, None
        case Phase.STOPPING:
            return _stopping(state, moment)
    return state, None


def _healthy(state: ServiceState) -> ServiceState:
    """Exits within the window still count, except for a service that had kept failing: its cause is gone."""
    return state.forgiven() if state.recurrence else replace(state, streak=0)


def _start_if_due(supervision: Supervision, state: ServiceState, moment: Moment) -> ServiceState:
    waits = state.phase is Phase.BACKOFF and moment.at < state.retry_at
    if not state.wanted or waits or not supervision.dependencies_ready(state):
        return state
    return replace(
        state.stopped(moment.at),
        phase=Phase.STARTING,
        restarts=state.restarts + (state.phase is Phase.BACKOFF),
        port_checked=state.service.readiness is not ReadinessCheck.HTTP,
    )


def _starting(state: ServiceState, moment: Moment) -> Step:
    if state.service.has_process and state.port_checked and not state.spawn_requested:
        return replace(state, spawn_requested=True), Spawn(state.name)
    ready_by_uptime = state.service.readiness is ReadinessCheck.UPTIME and state.pid is not None
    if ready_by_uptime and moment.at - state.since >= moment.rules.timeouts.alive_s:
        return replace(state, phase=Phase.RUNNING, since=moment.at), None
    return state, None


def _stop_unwanted(supervision: Supervision, state: ServiceState, moment: Moment) -> ServiceState:
    """Stop a service after the ones that depend on it, in the reverse order of the start."""
    if state.phase is Phase.STOPPING or _has_dependents(supervision, state.name):
        return state
    if state.pid is not None or (state.alive and not state.service.has_process):
        return state.stopping(moment.at, supervision.close_deadline or inf)
    return state if state.phase is Phase.STOPPED else state.stopped(moment.at)


def _has_dependents(supervision: Supervision, name: str) -> bool:
    """Whether a service that is to stop as well still runs and depends on this one."""
    return any(state.alive and not state.wanted and name in state.service.depends_on for state in supervision.services)


def _stopping(state: ServiceState, moment: Moment) -> Step:
    if state.stop_deadline is not None and moment.at >= state.stop_deadline and not state.kill_requested:
        if state.service.has_process:
            return replace(state, kill_requested=True), KillTree(state.name)
        return state.stopped(moment.at), None
    if not state.stop_requested:
        return replace(state, stop_requested=True), RequestStop(state.name) if state.service.has_process else None
    return state, None
