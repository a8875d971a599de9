"""The first start: the choice of the database, with the state of Docker; Enter takes the recommended one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from backend.contract.problems import failure
from backend.contract.settings import StackKind, UserSettings
from desktop.stack.docker.detection import DockerDetection
from desktop.stack.docker.states import DockerState
from desktop.state.app_state import SettingsSaved, StateStore
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.stack_choice import DockerStatus
from desktop.ui.window.first_start import FirstStartPage, FirstWindow
from desktop.ui.window.windows import Windows
from tests.fakes.actions import RecordingActions

NOT_RUNNING = DockerDetection(DockerState.NOT_RUNNING, failure("Docker is not running", "Docker Desktop is installed."))


@pytest.fixture
def page(empty_context: PageContext, qtbot: QtBot) -> FirstStartPage:
    made = FirstStartPage(empty_context)
    qtbot.addWidget(made)
    made.resize(1024, 700)
    return made


def texts(widget: QWidget) -> str:
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    return "\n".join([*labels, *(badge.accessibleName() for badge in widget.findChildren(Badge))])


def test_enter_starts_with_what_is_recommended(page: FirstStartPage, qtbot: QtBot) -> None:
    page.show()
    with qtbot.waitSignal(page.chosen) as chosen:
        qtbot.keyClick(page.start, Qt.Key.Key_Return)
    assert chosen.args == [StackKind.EMBEDDED]


def test_it_starts_only_once_unless_that_failed(page: FirstStartPage) -> None:
    chosen: list[str] = []
    page.chosen.connect(chosen.append)
    page.show()
    page.start.click()
    page.start.click()
    assert chosen == [StackKind.EMBEDDED]
    page.offer_again()
    page.start.click()
    assert chosen == [StackKind.EMBEDDED, StackKind.EMBEDDED]


def test_docker_that_runs_is_found_and_can_be_chosen(
    page: FirstStartPage, actions: RecordingActions, qtbot: QtBot
) -> None:
    actions.docker = DockerDetection(DockerState.READY, None, "29.1")
    page.show()
    qtbot.waitUntil(lambda: "Docker 29.1 is running" in texts(page))
    page.docker.click()
    with qtbot.waitSignal(page.chosen) as chosen:
        page.start.click()
    assert chosen.args == [StackKind.DOCKER]


def test_what_is_wrong_with_docker_is_said_and_that_it_will_be_waited_for(
    page: FirstStartPage, actions: RecordingActions, qtbot: QtBot
) -> None:
    actions.docker = NOT_RUNNING
    page.show()
    qtbot.waitUntil(lambda: "Docker Desktop is installed." in texts(page))
    assert "will wait" not in texts(page)
    page.docker.click()
    assert "OpenThreat will wait until Docker is available." in texts(page)
    page.embedded.click()
    assert "will wait" not in texts(page)


def test_docker_can_be_looked_for_again(page: FirstStartPage, actions: RecordingActions, qtbot: QtBot) -> None:
    actions.docker = NOT_RUNNING
    page.show()
    qtbot.waitUntil(lambda: "Docker is not running" in texts(page))
    actions.docker = DockerDetection(DockerState.READY, None, "")
    page.findChild(DockerStatus).again.click()
    qtbot.waitUntil(lambda: "Docker is running" in texts(page))


def test_settings_that_were_lost_are_said_where_the_choice_is_made_anew(
    empty_context: PageContext, empty_store: StateStore, qtbot: QtBot
) -> None:
    empty_store.post(SettingsSaved(UserSettings(), failure("The settings file was damaged", "Line 3.")))
    qtbot.waitUntil(lambda: empty_context.state.settings_problem is not None)
    window = FirstWindow(empty_context)
    qtbot.addWidget(window)
    window.show()
    assert "The settings file was damaged" in texts(window)


def test_a_page_that_is_wanted_before_the_first_start_opens_the_choice(
    empty_context: PageContext, empty_store: StateStore, memory: Memory, qtbot: QtBot
) -> None:
    assert empty_store.state.settings.stack is None
    windows = Windows(empty_context, memory, first_start=True, parent=empty_context)
    empty_context.open(PageName.SETTINGS)
    assert windows.page == FirstWindow.page_name
    windows.hide()


def test_it_names_the_place_the_size_the_traffic_and_what_comes_when(
    page: FirstStartPage, actions: RecordingActions
) -> None:
    page.show()
    text = page._next_step.text()
    assert f"stored in {actions.home} and take about 0.9 GB" in text
    assert "downloads about 0.8 GB" in text
    assert "exploited is there within a minute" in text
    page.docker.click()
    assert "stored in Docker volumes and take about 1.6 GB" in page._next_step.text()
