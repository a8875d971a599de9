"""Figures over all vulnerabilities, computed every quarter of an hour."""

from __future__ import annotations

from datetime import date

from backend.contract.names import Severity, Source
from backend.contract.wire import Instant, Wire


class VendorCount(Wire):
    name: str
    count: int


class DayCount(Wire):
    """One day in UTC. exploited: those that CISA put into its catalogue on that day."""

    day: date
    published: int
    exploited: int


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
    last_update: Instant | None = None  # when an update last succeeded
    computed_at: Instant
