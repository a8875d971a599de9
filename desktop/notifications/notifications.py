"""What people are told without asking: what failed, works again, gave up, or is exploited now. Pure.

State goes in and comes out: the clock's time, what was seen before and now, and the memory of what was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.names import FINAL_STATES, UPDATE_TASKS, RunState
from backend.contract.problems import Problem
from backend.contract.settings import Notifications, UserSettings
from backend.contract.sources import SourceState
from backend.contract.tasks import TaskRun
from backend.contract.vulnerabilities import Vulnerability
from desktop.notifications.memory import (
    RECOVERIES,
    Notification,
    NotificationKind,
    NotificationMemory,
    is_quiet,
    kept,
    released,
)
from desktop.state.app_state import AppState
from desktop.supervision.services import Phase

UPDATE = "update"
_BAD_SOURCES = (SourceState.DEGRADED, SourceState.FAILING)


@dataclass(frozen=True)
class NotificationChange:
    """alerts: to be shown now. updated: the update that has just succeeded, after which it is worth asking what became
    exploited.
    """

    memory: NotificationMemory
    alerts: tuple[Notification, ...] = ()
    updated: TaskRun | None = None


def notifications_between(
    before: AppState, after: AppState, memory: NotificationMemory, now: datetime
) -> NotificationChange:
    """now: aware, in the user's zone. The same view twice tells what has become due in the meantime."""
    ended, memory = _newly_ended(after, memory)
    found = [*_of_services(before, after), *_of_release(after, memory)]
    for run in ended:
        found += _of_run(run)
    updates = [run for run in ended if run.name in UPDATE_TASKS and run.status is RunState.SUCCESS]
    if updates:
        found += _of_sources(after, updates[-1])
    verdict = _told(found, after.settings, memory, now)
    return replace(verdict, updated=updates[-1] if updates else None)


def exploited_now(
    records: Iterable[Vulnerability], until: datetime, settings: UserSettings, memory: NotificationMemory, now: datetime
) -> NotificationChange:
    """records: what became known as exploited since `memory.exploited_until`; until: up to when that was asked."""
    memory = replace(memory, exploited_until=until)
    watched = [vendor.casefold() for vendor in settings.watched_vendors]
    ids = tuple(one.cve_id for one in records if _is_of(one.vendors, watched))
    if not ids:
        return NotificationChange(memory)
    alert = Notification(NotificationKind.EXPLOITED, "exploited", items=ids, key=ids[0] if len(ids) == 1 else "")
    return _told([alert], settings, memory, now)


def _newly_ended(state: AppState, memory: NotificationMemory) -> tuple[list[TaskRun], NotificationMemory]:
    """Oldest first. Of a database that is seen for the first time, nothing that is past counts."""
    if memory.stack != state.stack:
        memory = replace(memory.forgotten("run:").forgotten("source:"), stack=state.stack, judged=None)
    if state.snapshot is None or state.snapshot.workers is None:  # it holds no runs while the database is away
        return [], memory
    ended = [run for run in reversed(state.snapshot.runs) if run.status in FINAL_STATES]
    new = [run for run in ended if memory.judged is not None and run.task_id not in memory.judged]
    return new, replace(memory, judged=tuple(run.task_id for run in ended))


def _of_run(run: TaskRun) -> list[Notification]:
    task = UPDATE if run.name in UPDATE_TASKS else run.name
    cause = f"run:{task}"
    if run.status is RunState.FAILURE:
        said = run.error
        problem = Problem(said.title, said.message, said.hint) if said else None
        return [Notification(NotificationKind.RUN_FAILED, cause, task, problem=problem, key=run.task_id)]
    if run.status is not RunState.SUCCESS:
        return []
    recovered = Notification(NotificationKind.RUN_RECOVERED, cause, task, key=run.task_id)
    if task is not UPDATE:
        return [recovered]
    return [recovered, Notification(NotificationKind.SUCCEEDED, f"success:{task}", task, key=run.task_id)]


