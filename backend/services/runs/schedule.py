"""Read, change and pause the schedule, and the default entries.

The pause is stored in the database and so holds for all programs that share it. Runs that are requested by hand
start during a pause as well.
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

NOT_PAUSED = SchedulePause()
_PAUSE_KEY = "schedule_pause"  # its value is a PauseWanted as JSON
PREVIEW_RUNS = 5
"""Number of next runs in a preview."""
_CRON_FIELDS = 5


class BadPause(OpenThreatError):  # noqa: N818 - names the input, not a fault of the program
    """The pause would end before it begins."""


class BadCronLine(OpenThreatError):  # noqa: N818 - names the input, not a fault of the program
    """The cron line is invalid or never matches; the message gives the reason."""


def current_pause(connection: Connection, now: datetime) -> SchedulePause:
    """Return the pause at `now`. An expired pause counts as none, though its row may still exist."""
    stored = MetadataRepository(connection).get(_PAUSE_KEY)
    if stored is None:
        return NOT_PAUSED
    until = PauseWanted.model_validate_json(stored).until
    return NOT_PAUSED if until is not None and until <= now else SchedulePause(paused=True, until=until)


def pause(connection: Connection, wanted: PauseWanted, now: datetime) -> SchedulePause:
    """Pause the schedule, replacing an earlier pause.

    Raises:
        BadPause: The pause would end in the past.
    """
    if wanted.until is not None and wanted.until <= now:
        raise BadPause(
            "The pause cannot end in the past",
            f"{wanted.until:%Y-%m-%d %H:%M} UTC is over.",
            "Give a later time, or none to pause until you resume.",
        )
    MetadataRepository(connection).set(_PAUSE_KEY, wanted.model_dump_json())
    return SchedulePause(paused=True, until=wanted.until)


def resume(connection: Connection) -> SchedulePause:
    MetadataRepository(connection).delete(_PAUSE_KEY)
    return NOT_PAUSED


def earliest_run(due_at: datetime | None, pause: SchedulePause) -> datetime | None:
    """Return when a run that is due at `due_at` can start; None during a pause without an end."""
    if due_at is None or not pause.paused:
        return due_at
    return None if pause.until is None else max(due_at, pause.until)


@dataclass(frozen=True, slots=True)
class DefaultEntry:
    name: str
    task: TaskName
    cron: str  # in the time zone of the machine that runs beat
    description: str
    enabled: bool = True


DEFAULT_ENTRIES = (
    DefaultEntry("update-vulnerabilities", TaskName.UPDATE, "0 */2 * * *", "Update vulnerabilities from all sources"),
    DefaultEntry("clean-cache", TaskName.CLEAN_CACHE, "0 3 * * *", "Remove old cache entries and run history"),
    DefaultEntry("update-stats", TaskName.UPDATE_STATS, "*/15 * * * *", "Compute the statistics"),
    DefaultEntry(
        "write-report",
        TaskName.REPORT,
        "0 7 * * 1",
        "Write a report of what happened since the last one",
        enabled=False,
    ),
)
_DEFAULTS = {entry.name: entry for entry in DEFAULT_ENTRIES}
OFF_AT_FIRST = frozenset(entry.name for entry in DEFAULT_ENTRIES if not entry.enabled)


def check_cron(line: str) -> str:
    """Return the line with its fields separated by single spaces.

    Raises:
        BadCronLine: The line is invalid, or no date matches it.
    """
    fields = line.split()
    if len(fields) != _CRON_FIELDS:
        raise _bad_cron_line(f"It needs five fields (minute, hour, day, month, weekday) and has {len(fields)}.")
    try:
        following = CronSim(" ".join(fields), datetime(2024, 1, 1))  # noqa: DTZ001 - any leap year will do
    except CronSimError as error:
        raise _bad_cron_line(f"{error}.") from error
    if next(following, None) is None:
        raise _bad_cron_line("It matches no date.")
    return " ".join(fields)


def preview(line: str, now: datetime, zone: tzinfo) -> SchedulePreview:
    """Describe a cron line before it is saved.

    Args:
        zone: Time zone in which the line is read.

    Raises:
        BadCronLine: The line is invalid, or no date matches it.
    """
    cron = check_cron(line)
    return SchedulePreview(
        schedule=cron,
        schedule_in_words=_describe_cron(cron),
        next_runs=tuple(islice(next_runs(cron, now, zone), PREVIEW_RUNS)),
    )


def list_entries(connection: Connection, now: datetime) -> ScheduleList:
    """Return all entries. Before the first start of beat the table is empty, and the defaults are returned."""
    entries = ScheduleRepository(connection).all() or [_default_row(default) for default in DEFAULT_ENTRIES]
    pause = current_pause(connection, now)
    states = RunRepository(connection).states([entry.last_task_id for entry in entries if entry.last_task_id])
    scheduled = tuple(_to_contract(entry, pause, states) for entry in entries)
    return ScheduleList(scheduled_tasks=scheduled, total=len(scheduled), pause=pause)


def change_entry(connection: Connection, name: str, change: ScheduleChange, now: datetime) -> ScheduledTask:
    """Change the cron line of an entry, or switch it on or off. Beat computes the next run.

    Raises:
        NotFound: No entry has this name.
        BadCronLine: The line is invalid; nothing is changed.
    """
    entry = _find_entry(connection, name)
    cron = entry.cron if change.schedule is None else check_cron(change.schedule)
    enabled = entry.enabled if change.enabled is None else change.enabled
    _write_entry(connection, entry, cron=cron, enabled=enabled, edited=entry.edited or cron != entry.cron)
    return _read_entry(connection, name, now)


def reset_entry(connection: Connection, name: str, now: datetime) -> ScheduledTask:
    """Restore the default cron line of an entry, and switch it on if it is by default.

    Raises:
        NotFound: No entry has this name.
    """
    entry = _find_entry(connection, name)
    default = _DEFAULTS.get(name)
    cron, enabled = (default.cron, default.enabled or entry.enabled) if default else (entry.cron, True)
    _write_entry(connection, entry, cron=cron, enabled=enabled, edited=False)
    return _read_entry(connection, name, now)


def _find_entry(connection: Connection, name: str) -> ScheduleEntry:
    schedule = ScheduleRepository(connection)
    if not schedule.all():
        schedule.seed([_default_row(default) for default in DEFAULT_ENTRIES])
    entry = schedule.get(name)
    if entry is None:
        raise NotFound("No such schedule entry", "No entry has this name.", f"The entries are {', '.join(_DEFAULTS)}.")
    return entry


def _write_entry(connection: Connection, entry: ScheduleEntry, *, cron: str, enabled: bool, edited: bool) -> None:
    next_run = entry.next_run_at if (cron, enabled) == (entry.cron, entry.enabled) else None
    ScheduleRepository(connection).edit(entry.name, cron=cron, enabled=enabled, edited=edited, next_run_at=next_run)


def _read_entry(connection: Connection, name: str, now: datetime) -> ScheduledTask:
    return next(entry for entry in list_entries(connection, now).scheduled_tasks if entry.name == name)


def _default_row(default: DefaultEntry) -> ScheduleEntry:
    return ScheduleEntry(default.name, default.task, default.cron, enabled=default.enabled)


def _to_contract(entry: ScheduleEntry, pause: SchedulePause, states: Mapping[str, RunState]) -> ScheduledTask:
    default = _DEFAULTS.get(entry.name)
    return ScheduledTask(
        name=entry.name,
        task=entry.task,
        schedule=entry.cron,
        schedule_in_words=_describe_cron(entry.cron),
        description=default.description if default else "",
        enabled=entry.enabled,
        last_run_at=entry.last_run_at,
        next_run_at=earliest_run(entry.next_run_at, pause) if entry.enabled else None,
        default_schedule=default.cron if default else "",
        edited=entry.edited,
        last_task_id=entry.last_task_id,
        last_status=states.get(entry.last_task_id) if entry.last_task_id else None,
    )


def _describe_cron(cron: str) -> str:
    try:
        return CronSim(cron, datetime(2024, 1, 1)).explain()  # noqa: DTZ001 - only the description is used
    except CronSimError:
        return cron


def _bad_cron_line(reason: str) -> BadCronLine:
    return BadCronLine(
        "The schedule is not valid", reason, 'An example is "0 */2 * * *": at minute 0 of every second hour.'
    )
