"""Pages get what they get in the program: a PageContext, and a real API process on a database with records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt

import pytest
import shiboken6
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from backend.contract.problems import failure
from backend.contract.settings import LanguageChoice
from backend.contract.settings import ThemeChoice as Choice
from desktop.assets import asset
from desktop.stack.docker.detection import DockerDetection
from desktop.stack.docker.states import DockerState
from desktop.state.app_state import AppState, StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.language import Language
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.theme.apply import Theme
from tests.fakes.actions import RecordingActions
from tests.ui.fonts import FONTS, use_font
from tests.ui.states import empty_view, running_state
from tests.ui.station import ApiProcess
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


@pytest.fixture(scope="session", autouse=True)
def font(qapp: QApplication) -> None:
    """Tests see the same widths on every machine."""
    use_font(qapp, FONTS[0])


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Choice.LIGHT)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path)


@pytest.fixture
def actions(tmp_path: Path) -> RecordingActions:
    (tmp_path / "logs").mkdir()
    return RecordingActions(
        tmp_path, DockerDetection(DockerState.NOT_INSTALLED, failure("Docker is not installed"), "")
    )


@pytest.fixture
def store(api: ApiProcess) -> StateStore:
    """Takes state events; the context passes the state to the pages."""
    fresh = api.client().snapshot()
    assert fresh is not None
    return StateStore(running_state(fresh.snapshot))


@pytest.fixture
def context(theme: Theme, store: StateStore, actions: RecordingActions, api: ApiProcess) -> Iterator[PageContext]:
    made = PageContext(store, actions, api.client, SystemClock())
    yield made
    made.close()


@pytest.fixture
def empty_store() -> StateStore:
    view: AppState = empty_view()
    return StateStore(view)


@pytest.fixture
def empty_context(
    theme: Theme, empty_store: StateStore, actions: RecordingActions, empty_api: ApiProcess
) -> Iterator[PageContext]:
    """The program has just been started on an empty data folder."""
    made = PageContext(empty_store, actions, empty_api.client, SystemClock())
    yield made
    made.close()


MakeLanguage = Callable[..., Language]


@pytest.fixture
def language_with(qapp: QApplication) -> Iterator[MakeLanguage]:
    """Make a language by a choice and the name of the system's locale."""
    before = QLocale()
    made: list[Language] = []

    def make(choice: LanguageChoice, system: str = "en_US") -> Language:
        made.append(Language(qapp, choice, QLocale(system)))
        return made[-1]

    yield make
    for language in made:
        shiboken6.delete(language)
    QLocale.setDefault(before)


@pytest.fixture
def language(language_with: MakeLanguage) -> Language:
    """English at first."""
    return language_with(LanguageChoice.ENGLISH)


@pytest.fixture
def english(qapp: QApplication) -> Iterator[None]:
    """Texts have their plurals, as in the program."""
    translator = QTranslator()
    assert translator.load("openthreat_en", str(asset("translations")))
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
