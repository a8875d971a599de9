"""What people are told without asking: what failed, works again, gave up, or is exploited now. Pure.

State goes in and comes out: the clock's time, what was seen before and now, and the memory of what was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.contract.names import FINAL_STATES, UPDATE_TASKS, RunState
from backend.contract.problems import Trouble
from backend.contract.settings import Notifications, UserSettings
from backend.contract.sources import SourceState
from backend.contract.tasks import TaskRun
from backend.contract.vulnerabilities import Vulnerability
from desktop.notifications.memory import RECOVERIES, Alert, AlertKind, AlertMemory, is_quiet, kept, released
from desktop.state.app_state import View
from desktop.supervision.services import Phase

UPDATE = "update"
_BAD_SOURCES = (SourceState.DEGRADED, SourceState.FAILING)


@dataclass(frozen=True)
class Verdict:
    """alerts: to be shown now. updated: the update that has just succeeded, after which it is worth asking what became
    exploited.
    """

    memory: AlertMemory
    alerts: tuple[Alert, ...] = ()
    updated: TaskRun | None = None


def alerts_between(before: View, after: View, memory: AlertMemory, now: datetime) -> Verdict:
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
    records: Iterable[Vulnerability], until: datetime, settings: UserSettings, memory: AlertMemory, now: datetime
) -> Verdict:
    """records: what became known as exploited since `memory.exploited_until`; until: up to when that was asked."""
    memory = replace(memory, exploited_until=until)
    watched = [vendor.casefold() for vendor in settings.watched_vendors]
    ids = tuple(one.cve_id for one in records if _is_of(one.vendors, watched))
    if not ids:
        return Verdict(memory)
    alert = Alert(AlertKind.EXPLOITED, "exploited", items=ids, key=ids[0] if len(ids) == 1 else "")
    return _told([alert], settings, memory, now)


def _newly_ended(view: View, memory: AlertMemory) -> tuple[list[TaskRun], AlertMemory]:
    """Oldest first. Of a database that is seen for the first time, nothing that is past counts."""
    if memory.stack != view.stack:
        memory = replace(memory.forgotten("run:").forgotten("source:"), stack=view.stack, judged=None)
    if view.snapshot is None or view.snapshot.workers is None:  # it holds no runs while the database is away
        return [], memory
    ended = [run for run in reversed(view.snapshot.runs) if run.status in FINAL_STATES]
    new = [run for run in ended if memory.judged is not None and run.task_id not in memory.judged]
    return new, replace(memory, judged=tuple(run.task_id for run in ended))


def _of_run(run: TaskRun) -> list[Alert]:
    task = UPDATE if run.name in UPDATE_TASKS else run.name
    cause = f"run:{task}"
    if run.status is RunState.FAILURE:
        said = run.error
        trouble = Trouble(said.title, said.message, said.hint) if said else None
        return [Alert(AlertKind.RUN_FAILED, cause, task, trouble=trouble, key=run.task_id)]
    if run.status is not RunState.SUCCESS:
        return []
    recovered = Alert(AlertKind.RUN_RECOVERED, cause, task, key=run.task_id)
    if task is not UPDATE:
        return [recovered]
    return [recovered, Alert(AlertKind.SUCCEEDED, f"success:{task}", task, key=run.task_id)]


def _of_sources(view: View, run: TaskRun) -> list[Alert]:
    """After an update that landed: where none did, the failed run says it all."""
    found = []
    for one in view.snapshot.sources if view.snapshot else ():
        cause, items = f"source:{one.name}", (one.name.value,)
        if one.enabled and one.state in _BAD_SOURCES:
            said = one.last_error
            trouble = Trouble(said.title, said.message, said.hint) if said else None
            found.append(Alert(AlertKind.SOURCES_FAILED, cause, items=items, trouble=trouble, key=run.task_id))
        elif one.state is SourceState.OK or not one.enabled:
            found.append(Alert(AlertKind.SOURCES_RECOVERED, cause, items=items, key=run.task_id))
    return found


def _of_services(before: View, after: View) -> list[Alert]:
    earlier, found = {one.name: one for one in before.supervision.services}, []
    for one in after.supervision.services:
        cause, was = f"service:{one.name}", earlier.get(one.name)
        if one.phase is Phase.GAVE_UP and (was is None or was.phase is not Phase.GAVE_UP):
            found.append(Alert(AlertKind.SERVICE_GAVE_UP, cause, one.service.title, trouble=one.trouble, key=one.name))
        elif one.ready and not (was and was.ready):
            found.append(Alert(AlertKind.SERVICE_RECOVERED, cause, one.service.title, key=one.name))
    return found


def _of_release(view: View, memory: AlertMemory) -> list[Alert]:
    """Once for each version, for ever."""
    if view.release is None or view.release.newer is None or not view.settings.release_check:
        return []
    version = view.release.newer.version
    cause = f"release:{version}"
    return [] if cause in memory.causes else [Alert(AlertKind.RELEASE, cause, version, key="release")]


def _told(found: Iterable[Alert], settings: UserSettings, memory: AlertMemory, now: datetime) -> Verdict:
    alerts: list[Alert] = []
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
        return Verdict(kept(memory, alerts))
    memory, held = released(memory)
    alerts = [*held, *_without_echo(alerts)]
    return Verdict(memory.shown(alerts), _joined(alerts))


def _wanted(kind: AlertKind, wishes: Notifications) -> bool:
    match kind:
        case AlertKind.SERVICE_GAVE_UP | AlertKind.SERVICE_RECOVERED:
            return wishes.services
        case AlertKind.EXPLOITED:
            return wishes.exploited
        case AlertKind.RELEASE:
            return True
        case AlertKind.SUCCEEDED:
            return wishes.successes
    return wishes.failures


def _without_echo(alerts: Sequence[Alert]) -> list[Alert]:
    """An update that works again has succeeded: that need not be said twice."""
    recovered = {alert.key for alert in alerts if alert.kind is AlertKind.RUN_RECOVERED}
    return [alert for alert in alerts if alert.kind is not AlertKind.SUCCEEDED or alert.key not in recovered]


def _joined(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Several sources at once are one message."""
    joined: dict[object, Alert] = {}
    for alert in alerts:
        together = alert.kind in (AlertKind.SOURCES_FAILED, AlertKind.SOURCES_RECOVERED)
        place = alert.kind if together else alert.cause
        first = joined.get(place)
        joined[place] = replace(first, items=(*first.items, *alert.items)) if first else alert
    return tuple(joined.values())


def _is_of(vendors: Iterable[str], watched: Sequence[str]) -> bool:
    """ "apache" is watched: so is the "apache software foundation"."""
    return any(f"{vendor.casefold()} ".startswith(f"{wanted} ") for vendor in vendors for wanted in watched)
