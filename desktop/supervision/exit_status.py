"""What follows from the start and the end of processes: restart, back-off, or giving up."""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Remedy, Trouble
from desktop.supervision.events import ProcessEvent, ServiceExited, ServiceSpawned, SpawnFailed, StackDown
from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.supervision.timeouts import Moment

_REMEDIES = (Remedy.OPEN_LOG, Remedy.TRY_AGAIN)


def on_process_event(event: ProcessEvent, supervision: Supervision, moment: Moment) -> Supervision:
    state = supervision[event.service]
    match event:
        case ServiceSpawned(pid=pid):
            return supervision.put(replace(state, pid=pid, since=moment.at, last_alive_at=moment.at))
        case SpawnFailed(reason=reason):
            trouble = Trouble(f"{state.service.title} cannot be started", reason, "", _REMEDIES)
            return supervision.put(_failed(state, trouble, moment))
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
        trouble = Trouble(
            f"{state.service.title} cannot run like this", _last_line(event), "", _REMEDIES, event.last_output
        )
        return replace(state.stopped(moment.at), phase=Phase.GAVE_UP, trouble=trouble)
    trouble = state.trouble if state.failing and state.trouble else _unexpected_exit(state, event)
    return _failed(state, trouble, moment, counts=not policy.is_unreachable(event.code))


def _failed(state: ServiceState, trouble: Trouble, moment: Moment, *, counts: bool = True) -> ServiceState:
    policy, streak = moment.rules.restart, state.streak + 1
    exits = policy.recent((*state.exits, moment.at) if counts else state.exits, moment.at)
    stopped = replace(state.stopped(moment.at), exits=exits, streak=streak, trouble=trouble)
    if policy.gives_up(exits, moment.at):
        return replace(stopped, phase=Phase.GAVE_UP, trouble=_keeps_failing(stopped, trouble, policy.window_s))
    return replace(stopped, phase=Phase.BACKOFF, retry_at=moment.at + policy.delay(streak, moment.chance))


def _unexpected_exit(state: ServiceState, event: ServiceExited) -> Trouble:
    """Quote the last line of the log, except for a killed process, whose log does not name the cause."""
    status = f"exit code {event.code}" if event.code >= 0 else f"signal {-event.code}"
    message = f"{status}: {_last_line(event)}" if event.last_output and event.code >= 0 else status
    return Trouble(f"{state.service.title} ended unexpectedly", message, "", _REMEDIES, event.last_output)


def _last_line(event: ServiceExited) -> str:
    return event.last_output.rpartition("\n")[2]


def _keeps_failing(state: ServiceState, last: Trouble, window_s: float) -> Trouble:
    count = f"It ended {len(state.exits)} times within {window_s / 60:.0f} minutes"
    return Trouble(
        f"{state.service.title} keeps failing",
        f"{count}, the last time: {last.message or last.title}",
        last.hint or f"Details are in {state.name}.log in the log folder.",
        _REMEDIES,
        last.details,
    )
