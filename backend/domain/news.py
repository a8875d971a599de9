"""What of the changes of a vulnerability is news, which the Inbox shows as events.

A first load is no news, nor is what follows from a change of the program's own rules or of EPSS's model: callers do not
ask about those.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.contract.inbox import EventKind
from backend.contract.names import Severity
from backend.contract.settings import InboxThresholds
from backend.domain.claims import RecordState
from backend.domain.vulnerability import MergedVulnerability

SCORED_LATE = timedelta(days=365)
"""A record that is first scored so long after its publication is part of a source's backlog."""
_EPSS_DIGITS = 5
"""EPSS scores have five decimal places: https://www.first.org/epss/data_stats."""


def news_in(
    old: MergedVulnerability | None, new: MergedVulnerability, thresholds: InboxThresholds, now: datetime
) -> EventKind | None:
    """The kind of event that a change makes, if any. old: None for a vulnerability that was not stored before."""
    if new.state is RecordState.REJECTED:
        return None
    if thresholds.exploited and new.exploited_in_the_wild:  # which says more than that it is critical
        return None if old and old.exploited_in_the_wild else EventKind.EXPLOITED
    is_news = thresholds.critical and new.severity is Severity.CRITICAL and _is_newly_critical(old, new, now)
    return EventKind.CRITICAL if is_news else None


def _is_newly_critical(old: MergedVulnerability | None, new: MergedVulnerability, now: datetime) -> bool:
    if old is None:
        return True
    if old.severity is Severity.UNKNOWN:
        return new.published_at is None or now - new.published_at <= SCORED_LATE
    return old.severity is not Severity.CRITICAL


def epss_rose(before: float | None, after: float, thresholds: InboxThresholds) -> bool:
    """Whether a score reached the threshold, or rose by much since the table before. before: None for a first score."""
    if after >= thresholds.epss_above > (before or 0.0):
        return True
    return before is not None and round(after - before, _EPSS_DIGITS) >= thresholds.epss_rise
