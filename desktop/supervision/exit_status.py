"""What follows from the start and the end of processes: a restart soon or some minutes later, or none."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import Problem, problem, problem_id_in, without_problem_id
from desktop.supervision.events import ProcessEvent, ServiceExited, ServiceSpawned, SpawnFailed, StackDown
from desktop.supervision.plan import STACK
from desktop.supervision.services import Phase, Recurrence, ServiceState, Supervision
from desktop.supervision.timeouts import Moment

_OF_THE_STACK = (
    ProblemId.DATABASE_AWAY,
    ProblemId.DATABASE_DAMAGED,
    ProblemId.DATABASE_NEWER,
    ProblemId.BROKER_AWAY,
    ProblemId.BROKER_REFUSES,
    ProblemId.DISK_FULL,
)


def on_process_event(event: ProcessEvent, supervision: Supervision, moment: Moment) -> Supervision:
    state = supervision[event.service]
    match event:
        case ServiceSpawned(pid=pid):
            return supervision.put(replace(state, pid=pid, since=moment.at, last_alive_at=moment.at))
        case SpawnFailed(reason=reason):
            return supervision.put(_failed(state, _problem(state, ProblemId.SERVICE_NOT_STARTED, reason), moment))
        case ServiceExited(pid=pid) if pid == state.pid:
            return supervision.put(_exited(state, event, supervision.dependencies_ready(state), moment))
        case StackDown():
            return supervision.put(state.stopped(moment.at))
    return supervision


def _exited(state: ServiceState, event: ServiceExited, dependencies_ready: bool, moment: Moment) -> ServiceState:
    policy = moment.rules.restart
    requested = state.phase is Phase.STOPPING and not state.failing
    recycling = policy.is_recycling(event.code, moment.at - state.since)
    if requested or not state.wanted or recycling or not dependencies_ready:
        return state.stopped(moment.at)
    if policy.is_permanent(event.code):
        found = _reported(event) or _problem(state, ProblemId.SERVICE_REFUSES, _last_line(event), event.last_output)
        return replace(state.stopped(moment.at).forgiven(), phase=Phase.GAVE_UP, problem=found)
    found = state.problem if state.failing and state.problem else _unexpected_exit(state, event)
    return _failed(state, found, moment, counts=not policy.is_unreachable(event.code))


def _failed(state: ServiceState, found: Problem, moment: Moment, *, counts: bool = True) -> ServiceState:
    policy, streak = moment.rules.restart, state.streak + 1
    exits = policy.recent((*state.exits, moment.at) if counts else state.exits, moment.at)
    stopped = replace(state.stopped(moment.at), exits=exits, streak=streak, problem=found)
    delay = policy.delay(streak, moment.chance)
    if counts and (stopped.recurrence or policy.keeps_failing(exits, moment.at)):
        recurrence = _recurrence(stopped, found, moment)
        stopped = replace(stopped, recurrence=recurrence)
        delay = policy.recurrence_delay(recurrence.attempts, moment.chance)
    return replace(stopped, phase=Phase.BACKOFF, retry_at=moment.at + delay)


def _unexpected_exit(state: ServiceState, event: ServiceExited) -> Problem:
    """Quote the last line of the log, except for a killed process, whose log does not name the cause."""
    if (reported := _reported(event)) is not None:
        return reported
    status = f"exit code {event.code}" if event.code >= 0 else f"signal {-event.code}"
    message = f"{status}: {_last_line(event)}" if event.last_output and event.code >= 0 else status
    return _problem(state, ProblemId.SERVICE_ENDED, message, event.last_output)


def _reported(event: ServiceExited) -> Problem | None:
    """Return the problem that the process named in its last line, if it is one of the database or the broker."""
    named = problem_id_in(event.last_output)
    if named not in _OF_THE_STACK:
        return None
    found = problem(named, service=STACK, details=event.last_output)
    reason = _last_line(event).removeprefix(f"{found.title}: ")
    return replace(found, parameters={"reason": reason, "hint": ""})  # the line ends with the hint


def _problem(state: ServiceState, problem_id: ProblemId, reason: str, details: str = "") -> Problem:
    return problem(problem_id, {"service": state.service.title, "reason": reason}, details=details)


def _last_line(event: ServiceExited) -> str:
    return without_problem_id(event.last_output.rpartition("\n")[2])


def _recurrence(state: ServiceState, last: Problem, moment: Moment) -> Recurrence:
    """Return the record of a service that keeps failing, after one more exit."""
    known = state.recurrence
    exits = known.exits + 1 if known else len(state.exits)
    began = known.began if known else state.exits[0]
    words = {
        "service": state.service.title,
        "count": str(exits),
        "minutes": f"{max(moment.rules.restart.window_s, moment.at - began) / 60:.0f}",
        "reason": last.message or last.title,
        "log": f"{state.name}.log",
    }
    found = problem(ProblemId.SERVICE_FAILING, words, details=last.details)
    return Recurrence(found, known.since if known else moment.at, began, exits, known.attempts + 1 if known else 0)
