"""Search within the settings: Ctrl+F, words in any order, Esc."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.ui.pages.settings import SettingsPage
from tests.ui.settings.program import texts


def found(page: SettingsPage) -> list[str]:
    return [name for name, section in page.sections.items() if section.isVisible()]


def search(page: SettingsPage, text: str) -> None:
    assert page.search_field is not None
    page.search_field.setText(text)


def test_only_sections_with_all_words_are_shown(page: SettingsPage) -> None:
    everything = found(page)
    assert everything == list(page.sections)
    search(page, "  PASSWORD proxy ")
    assert found(page) == ["network"]
    search(page, "quiet")
    assert found(page) == ["notifications"]
    search(page, "")
    assert found(page) == everything


def test_choices_of_a_list_are_found(page: SettingsPage) -> None:
    search(page, "dark")
    assert found(page) == ["appearance"]


def test_without_a_match_that_is_said_with_the_way_back(page: SettingsPage) -> None:
    search(page, "flux capacitor")
    assert found(page) == []
    assert "No setting matches “flux capacitor”" in texts(page)
    page._nothing.button.click()
    assert found(page) == list(page.sections)


def test_esc_ends_a_search(page: SettingsPage, qtbot: QtBot) -> None:
    search(page, "quiet")
    qtbot.keyClick(page.search_field, Qt.Key.Key_Escape)
    assert found(page) == list(page.sections)


def test_a_link_to_a_section_ends_a_search(page: SettingsPage) -> None:
    search(page, "quiet")
    page.open_item("network")
    assert "network" in found(page)
