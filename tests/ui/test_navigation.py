"""How pages are reached: sections, tabs, shortcuts, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.sections import PAGES, Section, page_title, section_of, section_title, shown_sections
from desktop.ui.window.main_window import MainWindow
from desktop.ui.window.navigation import Navigation
from desktop.ui.window.windows import _steps

SYSTEM = PAGES[Section.SYSTEM]


class PageWithField(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.field = QComboBox()
        self.body.addWidget(self.field)


def opened(context: PageContext, memory: Memory, qtbot: QtBot) -> MainWindow:
    made = MainWindow(context, memory, dict.fromkeys(PageName, PageWithField))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def window(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[MainWindow]:
    made = opened(empty_context, memory, qtbot)
    yield made
    made.hide()


class PageWithFocus(PageWithField):
    def main_control(self) -> QWidget:
        return self.field


def tabs(window: MainWindow) -> QTabBar:
    return window.findChildren(QTabBar)[0]


def navigation(window: MainWindow) -> Navigation:
    return window.findChildren(Navigation)[0]


def shown(window: MainWindow) -> str:
    return window.page_name


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.ControlModifier) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifier)


def test_every_page_belongs_to_one_section() -> None:
    assert sorted(page for pages in PAGES.values() for page in pages) == sorted(PageName)


def test_every_page_is_prepared_in_idle_moments(window: MainWindow) -> None:
    for step in _steps(window):
        step()
    assert set(window._pages) == set(PageName)


def test_the_navigation_of_one_pc_has_five_sections(window: MainWindow) -> None:
    listed = navigation(window)
    titles = [listed.item(row).text() for row in range(listed.count())]
    assert titles == [section_title(section) for section in Section]
    listed_titles = [listed.item(row).text() for row in range(listed.count()) if not listed.isRowHidden(row)]
    assert listed_titles == ["Inbox", "This PC", "Vulnerabilities", "System", "Settings"]


def test_a_second_machine_brings_a_section_that_compares_them(window: MainWindow) -> None:
    listed = navigation(window)
    keys = {listed.item(row).text(): listed.item(row).toolTip() for row in range(listed.count())}
    listed.show_sections(shown_sections(machines=2))
    titles = [listed.item(row).text() for row in range(listed.count()) if not listed.isRowHidden(row)]
    assert titles == ["Inbox", "This PC", "Vulnerabilities", "PCs", "System", "Settings"]
    assert keys["PCs"] == "Ctrl+6", "the others keep their keys"
    press(window, Qt.Key.Key_6)
    assert shown(window) == PageName.PCS
    listed.show_sections(shown_sections(machines=1))
    assert listed.isRowHidden(titles.index("PCs"))


def test_pages_of_one_section_are_tabs_and_the_others_have_none(window: MainWindow) -> None:
    for page in PageName:
        window.turn_to(page)
        assert window.page_name is page
        assert tabs(window).isVisible() is (len(PAGES[section_of(page)]) > 1)
    window.turn_to(PageName.LOGS)
    titles = [tabs(window).tabText(index) for index in range(tabs(window).count())]
    assert titles == ["Tasks", "Schedule", "Services", "Logs", "Diagnostics"]
    assert tabs(window).tabText(tabs(window).currentIndex()) == "Logs"


def test_the_title_of_a_tab_is_not_repeated_on_its_page(window: MainWindow) -> None:
    for page in SYSTEM:
        window.turn_to(page)
        texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
        assert page_title(page) not in texts
        assert texts.count("System") == 1
        assert window.page.accessibleName() == page_title(page)


def test_ctrl_and_a_digit_opens_a_section(window: MainWindow) -> None:
    press(window, Qt.Key.Key_5)
    assert shown(window) == PageName.SETTINGS
    press(window, Qt.Key.Key_4)
    assert shown(window) == PageName.TASKS
    assert navigation(window).currentItem().text() == "System"


def test_a_section_opens_with_the_tab_that_was_shown_last(
    window: MainWindow, empty_context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    window.turn_to(PageName.SERVICES)
    press(window, Qt.Key.Key_1)
    again = opened(empty_context, memory, qtbot)
    assert shown(again) == PageName.INBOX
    press(again, Qt.Key.Key_4)
    assert shown(again) == PageName.SERVICES


def test_ctrl_tab_turns_to_the_next_tab_wherever_the_focus_is(window: MainWindow) -> None:
    window.turn_to(PageName.TASKS)
    seen = []
    for _ in SYSTEM:
        assert isinstance(window.page, PageWithField)
        window.page.field.setFocus()
        press(window, Qt.Key.Key_Tab)
        seen.append(window.page_name)
    assert seen == [*SYSTEM[1:], SYSTEM[0]]
    press(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert shown(window) == PageName.DIAGNOSTICS


def test_ctrl_tab_leaves_a_page_without_tabs_alone(window: MainWindow) -> None:
    window.turn_to(PageName.VULNERABILITIES)
    press(window, Qt.Key.Key_Tab)
    assert shown(window) == PageName.VULNERABILITIES


def test_arrow_keys_turn_tabs_while_the_tab_bar_has_the_focus(window: MainWindow) -> None:
    window.turn_to(PageName.TASKS)
    tabs(window).setFocus()
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
    assert shown(window) == PageName.SERVICES
    assert tabs(window).hasFocus()
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier)
    assert shown(window) == PageName.SCHEDULE


def test_the_tab_key_goes_from_the_navigation_to_the_tabs_to_the_page(window: MainWindow) -> None:
    window.turn_to(PageName.SCHEDULE)
    navigation(window).setFocus()
    order: list[QWidget | None] = []
    for _ in range(2):
        press(window, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
        order.append(window.focusWidget())
    assert isinstance(window.page, PageWithField)
    assert order == [tabs(window), window.page.field]


def test_alt_left_goes_back_and_alt_right_forth(window: MainWindow) -> None:
    for page in (PageName.SETTINGS, PageName.LOGS, PageName.WATCHLIST):
        window.turn_to(page)
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left):
        press(window, key, Qt.KeyboardModifier.AltModifier)
        seen.append(shown(window))
    assert seen == [PageName.LOGS, PageName.SETTINGS, PageName.LOGS, PageName.SETTINGS, PageName.INBOX]
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert shown(window) == PageName.INBOX, "there is nothing before"


def test_what_was_after_a_page_is_forgotten_when_another_one_is_opened(window: MainWindow) -> None:
    window.turn_to(PageName.SETTINGS)
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    window.turn_to(PageName.LOGS)
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert shown(window) == PageName.LOGS
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert shown(window) == PageName.INBOX


def test_an_unknown_remembered_page_is_the_first_one(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    memory.save("window/page", "a page of another version")
    memory.save("window/system", PageName.SETTINGS)
    window = opened(empty_context, memory, qtbot)
    assert shown(window) == PageName.INBOX
    press(window, Qt.Key.Key_4)
    assert shown(window) == PageName.TASKS


@pytest.fixture
def focusing(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its pages take the focus."""
    made = MainWindow(empty_context, memory, dict.fromkeys(PageName, PageWithFocus))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.hide()


