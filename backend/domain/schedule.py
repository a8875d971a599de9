"""When a cron line comes true. Pure: the moment and the zone are passed in.

When an entry of the schedule is due. Pure: the time and the zone are passed in, events are replayed by tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim


def next_run(cron: str, after: datetime, zone: tzinfo) -> datetime | None:
    """The first moment (UTC) later than `after` that the line names in that zone; None: never.

    As in Debian's cron a fixed time that daylight saving skips is made up for at once, and one that comes twice counts
    once. Raises CronSimError for a line that is none.
    """
    moments = (moment.astimezone(UTC) for moment in CronSim(cron, after.astimezone(zone)))
    return next(
        (moment for moment in moments if moment > after), None
    )  # in an hour that comes twice it also names the first


def next_runs(cron: str, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """All of them, one after the other, each worked out as beat does it."""
    moment = next_run(cron, after, zone)
    while moment is not None:
        yield moment
        moment = next_run(cron, moment, zone)


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """`cron` has five fields and is read in the time zone of the machine that runs beat; `edited`: a person wrote it.

    `last_run_at` is when beat last asked for a run, `next_run_at` when it will again (None: yet to be worked out).
    """

    name: str
    task: str
    cron: str
    enabled: bool = True
    edited: bool = False
    last_run_at: datetime | None = None
    last_task_id: str | None = None
    next_run_at: datetime | None = None


CLOCK_STEP = timedelta(minutes=1)
"""A last run that lies no further in the future comes from a clock that was corrected, not from one that was set."""


@dataclass(frozen=True, slots=True)
class Decision:
    """`run`: ask for one run now; `next_run_at`: what to note as the next one."""

    run: bool
    next_run_at: datetime | None


def decide(entry: ScheduleEntry, now: datetime, zone: tzinfo) -> Decision | None:
    """What to do about an entry; None: nothing.

    Due is what lies in the past, once, however many times were missed. A next run later than the line allows (the clock
    was set back, the line was edited) is planned anew. Raises CronSimError.
    """
    if not entry.enabled:
        return Decision(run=False, next_run_at=None) if entry.next_run_at else None
    if entry.next_run_at and entry.next_run_at <= now:
        return Decision(run=True, next_run_at=next_run(entry.cron, now, zone))
    base = entry.last_run_at if entry.last_run_at and now < entry.last_run_at <= now + CLOCK_STEP else now
    expected = next_run(entry.cron, base, zone)
    if expected == entry.next_run_at or (expected and entry.next_run_at and entry.next_run_at < expected):
        return None
    return Decision(run=False, next_run_at=expected)
