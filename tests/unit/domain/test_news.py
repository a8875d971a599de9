"""Which changes of a vulnerability are news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.contract.inbox import EventKind
from backend.contract.names import Severity
from backend.contract.settings import InboxThresholds
from backend.domain.claims import RecordState
from backend.domain.news import SCORED_LATE, epss_rose, news_in
from backend.domain.vulnerability import MergedVulnerability
from tests.fakes.sources import NOON
from tests.fakes.vulnerabilities import vulnerability

ALL = InboxThresholds()


def flaw(severity: Severity = Severity.HIGH, *, exploited: bool = False, **facts: object) -> MergedVulnerability:
    facts = {"published_at": NOON - timedelta(days=3), **facts}
    return vulnerability("CVE-2026-1", severity=severity, exploited_in_the_wild=exploited, **facts)


HIGH, CRITICAL, UNKNOWN = flaw(), flaw(Severity.CRITICAL), flaw(Severity.UNKNOWN)
EXPLOITED = flaw(Severity.CRITICAL, exploited=True)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, HIGH, None),
        (None, CRITICAL, EventKind.CRITICAL),
        (None, EXPLOITED, EventKind.EXPLOITED),
        (HIGH, CRITICAL, EventKind.CRITICAL),
        (UNKNOWN, CRITICAL, EventKind.CRITICAL),
        (CRITICAL, CRITICAL, None),
        (CRITICAL, HIGH, None),
        (CRITICAL, EXPLOITED, EventKind.EXPLOITED),
        (EXPLOITED, EXPLOITED, None),
        (EXPLOITED, CRITICAL, None),
        (flaw(exploited=True), EXPLOITED, None),
        (None, flaw(Severity.CRITICAL, state=RecordState.REJECTED), None),
        (HIGH, flaw(exploited=True, state=RecordState.REJECTED), None),
        (UNKNOWN, flaw(Severity.CRITICAL, published_at=None), EventKind.CRITICAL),
        (UNKNOWN, flaw(Severity.CRITICAL, published_at=NOON - SCORED_LATE - timedelta(days=1)), None),
        (HIGH, flaw(Severity.CRITICAL, published_at=NOON - SCORED_LATE - timedelta(days=1)), EventKind.CRITICAL),
    ],
)
def test_what_a_change_is(old: MergedVulnerability | None, new: MergedVulnerability, kind: EventKind | None) -> None:
    assert news_in(old, new, ALL, NOON) == kind


def test_what_is_turned_off_is_no_event_and_hides_nothing_else() -> None:
    assert news_in(None, EXPLOITED, InboxThresholds(exploited=False), NOON) == EventKind.CRITICAL
    assert news_in(None, EXPLOITED, InboxThresholds(exploited=False, critical=False), NOON) is None
    assert news_in(None, CRITICAL, InboxThresholds(critical=False), NOON) is None


@pytest.mark.parametrize(
    ("before", "after", "rose"),
    [
        (0.1, 0.29999, False),
        (0.1, 0.3, True),  # in floats the difference is a little less than 0.2
        (0.3, 0.1, False),
        (0.49999, 0.5, True),
        (0.5, 0.6, False),
        (0.5, 0.5, False),
        (0.6, 0.8, True),
        (None, 0.3, False),
        (None, 0.5, True),
    ],
)
def test_a_score_that_rose(before: float | None, after: float, rose: bool) -> None:
    assert epss_rose(before, after, ALL) is rose
