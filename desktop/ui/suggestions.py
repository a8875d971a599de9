"""Searches that are asked for again and again, each under a name; their days are counted from today."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from backend.contract.names import Severity
from backend.contract.searches import VulnerabilityFilters
from desktop.ui.formatting import translate

SUGGESTED = "suggested:"
"""Begins the key of a suggestion on the page of the vulnerabilities, before its value."""
_NEW_DAYS, _DUE_DAYS = 7, 14


class Suggestion(StrEnum):
    NEWLY_EXPLOITED = "newly-exploited"
    DUE = "due"
    CRITICAL_LAST_MONTH = "critical-last-month"
    CHANGED = "changed"


def suggestion_title(suggestion: Suggestion) -> str:
    return {
        Suggestion.NEWLY_EXPLOITED: translate("suggestions", "Newly exploited, in the last 7 days"),
        Suggestion.DUE: translate("suggestions", "Mine, due within two weeks"),
        Suggestion.CRITICAL_LAST_MONTH: translate("suggestions", "Critical, published last month"),
        Suggestion.CHANGED: translate("suggestions", "Changed since Monday"),
    }[suggestion]


def suggestion_filters(suggestion: Suggestion, today: date) -> VulnerabilityFilters:
    """Return the search that a suggestion stands for. On a Monday, "since Monday" means the one before."""
    match suggestion:
        case Suggestion.NEWLY_EXPLOITED:
            return VulnerabilityFilters(exploited=True, kev_added_after=today - timedelta(days=_NEW_DAYS))
        case Suggestion.DUE:
            return VulnerabilityFilters(mine=True, due_before=today + timedelta(days=_DUE_DAYS + 1))
        case Suggestion.CRITICAL_LAST_MONTH:
            this_month = today.replace(day=1)
            last_month = (this_month - timedelta(days=1)).replace(day=1)
            return VulnerabilityFilters(
                severity=(Severity.CRITICAL,),
                published_after=_beginning(last_month),
                published_before=_beginning(this_month),
            )
        case Suggestion.CHANGED:
            return VulnerabilityFilters(changed_after=_beginning(today - timedelta(days=today.weekday() or 7)))


def suggestion_of_key(key: str) -> Suggestion | None:
    """Return the suggestion that a link names; None for other keys."""
    value = key.removeprefix(SUGGESTED)
    return Suggestion(value) if key.startswith(SUGGESTED) and value in list(Suggestion) else None


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
