"""How processes begin and end."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Problem, Remedy
from desktop.supervision.events import Ending, ServiceExited, ServiceSpawned, SpawnFailed, StackDown
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.timeouts import Moment

_REMEDIES = (Remedy.OPEN_LOG, Remedy.TRY_AGAIN)


def on_exit(event: Ending, state: Supervision, moment: Moment) -> Supervision:
    one = state[event.service]
    match event:
        case ServiceSpawned(pid=pid):
            return state.put(replace(one, pid=pid, since=moment.at, answered_at=moment.at))
        case SpawnFailed(reason=reason):
            problem = Problem(f"{one.service.title} cannot be started", reason, "", _REMEDIES)
            return state.put(_failed(one, problem, moment))
        case ServiceExited(pid=pid) if pid == one.pid:
            return state.put(_exited(one, event, state.needs_ready(one), moment))
        case StackDown():
            return state.put(one.at_rest(moment.at))
    return state


def _exited(one: ServiceState, event: ServiceExited, needs_ready: bool, moment: Moment) -> ServiceState:
    asked_for = one.phase is Phase.STOPPING and not one.blamed
    recycled = moment.rules.restart.recycled(event.code, moment.at - one.since)
    if asked_for or not one.wanted or recycled or not needs_ready:
        return one.at_rest(moment.at)
    if moment.rules.restart.useless(event.code):
        problem = Problem(
            f"{one.service.title} cannot run like this", _last_line(event), "", _REMEDIES, event.last_words
        )
        return replace(one.at_rest(moment.at), phase=Phase.GAVE_UP, problem=problem)
    problem = one.problem if one.blamed and one.problem else _unexpected(one, event)
    return _failed(one, problem, moment, counts=not moment.rules.restart.hopes(event.code))


def _failed(one: ServiceState, problem: Problem, moment: Moment, *, counts: bool = True) -> ServiceState:
    policy, streak = moment.rules.restart, one.streak + 1
    exits = policy.recent((*one.exits, moment.at) if counts else one.exits, moment.at)
    rested = replace(one.at_rest(moment.at), exits=exits, streak=streak, problem=problem)
    if policy.gives_up(exits, moment.at):
        return replace(rested, phase=Phase.GAVE_UP, problem=_hopeless(rested, problem, policy.window_s))
    return replace(rested, phase=Phase.BACKOFF, retry_at=moment.at + policy.delay(streak, moment.chance))


def _unexpected(one: ServiceState, event: ServiceExited) -> Problem:
    """What is killed has no last words of its own: its log's last line is about something else."""
    how = f"exit code {event.code}" if event.code >= 0 else f"signal {-event.code}"
    message = f"{how}: {_last_line(event)}" if event.last_words and event.code >= 0 else how
    return Problem(f"{one.service.title} ended unexpectedly", message, "", _REMEDIES, event.last_words)


def _last_line(event: ServiceExited) -> str:
    return event.last_words.rpartition("\n")[2]


def _hopeless(one: ServiceState, last: Problem, window_s: float) -> Problem:
    often = f"It ended {len(one.exits)} times within {window_s / 60:.0f} minutes"
    return Problem(
        f"{one.service.title} keeps failing",
        f"{often}, the last time: {last.message or last.title}",
        last.hint or f"Its log tells more: {one.name}.log in the log folder.",
        _REMEDIES,
        last.details,
    )