def _of_sources(state: AppState, run: TaskRun) -> list[Notification]:
    """After an update that landed: where none did, the failed run says it all."""
    found = []
    for one in state.snapshot.sources if state.snapshot else ():
        cause, items = f"source:{one.name}", (one.name.value,)
        if one.enabled and one.state in _BAD_SOURCES:
            said = one.last_error
            problem = Problem(said.title, said.message, said.hint) if said else None
            found.append(
                Notification(NotificationKind.SOURCES_FAILED, cause, items=items, problem=problem, key=run.task_id)
            )
        elif one.state is SourceState.OK or not one.enabled:
            found.append(Notification(NotificationKind.SOURCES_RECOVERED, cause, items=items, key=run.task_id))
    return found


def _of_services(before: AppState, after: AppState) -> list[Notification]:
    earlier, found = {one.name: one for one in before.supervision.services}, []
    for one in after.supervision.services:
        cause, was = f"service:{one.name}", earlier.get(one.name)
        if one.phase is Phase.GAVE_UP and (was is None or was.phase is not Phase.GAVE_UP):
            found.append(
                Notification(
                    NotificationKind.SERVICE_GAVE_UP, cause, one.service.title, problem=one.problem, key=one.name
                )
            )
        elif one.ready and not (was and was.ready):
            found.append(Notification(NotificationKind.SERVICE_RECOVERED, cause, one.service.title, key=one.name))
    return found


def _of_release(state: AppState, memory: NotificationMemory) -> list[Notification]:
    """Once for each version, for ever."""
    if state.release is None or state.release.newer is None or not state.settings.release_check:
        return []
    version = state.release.newer.version
    cause = f"release:{version}"
    return [] if cause in memory.causes else [Notification(NotificationKind.RELEASE, cause, version, key="release")]


def _told(
    found: Iterable[Notification], settings: UserSettings, memory: NotificationMemory, now: datetime
) -> NotificationChange:
    alerts: list[Notification] = []
    for alert in found:
        if not _wanted(alert.kind, settings.notifications):
            continue
        if alert.kind in RECOVERIES:
            memory, said = memory.mended(alert)
            alerts += said
        else:
            memory = memory.happened(alert)
    memory, due = memory.due(now)
    alerts += due
    if is_quiet(settings.notifications.quiet_hours, now):
        return NotificationChange(kept(memory, alerts))
    memory, held = released(memory)
    alerts = [*held, *_without_echo(alerts)]
    return NotificationChange(memory.shown(alerts), _joined(alerts))


def _wanted(kind: NotificationKind, wishes: Notifications) -> bool:
    match kind:
        case NotificationKind.SERVICE_GAVE_UP | NotificationKind.SERVICE_RECOVERED:
            return wishes.services
        case NotificationKind.EXPLOITED:
            return wishes.exploited
        case NotificationKind.RELEASE:
            return True
        case NotificationKind.SUCCEEDED:
            return wishes.successes
    return wishes.failures


def _without_echo(alerts: Sequence[Notification]) -> list[Notification]:
    """An update that works again has succeeded: that need not be said twice."""
    recovered = {alert.key for alert in alerts if alert.kind is NotificationKind.RUN_RECOVERED}
    return [alert for alert in alerts if alert.kind is not NotificationKind.SUCCEEDED or alert.key not in recovered]


def _joined(alerts: Sequence[Notification]) -> tuple[Notification, ...]:
    """Several sources at once are one message."""
    joined: dict[object, Notification] = {}
    for alert in alerts:
        together = alert.kind in (NotificationKind.SOURCES_FAILED, NotificationKind.SOURCES_RECOVERED)
        place = alert.kind if together else alert.cause
        first = joined.get(place)
        joined[place] = replace(first, items=(*first.items, *alert.items)) if first else alert
    return tuple(joined.values())


def _is_of(vendors: Iterable[str], watched: Sequence[str]) -> bool:
    """ "apache" is watched: so is the "apache software foundation"."""
    return any(f"{vendor.casefold()} ".startswith(f"{wanted} ") for vendor in vendors for wanted in watched)
