"""The buttons of the banner above every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import NoReturn

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from backend.client.transport import ApiSilent, Transport
from backend.contract.errors import OpenThreatError
from backend.contract.problem_catalogue import Remedy
from backend.contract.problems import Problem, failure
from backend.contract.settings import StackKind
from desktop.state.app_state import (
    SnapshotArrived,
    SnapshotMissed,
    StackChosen,
    StateStore,
    SupervisionChanged,
    UsageMeasured,
)
from desktop.supervision.services import Phase
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pages.logs import LogsPage
from desktop.ui.pages.settings import SettingsPage
from desktop.ui.widgets.banner import Banner, MendingBanner
from desktop.ui.window.main_window import MainWindow
from tests.fakes.actions import RecordingActions

GIVEN_UP = failure("Beat keeps failing", remedies=(Remedy.OPEN_LOG, Remedy.TRY_AGAIN))


@pytest.fixture
def window(qtbot: QtBot, context: PageContext, store: StateStore, memory: Memory) -> Iterator[MainWindow]:
    memory.save("window/page", PageName.TASKS)
    assert context.state.snapshot is not None
    well = context.state.snapshot.model_copy(update={"sources": (), "runs": ()})  # only the test sets what is wrong
    store.post(SnapshotArrived(well, datetime.now(UTC)))
    made = MainWindow(context, memory, page_makers())
    made.show()
    yield made
    made.close()
    made.deleteLater()


def above(window: MainWindow) -> MendingBanner:
    return next(banner for banner in window.findChildren(MendingBanner) if not window.page.isAncestorOf(banner))


def fail_beat(store: StateStore, problem: Problem) -> None:
    supervision = store.state.supervision
    store.post(SupervisionChanged(supervision.put(replace(supervision["beat"], phase=Phase.GAVE_UP, problem=problem))))


def test_the_log_that_is_opened_is_the_one_of_the_service_with_the_problem(
    qtbot: QtBot, window: MainWindow, store: StateStore
) -> None:
    fail_beat(store, GIVEN_UP)
    qtbot.waitUntil(above(window).isVisible)
    above(window).remedied.emit(Remedy.OPEN_LOG)
    page = window.page
    assert isinstance(page, LogsPage)
    assert page.log.currentText() == "Schedule"


def test_trying_again_starts_the_service_with_the_problem(
    qtbot: QtBot, window: MainWindow, store: StateStore, actions: RecordingActions
) -> None:
    fail_beat(store, GIVEN_UP)
    qtbot.waitUntil(above(window).isVisible)
    above(window).remedied.emit(Remedy.TRY_AGAIN)
    assert actions.calls[-1] == ("start_service", "beat")


def test_a_download_is_cancelled_by_stopping_the_stack(
    qtbot: QtBot, window: MainWindow, store: StateStore, actions: RecordingActions
) -> None:
    problem = failure("Downloading PostgreSQL and Redis", remedies=(Remedy.STOP_FETCHING, Remedy.USE_EMBEDDED))
    stack = replace(store.state.supervision["stack"], phase=Phase.STARTING, problem=problem)
    store.post(SupervisionChanged(store.state.supervision.put(stack)))
    qtbot.waitUntil(above(window).isVisible)
    next(button for button in above(window).findChildren(QPushButton) if button.text() == "Cancel download").click()
    assert actions.calls == [("stop_service", "stack")]


def test_another_stack_is_not_taken_without_asking(
    qtbot: QtBot, window: MainWindow, store: StateStore, actions: RecordingActions
) -> None:
    store.post(StackChosen(StackKind.DOCKER, store.state.supervision))
    fail_beat(store, failure("Docker does not run", remedies=(Remedy.USE_EMBEDDED,)))
    qtbot.waitUntil(above(window).isVisible)
    above(window).remedied.emit(Remedy.USE_EMBEDDED)
    page = window.page
    assert isinstance(page, SettingsPage)
    assert page.stack.question.proposed is StackKind.EMBEDDED
    assert not any(call[0] in ("remedy", "save_settings") for call in actions.calls)


def test_what_else_may_help_stays_on_offer_when_a_remedy_fails(
    qtbot: QtBot, window: MainWindow, store: StateStore, actions: RecordingActions
) -> None:
    actions.failing = OpenThreatError("Docker cannot be started")
    fail_beat(store, failure("Docker does not run", remedies=(Remedy.START_DOCKER, Remedy.USE_EMBEDDED)))
    banner = above(window)
    qtbot.waitUntil(banner.isVisible)
    banner.remedied.emit(Remedy.START_DOCKER)
    qtbot.waitUntil(lambda: banner.accessibleName() == "Docker cannot be started")
    store.post(UsageMeasured({}))
    assert banner.accessibleName() == "Docker cannot be started"
    store.post(SupervisionChanged(replace(store.state.supervision, grace_until=1.0)))
    fail_beat(store, GIVEN_UP)
    qtbot.waitUntil(lambda: banner.accessibleName() == "Beat keeps failing")


def test_details_are_folded_away_and_copied_as_a_whole(qtbot: QtBot, window: MainWindow, store: StateStore) -> None:
    banner = above(window)
    fail_beat(store, replace(failure("Beat keeps failing"), details="line one\nline two"))
    qtbot.waitUntil(banner.isVisible)
    text, fold = banner.findChild(QPlainTextEdit), banner.findChild(QToolButton)
    assert not text.isVisible()
    fold.click()
    assert text.isVisible()
    next(button for button in banner.findChildren(QPushButton) if button.text() == "Copy").click()
    assert QGuiApplication.clipboard().text() == "line one\nline two"
    fail_beat(store, GIVEN_UP)
    qtbot.waitUntil(lambda: not fold.isVisible())


def test_services_shows_its_problems_itself(qtbot: QtBot, window: MainWindow, store: StateStore) -> None:
    fail_beat(store, GIVEN_UP)
    banner = above(window)
    qtbot.waitUntil(banner.isVisible)
    window.show_page(PageName.SERVICES)
    assert not banner.isVisible()
    window.show_page(PageName.TASKS)
    assert banner.isVisible()


def test_what_a_silent_api_said_last_stays_and_is_marked_as_old_on_every_page(
    qtbot: QtBot, window: MainWindow, store: StateStore
) -> None:
    store.post(SnapshotMissed(ApiSilent("no answer within 2 s").problem))
    for page in set(PageName) - {PageName.SERVICES, PageName.INBOX}:
        window.turn_to(page)
        qtbot.waitUntil(above(window).isVisible)
        assert "No answer within 2 s. What you see is as of today, " in above(window).accessibleName()


def test_a_services_problem_and_how_old_the_data_are_is_one_message(
    qtbot: QtBot, window: MainWindow, store: StateStore
) -> None:
    store.post(SnapshotMissed(ApiSilent("no answer within 2 s").problem))
    fail_beat(store, GIVEN_UP)
    qtbot.waitUntil(
        lambda: above(window).accessibleName().startswith("Beat keeps failing: What you see is as of today, ")
    )


def test_an_api_that_is_started_anew_as_somebody_asked_is_no_problem(
    qtbot: QtBot, window: MainWindow, store: StateStore
) -> None:
    supervision = store.state.supervision
    starting = supervision.put(replace(supervision["api"], phase=Phase.STARTING))
    store.post(SnapshotMissed(ApiSilent("nothing listens there").problem))
    qtbot.waitUntil(above(window).isVisible)
    store.post(SupervisionChanged(starting))
    qtbot.waitUntil(lambda: not above(window).isVisible())


@pytest.mark.parametrize("page", [PageName.VULNERABILITIES, PageName.TASKS])
def test_what_is_said_above_a_page_is_not_said_on_it(
    qtbot: QtBot, window: MainWindow, store: StateStore, monkeypatch: pytest.MonkeyPatch, page: PageName
) -> None:
    def fall_silent(*_: object, **__: object) -> NoReturn:
        raise ApiSilent("no answer within 2 s")

    monkeypatch.setattr(Transport, "call", fall_silent)
    monkeypatch.setattr("desktop.ui.pages.vulnerabilities.page_loader.find", fall_silent)
    window.turn_to(page)
    window.page.refresh()
    on_it = window.page.findChildren(Banner)
    qtbot.waitUntil(lambda: any(label.isVisible() for label in on_it), timeout=10_000)
    store.post(SnapshotMissed(ApiSilent("no answer within 2 s").problem))
    qtbot.waitUntil(above(window).isVisible)
    assert not any(label.isVisible() for label in on_it)
