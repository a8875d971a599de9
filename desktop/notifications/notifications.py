"""Decides which notifications to show, by comparing the current problems with the known ones. Pure.

The time, the state and the memory of earlier notifications are passed in; the changed memory is returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.names import UPDATE_TASKS, RunState
from backend.contract.problem_catalogue import CATALOGUE, Outlook, Weight
from backend.contract.problems import UPDATE, Problem
from backend.contract.settings import Notifications, UserSettings
from backend.contract.tasks import TaskRun
from desktop.notifications.events import NotifiedEvent, is_notified_event
from desktop.notifications.memory import (
    Notification,
    NotificationKind,
    NotificationMemory,
    OpenProblem,
    held_back,
    is_of_data,
    is_quiet,
    released,
)
from desktop.problems.problems import is_over, known_data, problems
from desktop.state.app_state import AppState

_EVENTS = "events"
_REMEMBERED_EVENTS = 2000
"""The newest ones; those before them are never notified."""


@dataclass(frozen=True)
class NotificationChange:
    """The result of one comparison.

    Args:
        memory: The memory for the next call.
        notifications: To be shown now.
    """

    memory: NotificationMemory
    notifications: tuple[Notification, ...] = ()


def notifications_of(state: AppState, memory: NotificationMemory, now: datetime) -> NotificationChange:
    """Return the notifications to show now. Repeated calls with the same state return what has become due meanwhile.

    Args:
        memory: As returned by the last call. With an empty one, existing problems of the data are not notified.
        now: With the user's time zone.
    """
    memory = memory.of_stack(state.stack)
    found, opened = _difference(state, memory)
    updated = _updated(state, memory)
    if updated is not None:
        found.append(_of_success(updated, state, memory))
    found += _of_release(state, memory)
    looked = known_data(state) is not None
    memory = replace(
        memory,
        opened=opened,
        succeeded=_newest_success(state, memory),
        looked=memory.looked or looked,
        filling=updated is None and _is_filling(state, memory),
    )
    return _shown(found, state.settings, memory, now)


def notifications_of_events(
    events: Iterable[NotifiedEvent], state: AppState, memory: NotificationMemory, now: datetime
) -> NotificationChange:
    """Return the notification of events that concern the person, none of them a second time.

    An event may come to concern the person after newer ones, so the highest id is not enough.

    Args:
        events: The unread ones of what concerns the person.
    """
    unread, memory = tuple(events), memory.of_stack(state.stack)
    before = memory.events.get(state.stack, ())
    forgotten = before[0] if len(before) == _REMEMBERED_EVENTS else 0
    considered = sorted({*before, *(event.id for event in unread)})[-_REMEMBERED_EVENTS:]
    memory = replace(memory, events={**memory.events, state.stack: tuple(considered)})
    unknown = [event for event in unread if event.id > forgotten and event.id not in before]
    new = [event for event in unknown if is_notified_event(event, state.settings.inbox)]
    if not new:
        return NotificationChange(memory)
    return _shown([Notification(NotificationKind.EVENTS, _EVENTS, events=tuple(new))], state.settings, memory, now)


def is_notified(found: Problem) -> bool:
    """Whether a problem is notified: not if it ends by itself, was chosen, or weighs less than a warning."""
    return found.weight >= Weight.WARNING and found.outlook is Outlook.BY_HAND


def _difference(state: AppState, memory: NotificationMemory) -> tuple[list[Notification], dict[str, OpenProblem]]:
    """Return notifications of problems that appeared, occurred again or ended; and the problems that are open now."""
    found, opened = list[Notification](), dict(memory.opened)
    present = {cause: problem for problem in problems(state) if is_notified(problem) for cause in problem.causes}
    for cause, problem in present.items():
        known = opened.get(cause)
        new = [time for time in problem.occurrences if known is None or time not in known.occurrences]
        opened[cause] = OpenProblem(_part(problem, cause), problem.occurrences)
        past = is_of_data(cause) and not memory.looked
        count = max(len(new), int(known is None))
        if count and not past:
            run = problem.occurrences[0] if problem.task and problem.occurrences else _run(state)
            key = problem.service or run
            found.append(Notification(NotificationKind.PROBLEM, cause, problem, key=key, count=count))
    for cause in [cause for cause in opened if cause not in present]:
        gone = opened[cause].problem
        if is_over(gone, state):
            del opened[cause]
            found.append(Notification(NotificationKind.RESOLVED, cause, gone, key=gone.service or _run(state)))
    return found, opened


def _part(whole: Problem, cause: str) -> Problem:
    """Return the part of one source of a problem of several sources: each ends on its own."""
    return _of_sources(whole, [cause.partition(":")[2]]) if whole.sources and not whole.task else whole


def _of_sources(whole: Problem, sources: Sequence[str]) -> Problem:
    labels = ", ".join(source.upper() for source in sources)
    return replace(whole, sources=tuple(sources), parameters={**whole.parameters, "sources": labels})


def _run(state: AppState) -> str:
    """Return the id of the newest update that has ended; empty if there is none."""
    data = known_data(state)
    ended = (run.task_id for run in data.runs if run.name in UPDATE_TASKS and run.finished_at) if data else iter(())
    return next(ended, "")


def _newest_success(state: AppState, memory: NotificationMemory) -> str:
    data = known_data(state)
    runs = data.runs if data else ()
    return next((run.task_id for run in runs if _succeeded(run)), memory.succeeded)


def _updated(state: AppState, memory: NotificationMemory) -> TaskRun | None:
    """Return the newest successful update, unless `memory` has it already."""
    data = known_data(state)
    if data is None or not memory.looked:
        return None
    newest = next((run for run in data.runs if _succeeded(run)), None)
    return newest if newest and newest.task_id != memory.succeeded else None


def _of_success(run: TaskRun, state: AppState, memory: NotificationMemory) -> Notification:
    """The end of the first update is notified even to those who do not want to be notified of each."""
    stats = state.snapshot.stats if state.snapshot else None
    if not memory.filling or stats is None:
        return Notification(NotificationKind.SUCCEEDED, "success", key=run.task_id)
    figures = stats.total_vulnerabilities, stats.exploited_vulnerabilities
    return Notification(NotificationKind.FIRST_UPDATE, "first-update", figures=figures)


def _is_filling(state: AppState, memory: NotificationMemory) -> bool:
    """Whether the first update has not ended. Its figures are known a moment before its run ends."""
    data = known_data(state)
    return memory.filling or (data is not None and (data.stats is None or data.stats.last_update is None))


def _succeeded(run: TaskRun) -> bool:
    return run.name in UPDATE_TASKS and run.status is RunState.SUCCESS


def _of_release(state: AppState, memory: NotificationMemory) -> Iterator[Notification]:
    """Notify of each new version once."""
    if state.release is None or state.release.newer is None or not state.settings.release_check:
        return
    version = state.release.newer.version
    if f"release:{version}" not in memory.causes:
        yield Notification(NotificationKind.RELEASE, f"release:{version}", subject=version, key="about")


def _shown(
    found: Iterable[Notification], settings: UserSettings, memory: NotificationMemory, now: datetime
) -> NotificationChange:
    notifications: list[Notification] = []
    for notification in found:
        if not _wanted(notification, settings.notifications):
            continue
        if notification.kind is NotificationKind.RESOLVED:
            memory, resolved = memory.resolved(notification)
            notifications += filter(_has_end, resolved)
        else:
            memory = memory.happened(notification)
    memory, due = memory.due(now)
    notifications += due
    if is_quiet(settings.notifications.quiet_hours, now):
        return NotificationChange(held_back(memory, notifications))
    memory, held = released(memory)
    notifications = [*held, *_without_echo(notifications)]
    return NotificationChange(memory.shown(notifications, now), _joined(notifications))


def _wanted(notification: Notification, wishes: Notifications) -> bool:
    match notification.kind:
        case NotificationKind.PROBLEM | NotificationKind.RESOLVED:
            return wishes.failures if is_of_data(notification.cause) else wishes.services
        case NotificationKind.EVENTS:
            return wishes.events
        case NotificationKind.SUCCEEDED:
            return wishes.successes
    return True


def _without_echo(notifications: Sequence[Notification]) -> list[Notification]:
    """Leave out the success of an update that works again: the end of its problem says the same."""
    again = any(item.kind is NotificationKind.RESOLVED and item.cause == f"run:{UPDATE}" for item in notifications)
    return [item for item in notifications if item.kind is not NotificationKind.SUCCEEDED or not again]


def _has_end(notification: Notification) -> bool:
    return notification.problem is not None and bool(CATALOGUE[notification.problem.id].resolved)


def _joined(notifications: Sequence[Notification]) -> tuple[Notification, ...]:
    """Join notifications of sources with the same problem."""
    joined: dict[object, Notification] = {}
    for notification in notifications:
        problem = notification.problem
        if problem is None or not problem.sources:
            joined[notification.cause, notification.kind] = notification
            continue
        place = notification.kind, problem.id
        before = joined.get(place)
        known = before.problem.sources if before and before.problem else ()
        sources = tuple(dict.fromkeys((*known, *problem.sources)))
        joined[place] = replace(notification, problem=_of_sources(problem, sources))
    return tuple(joined.values())
