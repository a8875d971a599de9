"""The language can be chosen, and changes at once wherever people read; what they look at stays."""

from __future__ import annotations

import gc
import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from backend.contract.settings import LanguageChoice, StackKind
from desktop.notifications.memory import Notification, NotificationKind
from desktop.notifications.memory_file import NotificationFile
from desktop.ui.formatting import absolute, month_and_year, number, translate
from desktop.ui.language import LANGUAGE_NAMES, Language, language_of
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pages.settings import SettingsPage
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.tray.tray import Tray
from desktop.ui.widgets.notification_texts import words_of
from desktop.ui.window.first_start import FirstWindow
from desktop.ui.window.main_window import MainWindow
from desktop.ui.window.navigation import Navigation
from desktop.ui.window.windows import Preparation, Windows
from tests.fakes.actions import RecordingActions

ENGLISH, GERMAN, SYSTEM = LanguageChoice.ENGLISH, LanguageChoice.GERMAN, LanguageChoice.SYSTEM
RESOURCES = Path(__file__).resolve().parents[2] / "resources"
MakeLanguage = Callable[..., Language]


@pytest.fixture
def window(language: Language, context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(context, memory, page_makers())
    qtbot.addWidget(made)
    language.changed.connect(made.make_anew)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.hide()


TITLES = ["Eingang", "Dieser PC", "Schwachstellen", "System", "Einstellungen"]
"""Saved searches stand among them."""


def sections(window: MainWindow) -> list[str]:
    [listed] = window.centralWidget().findChildren(Navigation)
    return [listed.item(row).text() for row in range(listed.count())]


@pytest.mark.parametrize(
    ("choice", "of_system", "language"),
    [
        (GERMAN, ["en-US"], GERMAN),
        (ENGLISH, ["de-DE", "de"], ENGLISH),
        (SYSTEM, ["de-AT", "en-US"], GERMAN),
        (SYSTEM, ["fr-FR", "de-DE", "en-US"], GERMAN),
        (SYSTEM, ["den-CA", "fr"], ENGLISH),
        (SYSTEM, ["C"], ENGLISH),
        (SYSTEM, ["system"], ENGLISH),
        (SYSTEM, [], ENGLISH),
    ],
)
def test_the_systems_languages_count_where_none_is_chosen(
    choice: LanguageChoice, of_system: list[str], language: LanguageChoice
) -> None:
    assert language_of(choice, of_system) is language


def test_texts_plurals_numbers_and_dates_change_together(language: Language) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (translate("pages", "Settings"), number(1234.5, 1)) == ("Settings", "1,234.5")
    assert translate("tray", "%Ln exploited for you", "", 1) != translate("tray", "%Ln exploited for you", "", 1000)
    language.follow(GERMAN)
    assert (translate("pages", "Settings"), number(1234.5, 1)) == ("Einstellungen", "1.234,5")
    assert month_and_year(date(2026, 3, 1)) == "März 2026"
    assert "1. März 2026" in absolute(noon)
    assert "1.000" in translate("tray", "%Ln exploited for you", "", 1000)
    language.follow(ENGLISH)
    assert (translate("pages", "Settings"), month_and_year(date(2026, 3, 1))) == ("Settings", "March 2026")


def test_texts_of_qts_own_dialogs_change_too(language: Language) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    language.follow(GERMAN)
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"


def test_the_frozen_program_has_qts_texts_of_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(RESOURCES))
    unwanted = runpy.run_path(str(RESOURCES / "freezing.py"))["unwanted_file"]
    others = [language for language in LANGUAGE_NAMES if language is not ENGLISH]
    assert [language for language in others if unwanted(f"PySide6/Qt/translations/qtbase_{language}.qm")] == []
    assert unwanted("PySide6\\translations\\qtbase_fr.qm")


def test_a_text_that_is_not_translated_is_english_with_its_plural(language: Language) -> None:
    language.follow(GERMAN)
    assert QCoreApplication.translate("no context", "Not translated") == "Not translated"


@pytest.mark.parametrize(
    ("choice", "system", "used"),
    [(GERMAN, "de_CH", "de_CH"), (GERMAN, "en_US", "de_DE"), (ENGLISH, "de_CH", "en_GB"), (SYSTEM, "C", "en_GB")],
)
def test_formats_are_the_systems_where_it_speaks_the_language(
    choice: LanguageChoice, system: str, used: str, language_with: MakeLanguage
) -> None:
    language_with(choice, system)
    assert QLocale().name() == used


