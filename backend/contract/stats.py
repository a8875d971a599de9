"""Statistics over all vulnerabilities, computed every 15 minutes."""

from __future__ import annotations

from datetime import date

from backend.contract.names import Severity, Source
from backend.contract.wire import Instant, Wire


class VendorCount(Wire):
    name: str
    count: int


class DayCount(Wire):
    """Counts of one day."""

    day: date  # in UTC
    published: int
    exploited: int  # added to CISA's catalogue on that day


class MonthCount(Wire):
    month: date  # its first day
    exploited: int  # added to CISA's catalogue in that month


class Stats(Wire):
    total_vulnerabilities: int
    exploited_vulnerabilities: int
    critical_vulnerabilities: int
    high_vulnerabilities: int
    by_severity: dict[Severity, int]
    by_source: dict[Source, int]
    recent_updates: int  # modified by their sources within 7 days
    new_30d: int  # published within 30 days
    top_vendors: tuple[VendorCount, ...]
    last_30_days: tuple[DayCount, ...] = ()  # oldest first, every day once
    exploited_by_month: tuple[MonthCount, ...] = ()  # the last 12 months, oldest first
    last_update: Instant | None = None  # when an update last succeeded
    computed_at: Instant
