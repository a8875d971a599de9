"""Pages get what they get in the program: a Desk with a View, and a real API process over a furnished database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt

import pytest
from PySide6.QtWidgets import QApplication

from backend.contract.problems import Trouble
from backend.contract.settings import Theme as Choice
from desktop.stack.docker.states import State
from desktop.stack.docker.survey import Survey
from desktop.state.app_state import Board, View
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Desk, Memory
from desktop.ui.theme.apply import Theme
from tests.fakes.actions import RecordingActions
from tests.ui.station import ApiProcess
from tests.ui.views import empty_view, running_view
from tests.ui.world import furnish


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    home = tmp_path_factory.mktemp("data") / "Ünï 資料"
    home.mkdir()
    furnish(home)
    process = ApiProcess(home)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def empty_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    process = ApiProcess(tmp_path_factory.mktemp("empty"))
    yield process
    process.stop()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Choice.LIGHT)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path)


@pytest.fixture
def actions(tmp_path: Path) -> RecordingActions:
    (tmp_path / "logs").mkdir()
    return RecordingActions(tmp_path, Survey(State.NOT_INSTALLED, Trouble("Docker is not installed"), ""))


@pytest.fixture
def board(api: ApiProcess) -> Board:
    """Post view events here; the desk tells the pages."""
    fresh = api.client().snapshot()
    assert fresh is not None
    return Board(running_view(fresh.snapshot))


@pytest.fixture
def desk(theme: Theme, board: Board, actions: RecordingActions, api: ApiProcess) -> Iterator[Desk]:
    made = Desk(board, actions, api.client, SystemClock())
    yield made
    made.close()


@pytest.fixture
def empty_board() -> Board:
    view: View = empty_view()
    return Board(view)


@pytest.fixture
def empty_desk(theme: Theme, empty_board: Board, actions: RecordingActions, empty_api: ApiProcess) -> Iterator[Desk]:
    """The program has just been started on an empty data folder."""
    made = Desk(empty_board, actions, empty_api.client, SystemClock())
    yield made
    made.close()