def test_it_is_told_once_and_only_of_another_language(language: Language, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(language.changed):
        language.follow(SYSTEM)  # English as well
    with qtbot.waitSignals([language.changed], timeout=1000):
        language.follow(GERMAN)


def test_the_window_changes_and_shows_the_page_that_it_showed(language: Language, window: MainWindow) -> None:
    window.turn_to(PageName.LOGS)
    size = window.size()
    language.follow(GERMAN)
    assert [title for title in sections(window) if title in TITLES] == TITLES
    assert (window.page_name, window.page.accessibleName()) == (PageName.LOGS, "Protokolle")
    assert (window.size(), window.isVisible()) == (size, True)


def test_what_is_entered_afterwards_has_the_form_of_the_language(language: Language, window: MainWindow) -> None:
    language.follow(GERMAN)
    assert window.page.locale().language() is QLocale.Language.German


def test_keys_and_the_way_back_work_as_before(language: Language, window: MainWindow, qtbot: QtBot) -> None:
    window.turn_to(PageName.THIS_PC)
    language.follow(GERMAN)
    qtbot.waitUntil(lambda: window.page.isVisible())
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.page_name is PageName.SETTINGS)
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.page_name is PageName.THIS_PC)


def test_the_focus_stays_where_the_language_was_chosen(language: Language, window: MainWindow, qtbot: QtBot) -> None:
    window.turn_to(PageName.SETTINGS)
    before = window.page
    assert isinstance(before, SettingsPage)
    before.appearance.language.setFocus()
    language.follow(GERMAN)
    after = window.page
    assert isinstance(after, SettingsPage)
    assert after is not before
    qtbot.waitUntil(after.appearance.language.hasFocus)
    qtbot.waitUntil(lambda: not after.appearance.language.visibleRegion().isEmpty())


def test_the_search_and_open_records_stay(language: Language, window: MainWindow, qtbot: QtBot) -> None:
    window.turn_to(PageName.VULNERABILITIES)
    before = window.page
    assert isinstance(before, VulnerabilitiesPage)
    before.bar.set_search(before.bar.search.model_copy(update={"search": "acme", "exploited": True}))
    former = before.windows.open("CVE-2026-0001")
    former.setGeometry(40, 50, 700, 600)
    language.follow(GERMAN)
    after = window.page
    assert isinstance(after, VulnerabilitiesPage)
    assert (after.bar.search.search, after.bar.search.exploited) == ("acme", True)
    [opened] = after.windows.open_windows.values()
    assert (opened.cve_id, opened.geometry()) == ("CVE-2026-0001", former.geometry())
    qtbot.waitUntil(lambda: not shiboken6.isValid(former))
    opened.close()


def test_pages_that_were_not_looked_at_are_prepared_again(language: Language, window: MainWindow, qtbot: QtBot) -> None:
    preparation = Preparation(window)
    window.made_anew.connect(preparation.begin)
    preparation.setInterval(0)
    qtbot.waitUntil(lambda: not preparation.isActive(), timeout=20_000)
    language.follow(GERMAN)
    qtbot.waitUntil(lambda: not preparation.isActive(), timeout=20_000)
    assert {page.accessibleName() for page in window._pages.values()} >= {"Zeitplan", "Dienste", "Diagnose"}
    gc.unfreeze()


def test_the_choice_of_the_first_start_stays(
    language: Language, empty_context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    windows = Windows(empty_context, memory, first_start=True, parent=empty_context)
    language.changed.connect(windows.make_anew)
    windows.show()
    [window] = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, FirstWindow)]
    qtbot.addWidget(window)
    window._page.docker.setChecked(True)
    language.follow(GERMAN)
    assert window._page.stack is StackKind.DOCKER
    assert window._page.start.text() == translate("FirstStartPage", "Start")
    windows.hide()


def test_menu_and_tooltip_of_the_tray_change(
    language: Language, context: PageContext, memory: Memory, actions: RecordingActions, qtbot: QtBot
) -> None:
    tray = Tray(context, memory, NotificationFile(actions.home), context)
    language.changed.connect(tray.make_anew)
    language.follow(GERMAN)
    texts = [action.text() for action in tray.icon.contextMenu().actions()]
    assert {"Jetzt aktualisieren", "Einstellungen", "Beenden"} <= set(texts)
    assert "Update" not in tray.icon.toolTip()


def test_a_tray_that_is_closing_stays_so(
    language: Language, context: PageContext, memory: Memory, actions: RecordingActions
) -> None:
    tray = Tray(context, memory, NotificationFile(actions.home), context)
    language.changed.connect(tray.make_anew)
    tray.close()
    language.follow(GERMAN)
    assert not tray.icon.contextMenu().isEnabled()


def test_notifications_are_in_the_language_that_applies_when_they_are_shown(language: Language) -> None:
    waiting = Notification(NotificationKind.SUCCEEDED, "")
    assert words_of(waiting).title == "Update completed"
    language.follow(GERMAN)
    assert words_of(waiting).title == translate("notification", "Update completed") != "Update completed"


def test_each_language_is_offered_in_its_own_words(language: Language, window: MainWindow) -> None:
    language.follow(GERMAN)
    window.turn_to(PageName.SETTINGS)
    assert isinstance(window.page, SettingsPage)
    box: QComboBox = window.page.appearance.language
    assert [box.itemText(row) for row in range(box.count())][1:] == ["English", "Deutsch"]
