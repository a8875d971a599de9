"""When a cron line comes true. Pure: the moment and the zone are passed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

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
