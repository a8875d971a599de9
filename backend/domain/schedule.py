"""The next run of a cron expression, and whether an entry of the schedule is due. Pure: time and zone are passed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cronsim import CronSim


def next_run(cron: str, after: datetime, zone: tzinfo) -> datetime | None:
    """The first moment later than `after` that matches a cron expression.

    As in Debian's cron, a fixed time that daylight saving skips runs right after the gap, and one that occurs twice
    runs once.

    Args:
        cron: five fields, read in `zone`.

    Returns:
        The moment in UTC; None if the expression never matches again.

    Raises:
        CronSimError: the expression is not valid.
    """
    moments = (moment.astimezone(UTC) for moment in CronSim(cron, after.astimezone(zone)))
    # In an hour that occurs twice, CronSim also yields the moment before `after`.
    return next((moment for moment in moments if moment > after), None)


def next_runs(cron: str, after: datetime, zone: tzinfo) -> Iterator[datetime]:
    """All later moments, each computed from the one before, as beat does it."""
    moment = next_run(cron, after, zone)
    while moment is not None:
        yield moment
        moment = next_run(cron, moment, zone)


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """One entry of the schedule.

    cron: five fields, read in the time zone of the machine that runs beat; edited: changed by the user; last_run_at:
    when beat last requested a run; next_run_at: when it will do so next (None: not yet computed).
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
"""A last run at most this far in the future is explained by a small clock correction, not by a clock set back."""


@dataclass(frozen=True, slots=True)
class ScheduleDecision:
    """run: request one run now; next_run_at: the value to store."""

    run: bool
    next_run_at: datetime | None


def decide(entry: ScheduleEntry, now: datetime, zone: tzinfo) -> ScheduleDecision | None:
    """Decide whether an entry is due, and when it runs next.

    An entry is due once if its next run has passed, however many runs were missed. A next run later than the expression
    allows (the clock was set back, the expression was edited) is computed again.

    Returns:
        None if nothing has to change.

    Raises:
        CronSimError: the expression is not valid.
    """
    if not entry.enabled:
        return ScheduleDecision(run=False, next_run_at=None) if entry.next_run_at else None
    if entry.next_run_at and entry.next_run_at <= now:
        return ScheduleDecision(run=True, next_run_at=next_run(entry.cron, now, zone))
    base = entry.last_run_at if entry.last_run_at and now < entry.last_run_at <= now + CLOCK_STEP else now
    expected = next_run(entry.cron, base, zone)
    if expected == entry.next_run_at or (expected and entry.next_run_at and entry.next_run_at < expected):
        return None
    return ScheduleDecision(run=False, next_run_at=expected)
