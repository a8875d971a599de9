"""When an entry of the schedule is due. Pure: the time and the zone are passed in, events are replayed by tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from backend.domain.cron import next_run
from backend.store.repositories.schedule import ScheduleEntry

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
