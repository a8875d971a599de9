"""The schedule as people read and change it, and the program's own entries.

A pause of the schedule: one for everyone who shares the database. Runs asked for by hand take no notice of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice

from cronsim import CronSim, CronSimError
from sqlalchemy import Connection

from backend.contract.errors import NotFound, OpenThreatError
from backend.contract.names import RunState, TaskName
from backend.contract.schedule import (
    PauseWanted,
    ScheduleChange,
    ScheduledTask,
    ScheduleList,
    SchedulePause,
    SchedulePreview,
)
from backend.domain.schedule import ScheduleEntry, next_runs
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.runs import RunRepository
from backend.store.repositories.schedule import ScheduleRepository

_FACT = "schedule_pause"
"""The PauseWanted as JSON."""
RUNNING = SchedulePause()


class BadPause(OpenThreatError):  # noqa: N818 - names what came in, not a fault of the program
    """A pause that would be over before it begins."""


def current_pause(connection: Connection, now: datetime) -> SchedulePause:
    """A pause whose time has come is over, whether or not anybody was there to see it end."""
    kept = MetadataRepository(connection).get(_FACT)
    if kept is None:
        return RUNNING
    until = PauseWanted.model_validate_json(kept).until
    return RUNNING if until is not None and until <= now else SchedulePause(paused=True, until=until)


def pause(connection: Connection, wanted: PauseWanted, now: datetime) -> SchedulePause:
    """Replaces a pause that there is already. Raises BadPause."""
    if wanted.until is not None and wanted.until <= now:
        raise BadPause(
            "The pause cannot end in the past",
            f"{wanted.until:%Y-%m-%d %H:%M} UTC is over.",
            "Name a later moment, or none to pause until somebody resumes.",
        )
    MetadataRepository(connection).set(_FACT, wanted.model_dump_json())
    return SchedulePause(paused=True, until=wanted.until)


def resume(connection: Connection) -> SchedulePause:
    MetadataRepository(connection).delete(_FACT)
    return RUNNING


def after_pause(moment: datetime | None, paused: SchedulePause) -> datetime | None:
    """When a run due at `moment` can really happen; None: nobody knows."""
    if moment is None or not paused.paused:
        return moment
    return None if paused.until is None else max(moment, paused.until)


_FIELDS = 5
PREVIEWED = 5
"""Runs that a preview tells."""


class BadCronLine(OpenThreatError):  # noqa: N818 - names what came in, not a fault of the program
    """A schedule that cannot be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class DefaultEntry:
    """`cron` is read in the time zone of the machine that runs beat."""

    name: str
    task: TaskName
    cron: str
    description: str


DEFAULT_ENTRIES = (
    DefaultEntry("update-vulnerabilities", TaskName.UPDATE, "0 */2 * * *", "Update vulnerabilities from all sources"),
    DefaultEntry("clean-cache", TaskName.CLEAN_CACHE, "0 3 * * *", "Remove old cache entries and run history"),
    DefaultEntry("update-stats", TaskName.UPDATE_STATS, "*/15 * * * *", "Compute the statistics"),
)
_DEFAULTS = {entry.name: entry for entry in DEFAULT_ENTRIES}


def check_cron(line: str) -> str:
    """The line with single blanks. Raises BadCronLine for one that is wrong or never comes true."""
    fields = line.split()
    if len(fields) != _FIELDS:
        raise _bad_line(f"It needs five fields (minute, hour, day, month, weekday) and has {len(fields)}.")
    try:
        following = CronSim(" ".join(fields), datetime(2024, 1, 1))  # noqa: DTZ001 - any leap year will do
    except CronSimError as error:
        raise _bad_line(f"{error}.") from error
    if next(following, None) is None:
        raise _bad_line("No day ever fits it.")
    return " ".join(fields)


