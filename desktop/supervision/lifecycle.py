"""What follows from where everything stands: who may start, who has to be asked to stop, who has to be killed."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from desktop.supervision.events import AskToStop, Command, KillTree, Spawn
from desktop.supervision.services import Phase, Proof, ServiceState, Supervision
from desktop.supervision.timeouts import Moment

Step = tuple[ServiceState, Command | None]


def settle(state: Supervision, moment: Moment) -> tuple[Supervision, tuple[Command, ...]]:
    """Each service takes the steps that are due, in the order of the plan, until none is left.

    Raises RuntimeError for rules that chase their own tail.
    """
    commands: list[Command] = []
    for _ in range(8 * len(state.services)):
        before = state
        for one in state.services:
            changed, command = _step(state, state[one.name], moment)
            state = state if changed == one else state.put(changed)
            commands += [command] if command else []
        if state == before:
            return state, tuple(commands)
    raise RuntimeError(f"the services do not settle: {state}")


def _step(state: Supervision, one: ServiceState, moment: Moment) -> Step:
    if not one.wanted:
        one = _unwanted(state, one, moment)
    match one.phase:
        case Phase.STOPPED | Phase.BACKOFF:
            return _due(state, one, moment), None
        case Phase.STARTING:
            return _starting(one, moment)
        case Phase.RUNNING:
            healthy = one.streak and moment.at - one.since >= moment.rules.restart.healthy_s
            return (replace(one, streak=0) if healthy else one), None
        case Phase.STOPPING:
            return _stopping(one, moment)
    return one, None


def _due(state: Supervision, one: ServiceState, moment: Moment) -> ServiceState:
    waits = one.phase is Phase.BACKOFF and moment.at < one.retry_at
    if not one.wanted or waits or not state.needs_ready(one):
        return one
    again = one.restarts + (one.phase is Phase.BACKOFF)
    return replace(
        one.at_rest(moment.at), phase=Phase.STARTING, restarts=again, cleared=one.service.proof is not Proof.ANSWER
    )


def _starting(one: ServiceState, moment: Moment) -> Step:
    if one.service.has_process and one.cleared and not one.launched:
        return replace(one, launched=True), Spawn(one.name)
    if (
        one.service.proof is Proof.ALIVE
        and one.pid is not None
        and moment.at - one.since >= moment.rules.patience.alive_s
    ):
        return replace(one, phase=Phase.RUNNING, since=moment.at), None
    return one, None


def _unwanted(state: Supervision, one: ServiceState, moment: Moment) -> ServiceState:
    """The last to start is the first to stop: whoever needs this one and is stopping too goes before it."""
    if one.phase is Phase.STOPPING or _still_used(state, one.name):
        return one
    if one.pid is not None or (one.alive and not one.service.has_process):
        return one.asked_to_end(moment.at, state.closing_by or inf)
    return one if one.phase is Phase.STOPPED else one.at_rest(moment.at)


def _still_used(state: Supervision, name: str) -> bool:
    return any(one.alive and not one.wanted and name in one.service.needs for one in state.services)


def _stopping(one: ServiceState, moment: Moment) -> Step:
    if one.stop_by is not None and moment.at >= one.stop_by and not one.killed:
        return (
            (replace(one, killed=True), KillTree(one.name))
            if one.service.has_process
            else (one.at_rest(moment.at), None)
        )
    if not one.asked:
        return replace(one, asked=True), AskToStop(one.name) if one.service.has_process else None
    return one, None
