"""Suggested searches: their days are those that a person means."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backend.contract.names import Severity
from backend.contract.searches import VulnerabilityFilters
from desktop.ui.suggestions import SUGGESTED, Suggestion, suggestion_filters, suggestion_of_key


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 11, 28), at(2026, 11, 23)),
        (date(2026, 11, 24), at(2026, 11, 23)),
        (date(2026, 11, 23), at(2026, 11, 16)),
        (date(2027, 1, 1), at(2026, 12, 28)),
    ],
)
def test_since_monday_is_never_today(today: date, monday: datetime) -> None:
    assert suggestion_filters(Suggestion.CHANGED, today) == VulnerabilityFilters(changed_after=monday)


@pytest.mark.parametrize(
    ("today", "first", "end"),
    [
        (date(2026, 3, 31), at(2026, 2, 1), at(2026, 3, 1)),
        (date(2026, 1, 1), at(2025, 12, 1), at(2026, 1, 1)),
    ],
)
def test_last_month_is_a_whole_month_of_the_calendar(today: date, first: datetime, end: datetime) -> None:
    assert suggestion_filters(Suggestion.CRITICAL_LAST_MONTH, today) == VulnerabilityFilters(
        severity=(Severity.CRITICAL,), published_after=first, published_before=end
    )


def test_days_are_counted_with_the_last_one() -> None:
    today = date(2026, 11, 28)
    assert suggestion_filters(Suggestion.DUE, today).due_before == date(2026, 12, 13)
    assert suggestion_filters(Suggestion.NEWLY_EXPLOITED, today).kev_added_after == date(2026, 11, 21)


@pytest.mark.parametrize("key", ["", "due", "suggested:", "suggested:other", "saved:due", "CVE-2026-1234"])
def test_other_keys_lead_to_no_suggestion(key: str) -> None:
    assert suggestion_of_key(key) is None
    assert suggestion_of_key(SUGGESTED + "due") is Suggestion.DUE