def preview(line: str, now: datetime, zone: tzinfo) -> SchedulePreview:
    """What the line means, for whoever is still typing it. Raises BadCronLine."""
    cron = check_cron(line)
    return SchedulePreview(
        schedule=cron,
        schedule_in_words=_in_words(cron),
        next_runs=tuple(islice(next_runs(cron, now, zone), PREVIEWED)),
    )


def list_entries(connection: Connection, now: datetime) -> ScheduleList:
    """All entries; before beat has ever run, the program's own."""
    entries = ScheduleRepository(connection).all() or [_fresh(default) for default in DEFAULT_ENTRIES]
    paused = current_pause(connection, now)
    states = RunRepository(connection).states([entry.last_task_id for entry in entries if entry.last_task_id])
    told = tuple(_told(entry, paused, states) for entry in entries)
    return ScheduleList(scheduled_tasks=told, total=len(told), pause=paused)


def change_entry(connection: Connection, name: str, wanted: ScheduleChange, now: datetime) -> ScheduledTask:
    """Beat works out the next run. Raises NotFound, BadCronLine; then nothing is changed."""
    entry = _get(connection, name)
    cron = entry.cron if wanted.schedule is None else check_cron(wanted.schedule)
    enabled = entry.enabled if wanted.enabled is None else wanted.enabled
    _write(connection, entry, cron=cron, enabled=enabled, edited=entry.edited or cron != entry.cron)
    return _read(connection, name, now)


def reset_entry(connection: Connection, name: str, now: datetime) -> ScheduledTask:
    """The program's own line, switched on. Raises NotFound."""
    entry = _get(connection, name)
    default = _DEFAULTS.get(name)
    _write(connection, entry, cron=default.cron if default else entry.cron, enabled=True, edited=False)
    return _read(connection, name, now)


def _get(connection: Connection, name: str) -> ScheduleEntry:
    schedule = ScheduleRepository(connection)
    if not schedule.all():
        schedule.seed([_fresh(default) for default in DEFAULT_ENTRIES])
    entry = schedule.get(name)
    if entry is None:
        raise NotFound("No such schedule entry", "No entry has this name.", f"There are {', '.join(_DEFAULTS)}.")
    return entry


def _write(connection: Connection, entry: ScheduleEntry, *, cron: str, enabled: bool, edited: bool) -> None:
    next_run = entry.next_run_at if (cron, enabled) == (entry.cron, entry.enabled) else None
    ScheduleRepository(connection).edit(entry.name, cron=cron, enabled=enabled, edited=edited, next_run_at=next_run)


def _read(connection: Connection, name: str, now: datetime) -> ScheduledTask:
    return next(entry for entry in list_entries(connection, now).scheduled_tasks if entry.name == name)


def _fresh(default: DefaultEntry) -> ScheduleEntry:
    return ScheduleEntry(default.name, default.task, default.cron)


def _told(entry: ScheduleEntry, paused: SchedulePause, states: Mapping[str, RunState]) -> ScheduledTask:
    default = _DEFAULTS.get(entry.name)
    return ScheduledTask(
        name=entry.name,
        task=entry.task,
        schedule=entry.cron,
        schedule_in_words=_in_words(entry.cron),
        description=default.description if default else "",
        enabled=entry.enabled,
        last_run_at=entry.last_run_at,
        next_run_at=after_pause(entry.next_run_at, paused) if entry.enabled else None,
        default_schedule=default.cron if default else "",
        edited=entry.edited,
        last_task_id=entry.last_task_id,
        last_status=states.get(entry.last_task_id) if entry.last_task_id else None,
    )


def _in_words(cron: str) -> str:
    try:
        return CronSim(cron, datetime(2024, 1, 1)).explain()  # noqa: DTZ001 - only the words are wanted
    except CronSimError:
        return cron


def _bad_line(reason: str) -> BadCronLine:
    return BadCronLine(
        "The schedule cannot be read", reason, 'A line looks like "0 */2 * * *": at minute 0 of every second hour.'
    )
