"""Services: what runs, what does not and why, and the buttons that change it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import ProblemId, Remedy
from backend.contract.problems import failure, problem
from desktop.state.app_state import StateStore, SupervisionChanged, Usage, UsageMeasured
from desktop.supervision.services import ForeignWorker, ObservedTask, Phase, ServiceState
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.services import ServicesPage
from desktop.ui.widgets.text import Muted
from tests.fakes.actions import RecordingActions

GIVEN_UP = problem(
    ProblemId.SERVICE_FAILING,
    {"service": "Schedule", "count": "5", "minutes": "10", "reason": "no such table", "log": "beat.log"},
    details="line one\nline two",
)


@pytest.fixture
def page(qtbot: QtBot, context: PageContext, memory: Memory) -> Iterator[ServicesPage]:
    made = ServicesPage(context, memory, "Services")
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    yield made
    made.hide()


def change(store: StateStore, service: ServiceState) -> None:
    store.post(SupervisionChanged(store.state.supervision.put(service)))


def answer(page: ServicesPage) -> str:
    return page.findChild(Muted).text()


def test_says_in_one_line_that_everything_runs(page: ServicesPage) -> None:
    assert answer(page) == "All services are running"
    assert list(page.cards) == ["stack", "api", "worker-slow", "worker-fast", "beat"]


def test_a_service_that_gave_up_says_why_with_the_end_of_its_log(
    qtbot: QtBot, page: ServicesPage, store: StateStore
) -> None:
    beat = store.state.supervision["beat"]
    change(store, replace(beat, phase=Phase.GAVE_UP, pid=None, problem=GIVEN_UP))
    card = page.cards["beat"]
    qtbot.waitUntil(lambda: answer(page) == "1 of 5 services failed")
    assert card.banner.isVisible()
    last_words = card.banner.findChild(QPlainTextEdit)
    assert last_words.isVisible()
    assert last_words.toPlainText() == "line one\nline two"
    assert (card.start.isEnabled(), card.stop.isEnabled(), card.restart.isEnabled()) == (True, False, False)
    change(store, beat)
    qtbot.waitUntil(lambda: not card.banner.isVisible())
    assert not last_words.isVisible()


def test_figures_change_in_place(qtbot: QtBot, page: ServicesPage, store: StateStore) -> None:
    card = page.cards["api"]
    assert card.facts.text("pid") == "4001"
    assert card.facts.text("time").startswith("2 h")
    store.post(UsageMeasured({"api": Usage(37.25, 2**20)}))
    qtbot.waitUntil(lambda: card.facts.text("cpu").startswith("37"))
    assert card.facts.text("memory") == "1.0 MB"
    assert page.cards["api"] is card


def test_time_goes_on_without_any_news(qtbot: QtBot, page: ServicesPage, store: StateStore) -> None:
    api = store.state.supervision["api"]
    change(store, replace(api, since=time.monotonic()))
    card = page.cards["api"]
    qtbot.waitUntil(lambda: card.facts.text("time") == "0 s")
    qtbot.waitUntil(lambda: card.facts.text("time") == "1 s")


def test_buttons_ask_for_what_they_say(page: ServicesPage, actions: RecordingActions) -> None:
    page.cards["worker-fast"].stop.click()
    page.cards["worker-fast"].restart.click()
    assert actions.calls == [("stop_service", "worker-fast"), ("restart_service", "worker-fast")]


def test_all_are_started_where_one_is_stopped(
    qtbot: QtBot, page: ServicesPage, store: StateStore, actions: RecordingActions
) -> None:
    assert not page.start_all.isEnabled()
    stopped = replace(store.state.supervision["beat"], phase=Phase.STOPPED, wanted=False, pid=None)
    change(store, stopped)
    qtbot.waitUntil(page.start_all.isEnabled)
    page.cards["beat"].start.click()
    page.start_all.click()
    assert actions.calls == [("start_service", "beat"), ("start_service", None)]


def test_the_current_task_leads_to_it(
    qtbot: QtBot, page: ServicesPage, store: StateStore, context: PageContext
) -> None:
    card = page.cards["worker-slow"]
    assert not card.task.isVisible()
    task = ObservedTask("id-7", "backend.tasks.update_vulnerabilities_task", "", 0.0, 0.0)
    change(store, replace(store.state.supervision["worker-slow"], task=task))
    qtbot.waitUntil(card.task.isVisible)
    with qtbot.waitSignal(context.wanted) as wanted:
        card.task.click()
    assert wanted.args == [PageName.TASKS, "id-7"]


def test_remedies_lead_to_the_log_and_start_the_service(
    qtbot: QtBot, page: ServicesPage, store: StateStore, context: PageContext, actions: RecordingActions
) -> None:
    change(store, replace(store.state.supervision["beat"], phase=Phase.GAVE_UP, problem=GIVEN_UP))
    banner = page.cards["beat"].banner
    qtbot.waitUntil(banner.isVisible)
    with qtbot.waitSignal(context.wanted) as wanted:
        banner.remedied.emit(Remedy.OPEN_LOG)
    assert wanted.args == [PageName.LOGS, "beat"]
    banner.remedied.emit(Remedy.TRY_AGAIN)
    assert actions.calls == [("start_service", "beat")]


def test_a_remedy_that_fails_says_so_until_the_problem_is_another(
    qtbot: QtBot, page: ServicesPage, store: StateStore, actions: RecordingActions
) -> None:
    actions.failing = OpenThreatError("Docker cannot be started")
    stack = store.state.supervision["stack"]
    problem = failure("Docker does not run", remedies=(Remedy.START_DOCKER,))
    change(store, replace(stack, problem=problem))
    banner = page.cards["stack"].banner
    qtbot.waitUntil(lambda: banner.accessibleName() == "Docker does not run")
    banner.remedied.emit(Remedy.START_DOCKER)
    qtbot.waitUntil(lambda: banner.accessibleName() == "Docker cannot be started")
    store.post(UsageMeasured({}))
    change(store, replace(stack, problem=problem, restarts=1))
    qtbot.waitUntil(lambda: page.cards["api"].facts.text("cpu") == "—")
    assert banner.accessibleName() == "Docker cannot be started"
    change(store, replace(stack, problem=failure("Docker starts")))
    qtbot.waitUntil(lambda: banner.accessibleName() == "Docker starts")


def test_a_service_of_somebody_else_is_left_alone(qtbot: QtBot, page: ServicesPage, store: StateStore) -> None:
    change(store, replace(store.state.supervision["api"], phase=Phase.FOREIGN, pid=None))
    card = page.cards["api"]
    qtbot.waitUntil(lambda: not card.stop.isEnabled())
    assert not card.start.isEnabled()
    assert not card.restart.isEnabled()
    assert answer(page) == "All services are running"


def test_workers_of_others_come_and_go(qtbot: QtBot, page: ServicesPage, store: StateStore) -> None:
    supervision = store.state.supervision
    worker = ForeignWorker("fast@server", "db-server", 7, ("fast",))
    store.post(SupervisionChanged(replace(supervision, foreign=(worker,))))
    qtbot.waitUntil(lambda: list(page.foreign) == ["fast@server"])
    qtbot.waitUntil(page.foreign["fast@server"].isVisible)
    store.post(SupervisionChanged(supervision))
    qtbot.waitUntil(lambda: not page.foreign)
