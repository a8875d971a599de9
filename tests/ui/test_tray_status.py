"""Texts of the tray's tooltip and notifications."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.contract.inbox import EventKind
from backend.contract.names import Role
from backend.contract.problems import Problem, failure
from desktop.notifications.events import NotifiedEvent
from desktop.notifications.memory import Notification, NotificationKind
from desktop.problems.overall_status import overall_status
from desktop.state.app_state import AppState
from desktop.supervision.plan import BEAT
from desktop.supervision.services import ForeignWorker, Phase
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.tray.status import tooltip
from desktop.ui.widgets.notification_texts import Words, page_of, words_of

pytestmark = pytest.mark.usefixtures("qtbot", "english")


def with_beat(state: AppState, **facts: object) -> AppState:
    supervision = state.supervision
    return replace(state, supervision=supervision.put(replace(supervision[BEAT], **facts)))


def tooltip_of(state: AppState) -> str:
    return tooltip(state, overall_status(state), datetime.now(UTC))


def test_the_next_update_is_told_as_long_as_somebody_starts_it(context: PageContext) -> None:
    assert "\nNext update " in tooltip_of(context.state)
    assert "\nNext update " in tooltip_of(with_beat(context.state, phase=Phase.BACKOFF))
    for alone in (
        with_beat(context.state, phase=Phase.GAVE_UP),
        with_beat(context.state, phase=Phase.STOPPED, wanted=False),
    ):
        assert tooltip_of(alone).endswith("\nAutomatic updates are off")
        other = ForeignWorker("beat@team", "team", 1, Role.BEAT)
        assert "\nNext update " in tooltip_of(replace(alone, supervision=replace(alone.supervision, foreign=(other,))))


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


FIREFOX = NotifiedEvent(
    7,
    EventKind.EXPLOITED,
    "CVE-2026-1",
    exploited=True,
    critical=False,
    program="Firefox",
    version="115.0",
    machine="DESK",
    is_here=True,
    fixed_in="128.0.2",
)


def of_events(*events: NotifiedEvent) -> Words:
    return words_of(Notification(NotificationKind.EVENTS, "events", events=events))


def test_an_event_is_told_by_its_program_with_what_to_do() -> None:
    assert of_events(FIREFOX) == Words(
        "Firefox 115.0 on this PC", "A vulnerability in it is being exploited. Update to 128.0.2. CVE-2026-1"
    )
    elsewhere = replace(FIREFOX, is_here=False, machine="RECEPTION", fixed_in="")
    assert of_events(elsewhere) == Words(
        "Firefox 115.0 on RECEPTION", "A vulnerability in it is being exploited. Open it to see what to do. CVE-2026-1"
    )


@pytest.mark.parametrize(
    ("kind", "happened"),
    [
        (EventKind.CRITICAL, "A critical vulnerability in it has become known."),
        (EventKind.EPSS_ROSE, "A vulnerability in it has become more likely to be exploited."),
        (EventKind.DUE_SOON, "CISA's due date for a vulnerability in it is near."),
    ],
)
def test_each_kind_of_event_has_its_sentence(kind: EventKind, happened: str) -> None:
    words = of_events(replace(FIREFOX, kind=kind, exploited=False))
    assert words.text == f"{happened} Update to 128.0.2. CVE-2026-1"


def test_several_events_of_one_program_are_one_and_name_a_version_only_if_it_mends_all() -> None:
    other = replace(FIREFOX, id=8, cve_id="CVE-2026-2")
    assert of_events(FIREFOX, other).text == (
        "2 vulnerabilities in it are being exploited. Update to 128.0.2. CVE-2026-1, CVE-2026-2"
    )
    later = replace(other, fixed_in="129.0")
    assert "Open it to see what to do." in of_events(FIREFOX, later).text


def test_events_of_several_programs_are_counted_and_listed_with_their_updates() -> None:
    others = (replace(FIREFOX, id=number, cve_id=f"CVE-2026-{number}", program=f"App {number}") for number in (2, 3, 4))
    words = of_events(FIREFOX, *others)
    assert words.title == "4 vulnerabilities that concern you are being exploited"
    assert words.text.startswith("Firefox 115.0 → 128.0.2, App 2 115.0 → 128.0.2, ")
    assert words.text.endswith(" and 1 more.")


def test_an_event_of_nothing_that_has_a_name_is_told_by_its_id() -> None:
    nameless = replace(FIREFOX, program="", version="", machine="", is_here=False)
    assert of_events(nameless) == Words("1 vulnerability that concerns you is being exploited", "CVE-2026-1.")


def test_what_is_watched_is_told_by_its_name() -> None:
    watched = replace(FIREFOX, program="apache tomcat", version="", machine="", is_here=False, fixed_in="")
    assert of_events(watched).title == "apache tomcat"


def test_a_click_opens_the_event_or_what_is_unread() -> None:
    notification = Notification(NotificationKind.EVENTS, "events", events=(FIREFOX,))
    assert page_of(notification) == (PageName.INBOX, "7")
    assert page_of(replace(notification, events=(FIREFOX, replace(FIREFOX, id=8)))) == (PageName.INBOX, "mine")


def test_the_end_of_the_first_update_says_what_it_brought() -> None:
    words = words_of(Notification(NotificationKind.FIRST_UPDATE, "first-update", figures=(40, 1)))
    assert words.title == "The first update is done"
    assert words.text == "40 vulnerabilities are known, 1 of them is being exploited."
