"""An event in words, as the feed and chats have it."""

from __future__ import annotations

from datetime import date

import pytest

from backend.contract.inbox import EventKind
from backend.contract.names import Severity
from backend.services.news.event_text import MAX_LINE, event_text, one_line
from tests.fakes.inbox import event, finding


@pytest.mark.parametrize(
    ("kind", "facts", "line"),
    [
        (EventKind.EXPLOITED, {}, "known to be exploited"),
        (EventKind.CRITICAL, {}, "new and critical"),
        (EventKind.EPSS_ROSE, {"epss_before": 0.0021, "epss_after": 0.615}, "EPSS rose from 0.2% to 62%"),
        (EventKind.EPSS_ROSE, {"epss_before": None, "epss_after": 0.6}, "EPSS 60%"),
        (EventKind.DUE_SOON, {"due_date": date(2026, 3, 8)}, "CISA's due date is 2026-03-08"),
        (EventKind.DUE_SOON, {}, "CISA's due date is near"),
        (EventKind.FINDING, {}, "found in an installed program"),
        (
            EventKind.FINDING,
            {"on_machines": (finding(1),), "on_machines_total": 1, "exploited": True},
            "found in Mozilla Firefox 115.0, known to be exploited",
        ),
        (
            EventKind.RESOLVED,
            {"on_machines": (finding(1),), "on_machines_total": 1200},
            "no longer in Mozilla Firefox 115.0 and 1,199 more",
        ),
    ],
)
def test_what_happened_is_one_line(kind: EventKind, facts: dict[str, object], line: str) -> None:
    text = event_text(event(1, kind, **facts))
    assert text.happened == line
    assert text.title == f"CVE-2026-0001: {line}"


def test_programs_are_named_with_what_to_update_to() -> None:
    found = (finding(1), finding(2, fixed_in=None))
    lines = event_text(event(1, EventKind.EXPLOITED, on_machines=found, on_machines_total=9, watched=tuple("abcdefg")))
    assert lines.lines == (
        "Use after free in part 1",
        "Mozilla Firefox 115.0 on RECEPTION: update to 128.0.2",
        "Mozilla Firefox 115.0 on RECEPTION",
        "and 7 more on your PCs",
        "Watched: a, b, c, d, e and 2 more",
        "Severity high",
    )


def test_an_ended_finding_says_why_and_not_what_to_update_to() -> None:
    lines = event_text(event(1, EventKind.RESOLVED, on_machines=(finding(1),), on_machines_total=1, reason="Updated."))
    assert lines.lines[1:3] == ("Mozilla Firefox 115.0 on RECEPTION", "Updated.")


def test_what_is_not_known_makes_no_line() -> None:
    assert event_text(event(1, EventKind.CRITICAL, title=" \u202e ", severity=Severity.UNKNOWN)).lines == ()


@pytest.mark.parametrize(
    ("cve_id", "link"),
    [
        ("CVE-2026-1", "https://nvd.nist.gov/vuln/detail/CVE-2026-1"),
        ("EUVD-2026-1", "https://euvd.enisa.europa.eu/vulnerability/EUVD-2026-1"),
    ],
)
def test_the_link_leads_to_the_record(cve_id: str, link: str) -> None:
    assert event_text(event(1, cve_id=cve_id)).link == link


def test_a_long_text_is_cut_and_marked() -> None:
    assert one_line("x" * 1000) == "x" * (MAX_LINE - 1) + "…"
    assert one_line("a\r\n\tb\x00\u2066c\ufffe\ufdd0") == "a bc"
