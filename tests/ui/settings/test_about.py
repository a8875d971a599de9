"""Settings: this version, and what is known of newer versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from backend.contract.settings import StackKind, UserSettings
from backend.contract.version import VERSION
from desktop.state.app_state import AppState, Release, ReleaseChecked, ReleaseStatus, StateStore
from desktop.supervision.plan import plan
from desktop.supervision.services import Supervision
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.about import AboutSection
from desktop.ui.pages.settings.section import Saver, Switch
from tests.ui.settings.program import texts

VIEW = AppState(Supervision.of(plan()), StackKind.EMBEDDED)
NOW = datetime.now(UTC)
NEWER = Release("9.9.0", "https://example.org/releases/9.9.0")


@pytest.fixture
def section(context: PageContext, store: StateStore, qtbot: QtBot) -> AboutSection:
    """Of a build that checks for new versions."""
    store.post(ReleaseChecked(ReleaseStatus()))
    return shown(context, qtbot)


def shown(context: PageContext, qtbot: QtBot) -> AboutSection:
    section = AboutSection(context, Saver(context, context))
    qtbot.addWidget(section)
    section.show()
    return section


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        (ReleaseStatus(), f"Version {VERSION}."),
        (ReleaseStatus(None, NOW), "No newer version (checked"),
        (ReleaseStatus(None, NOW, failed=True), "The last check for new versions failed"),
        (ReleaseStatus(NEWER, NOW), "Version 9.9.0 is available."),
    ],
)
def test_what_is_known_is_said_in_a_sentence(section: AboutSection, standing: ReleaseStatus, text: str) -> None:
    section.show_state(replace(VIEW, release=standing))
    assert text in section.line.text()


def test_a_build_without_check_has_nothing_to_set(context: PageContext, qtbot: QtBot) -> None:
    section = shown(context, qtbot)
    section.show_state(VIEW)
    assert "This build does not check" in section.line.text()
    assert section.findChildren(Switch) == []
    assert "new version" not in texts(section).replace(section.line.text(), "").lower()
    assert not section.open.isVisible()


@pytest.mark.parametrize(("newer", "offered"), [(None, False), (NEWER, True), (Release("9.9", "file:///etc"), False)])
def test_its_page_is_offered_where_there_is_one(section: AboutSection, newer: Release | None, offered: bool) -> None:
    section.show_state(replace(VIEW, release=ReleaseStatus(newer, NOW)))
    assert section.open.isVisible() is offered


def test_who_does_not_want_it_says_so_there(section: AboutSection) -> None:
    [check] = section.findChildren(Switch)
    section.show_settings(UserSettings(release_check=False))
    assert not check.isChecked()
    section.show_settings(UserSettings())
    assert check.isChecked()


def test_the_database_is_named_with_its_size(section: AboutSection, qtbot: QtBot) -> None:
    section.load()
    qtbot.waitUntil(lambda: "612.0 MB" in section.database.text())


def test_folders_open_and_the_publishers_of_the_data_are_named(section: AboutSection) -> None:
    assert {"Data folder", "Logs"} <= {button.text() for button in section.findChildren(QPushButton)}
    shown_texts = texts(section)
    assert "not endorsed or certified by the NVD" in shown_texts
    for name in ("Apache License 2.0", "LGPL", "MITRE", "CISA", "FIRST.org", "ENISA"):
        assert name in shown_texts
