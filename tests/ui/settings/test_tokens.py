"""Settings: access from other machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiRefused
from backend.contract.access import AccessRole, AccessToken, AccessTokenList, Actor, TokenCreated
from backend.contract.errors import ErrorFields
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver
from desktop.ui.pages.settings.tokens import TokensSection
from tests.fakes.actions import RecordingActions

TEXT = "openthreat_" + "x" * 43
MADE = datetime(2026, 3, 1, tzinfo=UTC)


class Client(ApiClient):
    """Keeps the tokens as the API would; names are not checked."""

    def __init__(self, stored: list[AccessToken]) -> None:
        super().__init__("http://127.0.0.1:1")
        self.stored = stored

    def tokens(self) -> AccessTokenList:
        return AccessTokenList(items=tuple(self.stored))

    def create_token(self, name: str, role: AccessRole) -> TokenCreated:
        if any(token.name == name for token in self.stored):
            raise ApiRefused(409, ErrorFields(title="This name is taken"))
        number = len(self.stored) + 1
        self.stored.append(AccessToken(id=number, name=name, role=role, created_at=MADE, created_by=Actor(user="ann")))
        return TokenCreated(**dict(self.stored[-1]), token=TEXT)

    def revoke_token(self, token_id: int) -> None:
        self.stored[:] = [token for token in self.stored if token.id != token_id]


@pytest.fixture
def section(store: StateStore, actions: RecordingActions, qtbot: QtBot) -> Iterator[TokensSection]:
    stored: list[AccessToken] = []
    context = PageContext(store, actions, lambda: Client(stored), SystemClock())
    section = TokensSection(context, Saver(context, context))
    qtbot.addWidget(section)
    section.show_state(store.state)
    section.show()
    yield section
    context.close()


def create(section: TokensSection, qtbot: QtBot, name: str) -> None:
    section.name.setText(name)
    section.make.click()
    qtbot.waitUntil(lambda: bool(_rows(section, name)))


def _rows(section: TokensSection, name: str) -> list[str]:
    return [label.text() for label in section.findChildren(QLabel) if label.text().startswith(f"{name} ·")]


def test_a_token_needs_a_name(section: TokensSection) -> None:
    assert not section.make.isEnabled()
    section.name.setText("  ")
    assert not section.make.isEnabled()
    section.name.setText("dashboard")
    assert section.make.isEnabled()


def test_a_new_token_is_shown_once_and_listed_without_its_text(section: TokensSection, qtbot: QtBot) -> None:
    assert not section.text.isVisible()
    create(section, qtbot, "dashboard")
    assert section.text.text() == TEXT
    assert section.text.isVisible()
    section.copy.click()
    assert QGuiApplication.clipboard().text() == TEXT
    assert _rows(section, "dashboard") == ["dashboard · Sees everything · never used"]


def test_the_chosen_role_is_that_of_the_token(section: TokensSection, qtbot: QtBot) -> None:
    section.role.setCurrentIndex(section.role.findData(AccessRole.TRIAGE.value))
    create(section, qtbot, "robot")
    assert _rows(section, "robot") == ["robot · Also decides · never used"]


def test_a_revoked_token_leaves_the_list(section: TokensSection, qtbot: QtBot) -> None:
    create(section, qtbot, "dashboard")
    revoke = next(button for button in section.findChildren(QPushButton) if button.text() == "Revoke")
    with qtbot.waitSignal(section.done) as done:
        revoke.click()
    assert done.args == ["“dashboard” has no access any more"]
    qtbot.waitUntil(lambda: not _rows(section, "dashboard"))
    assert not section.text.isVisible()


def test_a_refusal_is_a_problem_and_the_name_stays(section: TokensSection, qtbot: QtBot) -> None:
    create(section, qtbot, "dashboard")
    section.name.setText("dashboard")
    with qtbot.waitSignal(section.failed) as failed:
        section.make.click()
    assert failed.args[0].title == "This name is taken"
    assert section.name.text() == "dashboard"
    assert section.make.isEnabled()
