"""One state, and everything that shows what is wrong with it: icon, menu, banner, cards, doctor, notifications, log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from backend.cli.tables import diagnosis_lines
from backend.client.api import ApiClient
from backend.contract.diagnosis import CheckResult, CheckState, Diagnosis
from backend.contract.problem_catalogue import ProblemId, Weight
from desktop.notifications.activity import activity_between
from desktop.notifications.memory import NotificationKind, NotificationMemory
from desktop.notifications.notifications import is_notified, notifications_of
from desktop.problems.overall_status import overall_status
from desktop.problems.problems import problems
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.diagnostics.results import CheckCard
from desktop.ui.pages.inbox import InboxPage
from desktop.ui.pages.services import ServicesPage
from desktop.ui.tray.menu import TrayMenu
from desktop.ui.tray.status import tooltip
from desktop.ui.tray.unread import UnreadEvents
from desktop.ui.widgets.banner import MendingBanner, services_of
from desktop.ui.widgets.notification_texts import words_of
from desktop.ui.widgets.problem_texts import problem_title
from desktop.ui.window.main_window import MainWindow
from tests.fakes.actions import RecordingActions
from tests.fakes.recorded_states import NOW, Recorded, recorded, state

STATES = {moment.name: moment for moment in recorded()}
WRONG = {name: moment for name, moment in STATES.items() if moment.id is not None}


@pytest.fixture(params=STATES)
def moment(request: pytest.FixtureRequest) -> Recorded:
    return STATES[request.param]


@pytest.fixture(params=WRONG)
def wrong(request: pytest.FixtureRequest) -> Recorded:
    return WRONG[request.param]


@pytest.fixture
def quiet_context(theme: object, wrong: Recorded, actions: RecordingActions) -> Iterator[PageContext]:
    made = PageContext(StateStore(wrong.state), actions, lambda: ApiClient("http://127.0.0.1:1"), SystemClock())
    yield made
    made.close()


def title_of(wrong: Recorded) -> str:
    return problem_title(problems(wrong.state)[0])


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_each_cause_is_one_problem_and_the_heaviest_is_the_first(moment: Recorded) -> None:
    found = problems(moment.state)
    assert len(found) == moment.count, found
    assert next((problem.id for problem in found), None) is moment.id
    assert [problem.weight for problem in found] == sorted((problem.weight for problem in found), reverse=True)


def test_every_sentence_is_complete(moment: Recorded) -> None:
    for problem in problems(moment.state):
        for text in (problem.title, problem.message, problem.hint):
            assert "{" not in text
            assert "  " not in text
        assert problem.title


def test_icon_tooltip_and_menu(qtbot: QtBot, wrong: Recorded, quiet_context: PageContext) -> None:
    status, menu = overall_status(wrong.state), TrayMenu(quiet_context, lambda: None, print)
    qtbot.addWidget(menu)
    assert (status.kind, status.problem and status.problem.id) == (wrong.kind, wrong.id)
    assert tooltip(wrong.state, status, datetime.now().astimezone()).startswith(f"OpenThreat: {title_of(wrong)}")
    menu.show_state(wrong.state, status, UnreadEvents())
    assert next(entry.text() for entry in menu.actions() if entry.isVisible()) == title_of(wrong)


@pytest.mark.parametrize("name", [name for name in STATES if name not in WRONG])
def test_without_a_problem_nothing_is_shown(name: str) -> None:
    moment = STATES[name]
    assert (overall_status(moment.state).kind, overall_status(moment.state).problem) == (moment.kind, None)
    assert notifications_of(moment.state, seen(moment), NOW.astimezone()).notifications == ()


def test_the_banner_above_every_page(qtbot: QtBot, wrong: Recorded, quiet_context: PageContext, memory: Memory) -> None:
    window = MainWindow(quiet_context, memory, dict.fromkeys(PageName, Page))
    qtbot.addWidget(window)
    window.show()
    banner = next(iter(window.findChildren(MendingBanner)))
    assert banner.isVisible() is wrong.above
    assert not wrong.above or banner.accessibleName().startswith(title_of(wrong))


def test_the_card_of_the_page_that_has_more_of_it(
    qtbot: QtBot, wrong: Recorded, quiet_context: PageContext, memory: Memory
) -> None:
    first = problems(wrong.state)[0]
    if services := services_of(first, wrong.state):
        page = ServicesPage(quiet_context, memory, "Services")
        qtbot.addWidget(page)
        page.show_state(wrong.state)
        assert {page.cards[name].banner.accessibleName().startswith(title_of(wrong)) for name in services} == {True}
        return
    if first.weight is Weight.INFO:
        return
    inbox = InboxPage(quiet_context, memory, "Inbox")
    qtbot.addWidget(inbox)
    inbox.show_state(wrong.state)
    assert inbox.shows_problem(first)
    assert title_of(wrong) in texts(inbox.problems)


def test_the_doctor_prints_the_same_id_and_the_windows_show_what_it_found(qtbot: QtBot, wrong: Recorded) -> None:
    first = problems(wrong.state)[0]
    sent = Diagnosis.of([CheckResult.of("check", first)]).model_dump_json()
    diagnosis = Diagnosis.model_validate_json(sent)
    (finding,) = diagnosis.findings
    assert finding.state is not CheckState.OK
    assert (finding.id, finding.title, finding.message) == (wrong.id, first.title, first.text("message"))
    assert f"[{wrong.id}]" in next(diagnosis_lines(diagnosis))
    again = finding.problem
    assert again is not None
    assert (again.id, again.title, again.hint) == (first.id, first.title, first.hint)
    card = CheckCard(again)
    qtbot.addWidget(card)
    assert title_of(wrong) in texts(card)


def seen(moment: Recorded) -> NotificationMemory:
    """The program has looked at these data before, and nothing was wrong."""
    return NotificationMemory(stack=moment.state.stack, looked=True, succeeded="run-1")


def test_the_notification_says_it_once(qtbot: QtBot, wrong: Recorded) -> None:
    first = problems(wrong.state)[0]
    shown = notifications_of(wrong.state, seen(wrong), NOW.astimezone()).notifications
    notified = [item.problem.id for item in shown if item.kind is NotificationKind.PROBLEM and item.problem]
    assert notified == ([wrong.id] if is_notified(first) else [])
    assert [words_of(item).title for item in shown] == ([title_of(wrong)] if notified else [])


def test_the_activity_log_has_a_line_with_it(wrong: Recorded) -> None:
    entries = activity_between(state(), wrong.state)
    if wrong.id is ProblemId.SERVICES_STOPPED:  # each service has its own line
        assert {entry.text.rpartition(": ")[2] for entry in entries} == {"stopped"}
    else:
        assert {entry.problem.id for entry in entries if entry.problem} == {wrong.id}


def test_one_cause_is_said_once_and_names_what_it_affects() -> None:
    (away,) = problems(STATES["database away"].state)
    assert {"Updates", "Jobs"} <= set(away.affects)
    (network,) = problems(STATES["no network"].state)
    assert network.message.count("127.0.0.1") == 1
    assert "CISA, NVD, EUVD, MITRE, EPSS" in network.message
