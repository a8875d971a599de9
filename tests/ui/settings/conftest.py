from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from backend.contract.sources import KeyVerdict
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.settings import SettingsPage
from desktop.ui.theme.apply import Theme
from tests.fakes.actions import RecordingActions
from tests.ui.settings.program import Client, Program
from tests.ui.station import ApiProcess


@pytest.fixture
def program(actions: RecordingActions, store: StateStore) -> Program:
    made = Program(actions.home, actions.docker)
    made.store, made.gate = store, threading.Event()
    made.gate.set()
    return made


@pytest.fixture
def page_with(
    theme: Theme, program: Program, store: StateStore, api: ApiProcess, memory: Memory, qtbot: QtBot
) -> Iterator[Callable[..., SettingsPage]]:
    contexts, pages = list[PageContext](), list[SettingsPage]()

    def make(verdict: KeyVerdict | None = None) -> SettingsPage:
        contexts.append(PageContext(store, program, lambda: Client(api, verdict), SystemClock()))
        made = SettingsPage(contexts[-1], memory, "Settings")
        pages.append(made)  # qtbot keeps no reference
        qtbot.addWidget(made)
        made.resize(1024, 700)
        made.show()
        qtbot.waitUntil(lambda: made.appearance.at_login.isEnabled() and bool(made.storage.amount.text()))
        return made

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(page_with: Callable[..., SettingsPage]) -> SettingsPage:
    return page_with()
