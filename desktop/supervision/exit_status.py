"""How processes begin and end."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Problem, ProblemId, problem, problem_id_in, without_problem_id
from desktop.supervision.events import Ending, ServiceExited, ServiceSpawned, SpawnFailed, StackDown
from desktop.supervision.plan import STACK
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.timeouts import Moment

_OF_THE_STACK = (
    ProblemId.DATABASE_AWAY,
    ProblemId.DATABASE_DAMAGED,
    ProblemId.DATABASE_NEWER,
    ProblemId.BROKER_AWAY,
    ProblemId.DISK_FULL,
)


def on_exit(event: Ending, state: Supervision, moment: Moment) -> Supervision:
    one = state[event.service]
    match event:
        case ServiceSpawned(pid=pid):
            return state.put(replace(one, pid=pid, since=moment.at, answered_at=moment.at))
        case SpawnFailed(reason=reason):
            found = _of(one, ProblemId.SERVICE_NOT_STARTED, reason)
            return state.put(_failed(one, found, moment))
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
        found = _said(event) or _of(one, ProblemId.SERVICE_REFUSES, _last_line(event), event.last_words)
        return replace(one.at_rest(moment.at), phase=Phase.GAVE_UP, problem=found)
    found = one.problem if one.blamed and one.problem else _unexpected(one, event)
    return _failed(one, found, moment, counts=not moment.rules.restart.hopes(event.code))


def _failed(one: ServiceState, found: Problem, moment: Moment, *, counts: bool = True) -> ServiceState:
    policy, streak = moment.rules.restart, one.streak + 1
    exits = policy.recent((*one.exits, moment.at) if counts else one.exits, moment.at)
    rested = replace(one.at_rest(moment.at), exits=exits, streak=streak, problem=found)
    if policy.gives_up(exits, moment.at):
        return replace(rested, phase=Phase.GAVE_UP, problem=_hopeless(rested, found, policy.window_s))
    return replace(rested, phase=Phase.BACKOFF, retry_at=moment.at + policy.delay(streak, moment.chance))


def _unexpected(one: ServiceState, event: ServiceExited) -> Problem:
    """A process that was killed wrote no reason: the last line of its log is about something else."""
    if (known := _said(event)) is not None:
        return known
    how = f"exit code {event.code}" if event.code >= 0 else f"signal {-event.code}"
    message = f"{how}: {_last_line(event)}" if event.last_words and event.code >= 0 else how
    return _of(one, ProblemId.SERVICE_ENDED, message, event.last_words)


def _said(event: ServiceExited) -> Problem | None:
    """The problem that the process itself named, where it is one of the database or the broker."""
    named = problem_id_in(event.last_words)
    if named not in _OF_THE_STACK:
        return None
    found = problem(named, service=STACK, details=event.last_words)
    reason = _last_line(event).removeprefix(f"{found.title}: ")
    return replace(found, parameters={"reason": reason, "hint": ""})  # the line ends with the hint


def _of(one: ServiceState, problem_id: ProblemId, reason: str, details: str = "") -> Problem:
    return problem(problem_id, {"service": one.service.title, "reason": reason}, details=details)


def _last_line(event: ServiceExited) -> str:
    return without_problem_id(event.last_words.rpartition("\n")[2])


def _hopeless(one: ServiceState, last: Problem, window_s: float) -> Problem:
    words = {
        "service": one.service.title,
        "count": str(len(one.exits)),
        "minutes": f"{window_s / 60:.0f}",
        "reason": last.message or last.title,
        "log": f"{one.name}.log",
    }
    return problem(ProblemId.SERVICE_FAILING, words, details=last.details)
