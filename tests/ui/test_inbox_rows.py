"""The words of an event: what happened, where, what to do, and why it concerns the person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from backend.contract.exposure import FindingState
from backend.contract.inbox import EventKind, InboxScope
from backend.contract.names import Severity
from backend.contract.wire import utc_now
from desktop.ui.pages.inbox.query import InboxFilter, Since, remembered_query, remembered_text
from desktop.ui.pages.inbox.rows import InboxRow, row_of
from tests.fakes.inbox import event, finding

pytestmark = pytest.mark.usefixtures("qtbot", "english")
TODAY = date(2026, 11, 28)
ME = "this"


def row(kind: EventKind = EventKind.EXPLOITED, **facts: object) -> InboxRow:
    found = facts.get("on_machines", ())
    assert isinstance(found, tuple)
    return row_of(event(1, kind, **{"on_machines_total": len(found), **facts}), ME, TODAY)


def here(number: int = 1, **facts: object) -> object:
    return finding(number, machine_id=ME, machine="DESK", **facts)


@pytest.mark.parametrize(
    ("kind", "facts", "what"),
    [
        (EventKind.EXPLOITED, {}, "Now exploited"),
        (EventKind.CRITICAL, {}, "New critical"),
        (EventKind.EPSS_ROSE, {"epss_before": 0.02, "epss_after": 0.61}, "EPSS rose from 2 % to 61 %"),
        (EventKind.EPSS_ROSE, {"epss_after": 0.61}, "EPSS is 61 %"),
        (EventKind.DUE_SOON, {}, "Due soon"),
        (EventKind.FINDING, {"on_machines": (here(),)}, "Found on this PC"),
        (EventKind.FINDING, {"on_machines": (here(),), "exploited": True}, "Exploited, on this PC"),
        (EventKind.FINDING, {"on_machines": (finding(1),)}, "Found on RECEPTION"),
        (EventKind.FINDING, {"on_machines": (here(), finding(2))}, "Found on 2 PCs"),
        (EventKind.RESOLVED, {"on_machines": (here(state="resolved"),)}, "No longer on this PC"),
    ],
)
def test_what_happened_is_said_in_words(kind: EventKind, facts: dict[str, object], what: str) -> None:
    assert row(kind, **facts).what.word == what


def test_a_program_whose_name_has_the_version_is_not_given_it_twice() -> None:
    shown = row(on_machines=(finding(1, "7-Zip 22.01 (x64)", "22.01", fixed_in="24.09"),))
    assert (shown.subject, shown.update) == ("7-Zip 22.01 (x64)", "→ 24.09")


def test_where_no_fixed_version_is_known_none_is_named() -> None:
    assert row(on_machines=(finding(1, fixed_in=None),)).update == ""


def test_without_a_program_the_title_is_the_subject() -> None:
    shown = row(watched=("apache",))
    assert (shown.subject, shown.title) == ("Use after free in part 1", "")


@pytest.mark.parametrize(
    ("due", "words"),
    [(None, None), (TODAY, "Due 2026-11-28"), (TODAY - timedelta(days=1), "Overdue 2026-11-27")],
)
def test_a_due_date_is_overdue_from_the_day_after(due: date | None, words: str | None) -> None:
    look = row(due_date=due).due
    assert (look and look.word) == words


def test_severity_and_exploitation_are_shown_unless_what_happened_says_so() -> None:
    assert [look.word for look in row(EventKind.DUE_SOON, exploited=True).chips] == ["Exploited", "High"]
    assert [look.word for look in row(EventKind.EXPLOITED).chips] == ["High"]
    assert row(EventKind.CRITICAL, severity=Severity.CRITICAL).chips == ()


def test_why_names_the_place_the_decision_and_the_watchlist() -> None:
    decided = row(on_machines=(here(state=FindingState.ACKNOWLEDGED),), watched=("mozilla", "a", "b", "c"))
    assert decided.why == "Installed on this PC · acknowledged · On the watchlist: mozilla, a, b"
    both = row(on_machines=(here(state=FindingState.IGNORED), here(2, state=FindingState.OPEN)))
    assert both.why == "Installed on this PC", "one of them is still open"


def test_what_is_resolved_has_its_reason_and_asks_for_nothing() -> None:
    shown = row(EventKind.RESOLVED, on_machines=(here(state="resolved"),), reason="Updated to 128.0.2.", due_date=TODAY)
    assert (shown.why, shown.update, shown.due, shown.chips) == ("Updated to 128.0.2.", "", None, ())


def test_texts_from_outside_are_one_line_without_control_characters() -> None:
    shown = row(title="a\nb\x07\u202ec", on_machines=(finding(1, "Evil\n\u202eprogram", "1"),))
    assert (shown.subject, shown.title) == ("Evil program 1", "a bc")


def test_a_query_is_remembered_and_an_unknown_one_is_that_of_the_first_start() -> None:
    query = InboxFilter(InboxScope.EVERYTHING, Since.WEEK)
    assert remembered_query(remembered_text(query)) == query
    for text in ("", "mine", "mine/never", "ours/week"):
        assert remembered_query(text) == InboxFilter(InboxScope.MINE, Since.LAST_READ)


def test_a_time_is_asked_for_as_a_moment_and_unread_as_such() -> None:
    now = utc_now()
    assert InboxFilter().params(now) == {"scope": "mine", "unread": "true"}
    day = InboxFilter(InboxScope.EXPLOITED, Since.DAY).params(now)
    assert day == {"scope": "exploited", "since": (now - timedelta(days=1)).isoformat()}
