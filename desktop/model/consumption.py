"""Whether an idle worker takes what waits in its queue: one whose heart beats may still be deaf to the broker.

A task that waits behind a running one is no sign of that, nor is one that waits while the stack is away. Seconds
without a break count, by the supervisor's own clock.
"""

from __future__ import annotations

from dataclasses import replace

from backend.contract.problems import Remedy, Trouble
from desktop.model.events import QueuesReported, TaskWaiting
from desktop.model.rules import Moment
from desktop.model.services import Phase, ServiceState, Supervision, Untaken


def on_queue(report: QueuesReported, state: Supervision, moment: Moment) -> Supervision:
    consumers = [one for one in state.services if one.service.queue]
    for one in consumers:
        waiting = [task for task in report.waiting if task.queue == one.service.queue]
        state = state.put(_judge_queue(one, waiting if _idle(state, one, moment) else [], moment))
    return state


def taken(one: ServiceState) -> ServiceState:
    """It works, or there is nothing that it should have taken."""
    if one.untaken is None:
        return one
    return replace(one, untaken=None, trouble=None if one.untaken.told else one.trouble)


def _idle(state: Supervision, one: ServiceState, moment: Moment) -> bool:
    beats = moment.at - one.answered_at < moment.rules.patience.heartbeat_s
    return one.phase is Phase.RUNNING and one.task is None and beats and state.needs_ready(one)


def _judge_queue(one: ServiceState, waiting: list[TaskWaiting], moment: Moment) -> ServiceState:
    untaken = _untaken(one.untaken, [task.task_id for task in waiting], moment)
    if untaken is None or one.untaken is None or untaken.since != one.untaken.since:
        return replace(taken(one), untaken=untaken)
    one = replace(one, untaken=untaken)
    if moment.at - untaken.since < moment.rules.patience.untaken_s:
        return one
    return _roused(one, moment) if _may_be_roused(one, moment) else _told(one, untaken)


def _untaken(known: Untaken | None, waiting: list[str], moment: Moment) -> Untaken | None:
    """The one that is watched already, as long as it waits and was looked at often enough; else the oldest."""
    if known and known.task_id in waiting and moment.at - known.seen < moment.rules.patience.report_gap_s:
        return replace(known, seen=moment.at)
    return Untaken(waiting[0], moment.at, moment.at) if waiting else None


def _may_be_roused(one: ServiceState, moment: Moment) -> bool:
    return one.roused_at is None or moment.at - one.roused_at >= moment.rules.patience.rouse_s


def _roused(one: ServiceState, moment: Moment) -> ServiceState:
    lying = Trouble(
        f"{one.service.title} leaves a task lying",
        f"It is idle, and yet a task has waited for it for {moment.rules.patience.untaken_s:.0f} s.",
        "It is started again.",
        (Remedy.OPEN_LOG,),
    )
    return replace(one.asked_to_end(moment.at), untaken=None, roused_at=moment.at, trouble=lying)


def _told(one: ServiceState, untaken: Untaken) -> ServiceState:
    lying = Trouble(
        f"{one.service.title} still leaves a task lying",
        "It was started again for that a short while ago, which did not help.",
        "Its log may tell why. It is tried again later.",
        (Remedy.OPEN_LOG,),
    )
    return replace(one, untaken=replace(untaken, told=True), trouble=lying)
