"""The time zone of this machine, as far as the system understands its setting.

tzlocal names the zone but refuses what is no name of the tz database: POSIX rules in TZ ("CET-1CEST,M3.5.0,M10.5.0/3"),
a name with a space, a folder. The system's own conversion reads the rules, and takes UTC for what it cannot read.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

import tzlocal

log = logging.getLogger(__name__)


class SystemZone(tzinfo):
    """The zone by which the C library converts times: exact, but without a name of the tz database."""

    def fromutc(self, dt: datetime) -> datetime:
        local = dt.replace(tzinfo=UTC).astimezone()
        naive = local.replace(tzinfo=None)
        return naive.replace(tzinfo=self, fold=int(naive.astimezone().utcoffset() != local.utcoffset()))

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002 - the interface of tzinfo
        return None  # the system gives only the whole offset

    def tzname(self, dt: datetime | None) -> str | None:
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def __repr__(self) -> str:
        return f"SystemZone({'/'.join(time.tzname)})"


def zone_name() -> str | None:
    """Return the name in the tz database; None where the machine's setting is no such name."""
    try:
        tzlocal.get_localzone()  # loads the zone: a name alone may be that of a folder
        return tzlocal.get_localzone_name()
    except (LookupError, ValueError, OSError):
        return None


def zone_in_words() -> str:
    """Return the name of the zone, or what the system makes of the setting, such as "CET (UTC+01:00)"."""
    if (name := zone_name()) is not None:
        return name
    here = datetime.now(UTC).astimezone()
    return f"{here.tzname()} (UTC{here:%z})"


def odd_setting() -> str:
    """Return what stands in place of a name of the tz database, such as the value of TZ; empty where all is well."""
    if zone_name() is not None:
        return ""
    return f"TZ={os.environ['TZ']}" if os.environ.get("TZ") else "the system's setting"


@cache
def local_zone() -> tzinfo:
    """Return the zone in which cron lines are read. Warns once of a setting that is no name of the tz database."""
    if zone_name() is not None:
        return tzlocal.get_localzone()
    log.warning("%s is not the name of a time zone; the system reads it as %s", odd_setting(), zone_in_words())
    return SystemZone()
