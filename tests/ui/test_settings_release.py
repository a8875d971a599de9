"""Settings: this version, and what is known of newer versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from backend.contract.settings import StackKind, UserSettings
from backend.contract.version import VERSION
from desktop.state.app_state import AppState, Release, ReleaseStatus
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.program import ReleaseSection
from desktop.ui.pages.settings.section import Saver

VIEW = AppState(Supervision.of(plan()), StackKind.EMBEDDED)
NOW = datetime.now(UTC)
NEWER = Release("9.9.0", "https://example.org/releases/9.9.0")


@pytest.fixture
def section(context: PageContext, qtbot: QtBot) -> ReleaseSection:
    section = ReleaseSection(Saver(context, context))
    qtbot.addWidget(section)
    section.show()
    return section


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (None, "This build does not check"),
        (ReleaseStatus(), f"Version {VERSION}."),
        (ReleaseStatus(None, NOW), "No newer version (checked"),
        (ReleaseStatus(None, NOW, failed=True), "The last check for new versions failed"),
        (ReleaseStatus(NEWER, NOW), "Version 9.9.0 is available."),
    ],
)
def test_what_is_known_is_said_in_a_sentence(
    section: ReleaseSection, standing: ReleaseStatus | None, said: str
) -> None:
    section.show_state(replace(VIEW, release=standing))
    assert said in section.line.text()
    assert section.check.isEnabled() is (standing is not None)


@pytest.mark.parametrize(("newer", "offered"), [(None, False), (NEWER, True), (Release("9.9", "file:///etc"), False)])
def test_its_page_is_offered_where_there_is_one(section: ReleaseSection, newer: Release | None, offered: bool) -> None:
    section.show_state(replace(VIEW, release=ReleaseStatus(newer, NOW)))
    assert section.open.isVisible() is offered


def test_who_does_not_want_it_says_so_there(section: ReleaseSection) -> None:
    section.show_settings(UserSettings(release_check=False))
    assert not section.check.isChecked()
    with_it = UserSettings()
    section.show_settings(with_it)
    assert section.check.isChecked()
