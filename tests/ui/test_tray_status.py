"""Texts of the tray's tooltip and notifications."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.contract.names import Role
from backend.contract.problems import Problem, failure
from desktop.notifications.memory import Notification, NotificationKind
from desktop.problems.overall_status import overall_status
from desktop.state.app_state import AppState
from desktop.supervision.plan import BEAT
from desktop.supervision.services import ForeignWorker, Phase
from desktop.ui.page_context import PageContext
from desktop.ui.tray.notifications import words_of
from desktop.ui.tray.status import tooltip

pytestmark = pytest.mark.usefixtures("qtbot")


def with_beat(state: AppState, **facts: object) -> AppState:
    supervision = state.supervision
    return replace(state, supervision=supervision.put(replace(supervision[BEAT], **facts)))


def said_of(state: AppState) -> str:
    return tooltip(state, overall_status(state), datetime.now(UTC))


def test_the_next_update_is_told_as_long_as_somebody_starts_it(context: PageContext) -> None:
    assert "\nNext update " in said_of(context.state)
    assert "\nNext update " in said_of(with_beat(context.state, phase=Phase.BACKOFF))
    for alone in (
        with_beat(context.state, phase=Phase.GAVE_UP),
        with_beat(context.state, phase=Phase.STOPPED, wanted=False),
    ):
        assert said_of(alone).endswith("\nAutomatic updates are off")
        other = ForeignWorker("beat@team", "team", 1, Role.BEAT)
        assert "\nNext update " in said_of(replace(alone, supervision=replace(alone.supervision, foreign=(other,))))


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (failure("Beat keeps failing", "It ended 5 times"), "It ended 5 times."),
        (failure("Beat cannot run", "The schedule is damaged."), "The schedule is damaged."),
        (
            failure("Port 8001 is taken", "python3 (process 12) listens there.", "End that program."),
            "End that program. python3 (process 12) listens there.",
        ),
        (failure("Beat keeps failing"), ""),
    ],
)
def test_a_notification_says_what_the_page_says_and_nothing_twice(problem: Problem, text: str) -> None:
    words = words_of(Notification(NotificationKind.PROBLEM, "service:beat", problem))
    assert (words.title, words.text) == (problem.title, text)


def test_a_long_reason_leaves_room_for_how_often_it_happened() -> None:
    long = failure("No source could be read", "The server refused the request. " * 20)
    text = words_of(Notification(NotificationKind.PROBLEM, "run:update", long, count=99)).text
    assert text.endswith("… 99 times since the last notification.")
    assert len(text) < 255


def test_what_a_server_answered_is_no_html_in_a_notification() -> None:
    problem = failure("No source could be read", "It said <img src='//elsewhere/a.png'>.")
    words = words_of(Notification(NotificationKind.PROBLEM, "run:update", problem))
    assert "img src=" in words.text
    assert "<" not in words.text


def test_what_to_do_is_in_a_notification_however_long_the_cause_is() -> None:
    problem = failure("No source could be read", "www.example.org refused the connection. " * 20, "Check the network.")
    words = words_of(Notification(NotificationKind.PROBLEM, "run:update", problem))
    assert words.text.startswith("Check the network. www.example.org refused")
    assert len(words.text) < 255


def test_exploited_vulnerabilities_are_told_by_their_products_and_with_what_to_do() -> None:
    alert = Notification(
        NotificationKind.EXPLOITED, "exploited", items=("CVE-2026-1",), products=("Apache Tomcat",), key="CVE-2026-1"
    )
    words = words_of(alert)
    assert words.title.startswith("Apache Tomcat: 1 vulnerabilit")
    assert words.text == "Open it to see which versions are fixed, and update. CVE-2026-1"
    several = replace(alert, items=tuple(f"CVE-2026-{number}" for number in range(5)), products=("A b", "C d"))
    assert words_of(several).title.startswith("A b, C d: 5 vulnerabilit")
    assert words_of(several).text.endswith("CVE-2026-0, CVE-2026-1, CVE-2026-2 and 2 more")
    nameless = replace(alert, products=())
    assert words_of(nameless).title == "Exploited now: CVE-2026-1"
