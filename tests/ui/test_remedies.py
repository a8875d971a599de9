"""The buttons of troubles, as they stand above every page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from backend.contract.settings import Stack
from desktop.application.board import Board
from desktop.model.services import Phase
from desktop.model.trouble import DesktopError, Remedy, Trouble
from desktop.model.view import StackChosen, SupervisionChanged, UsageMeasured
from desktop.ui.desk import Desk, PageName
from desktop.ui.memory import Memory
from desktop.ui.pages import page_makers
from desktop.ui.pages.logs import LogsPage
from desktop.ui.pages.settings import SettingsPage
from desktop.ui.widgets.mending import MendingBanner
from desktop.ui.window.main_window import MainWindow
from tests.fakes.actions import RecordingActions

GIVEN_UP = Trouble("Beat keeps failing", remedies=(Remedy.OPEN_LOG, Remedy.TRY_AGAIN))


@pytest.fixture
def window(qtbot: QtBot, desk: Desk, memory: Memory) -> Iterator[MainWindow]:
    memory.keep("window/page", PageName.TASKS)
    made = MainWindow(desk, memory, page_makers())
    made.show()
    yield made
    made.close()
    made.deleteLater()


def above(window: MainWindow) -> MendingBanner:
    return next(one for one in window.findChildren(MendingBanner) if not window.page.isAncestorOf(one))


def trouble_beat(board: Board, trouble: Trouble) -> None:
    supervision = board.view.supervision
    board.post(SupervisionChanged(supervision.put(replace(supervision["beat"], phase=Phase.GAVE_UP, trouble=trouble))))


def test_the_log_that_is_opened_is_the_one_of_the_service_in_trouble(
    qtbot: QtBot, window: MainWindow, board: Board
) -> None:
    trouble_beat(board, GIVEN_UP)
    qtbot.waitUntil(above(window).isVisible)
    above(window).remedied.emit(Remedy.OPEN_LOG)
    page = window.page
    assert isinstance(page, LogsPage)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Beat"


def test_trying_again_starts_the_service_in_trouble(
    qtbot: QtBot, window: MainWindow, board: Board, actions: RecordingActions
) -> None:
    trouble_beat(board, GIVEN_UP)
    qtbot.waitUntil(above(window).isVisible)
    above(window).remedied.emit(Remedy.TRY_AGAIN)
    assert actions.asked[-1] == ("start_service", "beat")


def test_another_stack_is_not_taken_without_asking(
    qtbot: QtBot, window: MainWindow, board: Board, actions: RecordingActions
) -> None:
    board.post(StackChosen(Stack.DOCKER, board.view.supervision))
    trouble_beat(board, Trouble("Docker does not run", remedies=(Remedy.USE_EMBEDDED,)))
    qtbot.waitUntil(above(window).isVisible)
    above(window).remedied.emit(Remedy.USE_EMBEDDED)
    page = window.page
    assert isinstance(page, SettingsPage)
    assert page.stack.question.asks is Stack.EMBEDDED
    assert not any(call[0] in ("remedy", "save_settings") for call in actions.asked)


def test_what_else_may_help_stays_on_offer_when_a_remedy_fails(
    qtbot: QtBot, window: MainWindow, board: Board, actions: RecordingActions
) -> None:
    actions.failing = DesktopError("Docker cannot be started")
    trouble_beat(board, Trouble("Docker does not run", remedies=(Remedy.START_DOCKER, Remedy.USE_EMBEDDED)))
    banner = above(window)
    qtbot.waitUntil(banner.isVisible)
    banner.remedied.emit(Remedy.START_DOCKER)
    qtbot.waitUntil(lambda: banner.accessibleName() == "Docker cannot be started")
    board.post(UsageMeasured({}))
    assert banner.accessibleName() == "Docker cannot be started"
    board.post(SupervisionChanged(replace(board.view.supervision, calm_until=1.0)))
    trouble_beat(board, GIVEN_UP)
    qtbot.waitUntil(lambda: banner.accessibleName() == "Beat keeps failing")


def test_services_tells_its_troubles_itself(qtbot: QtBot, window: MainWindow, board: Board) -> None:
    trouble_beat(board, GIVEN_UP)
    banner = above(window)
    qtbot.waitUntil(banner.isVisible)
    window.show_page(PageName.SERVICES)
    assert not banner.isVisible()
    window.show_page(PageName.TASKS)
    assert banner.isVisible()