def test_ctrl_and_a_digit_lead_into_the_page_also_into_the_one_that_is_shown(focusing: MainWindow) -> None:
    for _ in range(2):
        navigation(focusing).setFocus()
        press(focusing, Qt.Key.Key_2)
        assert shown(focusing) == PageName.THIS_PC
        assert isinstance(focusing.page, PageWithFocus)
        assert focusing.page.field.hasFocus()


def test_a_control_that_appears_later_gets_the_focus_unless_the_user_has_gone_on(focusing: MainWindow) -> None:
    press(focusing, Qt.Key.Key_2)
    page = focusing.page
    assert isinstance(page, PageWithFocus)
    for goes_on in (False, True):
        page.field.hide()
        navigation(focusing).setFocus()
        press(focusing, Qt.Key.Key_2)
        assert navigation(focusing).hasFocus()
        if goes_on:
            tabs(focusing).show()
            tabs(focusing).setFocus()
        page.field.show()
        page.offer_focus()
        assert page.field.hasFocus() is not goes_on
    page.offer_focus()
    assert not page.field.hasFocus(), "it is awaited once"


def test_the_arrow_keys_of_the_navigation_stay_in_it(focusing: MainWindow) -> None:
    navigation(focusing).setFocus()
    press(focusing, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    assert shown(focusing) == PageName.THIS_PC
    assert navigation(focusing).hasFocus()
