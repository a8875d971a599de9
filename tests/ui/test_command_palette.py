"""The command palette, and the keys that work alike on every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiSilent
from backend.contract.names import TaskName
from backend.contract.searches import SavedSearch, VulnerabilityFilters
from desktop.state.app_state import SnapshotArrived, StateStore
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.window.command_palette import CommandPalette
from desktop.ui.window.commands import Command, matching, page_commands, text_commands
from desktop.ui.window.main_window import MainWindow
from tests.ui import checks
from tests.ui.world import HOSTILE_ID

SECOND = 1000
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


class PageWithField(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.opened: list[str] = []
        self.search_field = QLineEdit()
        self.search_field.setAccessibleName("Search")
        self.body.addWidget(self.search_field)

    def open_item(self, key: str) -> None:
        self.opened.append(key)


@pytest.fixture
def window(context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(context, memory, dict.fromkeys(PageName, PageWithField))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.hide()


@pytest.fixture
def palette(window: MainWindow) -> CommandPalette:
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_K, CTRL)
    return window.findChildren(CommandPalette)[0]


def press(palette: CommandPalette, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(palette.field, key)


def chosen(palette: CommandPalette) -> str:
    return palette.list.currentItem().text()


def test_it_lists_all_pages_and_actions_and_the_first_is_chosen(palette: CommandPalette) -> None:
    listed = set(palette.commands)
    assert {"Inbox", "System: Logs", "Settings"} <= listed
    assert {"Update now", "Pause schedule for 1 hour", "Quit OpenThreat"} <= listed
    assert chosen(palette) == "Inbox"
    assert palette.field.hasFocus()


def test_a_page_is_opened_by_the_beginnings_of_its_words(palette: CommandPalette, window: MainWindow) -> None:
    QTest.keyClicks(palette.field, "sys di")
    assert list(palette.commands[:1]) == ["System: Diagnostics"]
    press(palette, Qt.Key.Key_Return)
    assert window.page_name is PageName.DIAGNOSTICS
    assert not palette.isVisible()


def test_arrow_keys_choose_while_the_field_keeps_the_focus(palette: CommandPalette, window: MainWindow) -> None:
    press(palette, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up)
    second = palette.commands[1]
    assert chosen(palette) == second
    assert palette.field.hasFocus()
    press(palette, Qt.Key.Key_Enter)
    assert window.page_name is list(PageName)[1]


def test_saved_searches_are_among_the_commands(
    context: PageContext, store: StateStore, window: MainWindow, qtbot: QtBot
) -> None:
    snapshot = store.state.snapshot
    assert snapshot is not None
    saved = SavedSearch(name="Our routers", filters=VulnerabilityFilters(search="router"))
    store.post(SnapshotArrived(snapshot.model_copy(update={"searches": (saved,)}), datetime.now(UTC)))
    qtbot.waitUntil(lambda: bool(context.state.snapshot and context.state.snapshot.searches))
    window.open_palette()
    palette = window.findChildren(CommandPalette)[-1]
    QTest.keyClicks(palette.field, "rout")
    assert chosen(palette) == "Saved search: Our routers"
    press(palette, Qt.Key.Key_Return)
    assert isinstance(window.page, PageWithField)
    assert window.page.opened == ["saved:Our routers"]


def test_esc_closes_it_and_changes_nothing(palette: CommandPalette, window: MainWindow) -> None:
    before = window.page_name
    press(palette, Qt.Key.Key_Down, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.page_name is before


def test_a_typed_id_opens_its_record(palette: CommandPalette, window: MainWindow) -> None:
    QTest.keyClicks(palette.field, "cve-2026-1234567")
    assert list(palette.commands) == ["Open CVE-2026-1234567"]
    press(palette, Qt.Key.Key_Return)
    assert isinstance(window.page, PageWithField)
    assert (window.page_name, window.page.opened) == (PageName.VULNERABILITIES, ["CVE-2026-1234567"])


def test_vulnerabilities_are_found_by_words_and_parts_of_ids(palette: CommandPalette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.field, HOSTILE_ID[:-1])
    qtbot.waitUntil(lambda: any(title.startswith(f"{HOSTILE_ID}: ") for title in palette.commands), timeout=20 * SECOND)
    palette.field.setText("tomcat")
    qtbot.waitUntil(lambda: any("Tomcat" in title for title in palette.commands[:-1]), timeout=20 * SECOND)
    assert palette.commands[-1] == "Search vulnerabilities for “tomcat”"


def test_pasted_ids_are_listed_together(palette: CommandPalette, window: MainWindow) -> None:
    QTest.keyClicks(palette.field, "see cve-2024-3094 (CVE-2021-44228)")
    press(palette, Qt.Key.Key_Return)
    assert isinstance(window.page, PageWithField)
    assert window.page.opened == ["CVE-2024-3094 CVE-2021-44228"]


def test_a_suggested_search_is_opened(palette: CommandPalette, window: MainWindow) -> None:
    QTest.keyClicks(palette.field, "mine due")
    assert chosen(palette) == "Search: Mine, due within two weeks"
    press(palette, Qt.Key.Key_Return)
    assert isinstance(window.page, PageWithField)
    assert window.page.opened == ["suggested:due"]


def test_words_that_fit_nothing_can_be_searched_for(palette: CommandPalette, window: MainWindow) -> None:
    QTest.keyClicks(palette.field, "qqq zzz")
    press(palette, Qt.Key.Key_Return)
    assert isinstance(window.page, PageWithField)
    assert window.page.opened == ["qqq zzz"]


def test_two_letters_that_fit_nothing_say_so(palette: CommandPalette) -> None:
    QTest.keyClicks(palette.field, "zq")
    assert palette.commands == []
    press(palette, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_an_action_is_carried_out(
    palette: CommandPalette, window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    requested: list[object] = []
    monkeypatch.setattr(ApiClient, "request_run", lambda _, task: requested.append(task))
    QTest.keyClicks(palette.field, "upd")
    assert chosen(palette) == "Update now"
    press(palette, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.findChildren(CommandPalette), timeout=20 * SECOND)
    assert requested == [TaskName.UPDATE]


def test_one_that_fails_says_why_and_stays_open(
    palette: CommandPalette, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def silent(*_: object) -> None:
        raise ApiSilent("no answer within 2 s")

    monkeypatch.setattr(ApiClient, "pause_schedule", silent)
    QTest.keyClicks(palette.field, "pause 1")
    press(palette, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not answering" in palette.message.text(), timeout=20 * SECOND)
    assert palette.isVisible()


def test_the_button_above_the_navigation_opens_it(window: MainWindow) -> None:
    [button] = [button for button in window.findChildren(QPushButton) if button.text() == "Go to…"]
    button.click()
    [palette] = window.findChildren(CommandPalette)
    assert palette.isVisible()
    palette.close()


def test_nothing_of_it_is_cut_off_or_nameless(palette: CommandPalette) -> None:
    assert checks.clipped(palette) == []
    assert checks.nameless(palette) == []


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("", ["Inbox", "System: Tasks"]),
        ("ta", ["System: Tasks"]),
        ("tasks sys", ["System: Tasks"]),
        ("sks", []),
        ("IN", ["Inbox"]),
    ],
)
def test_words_are_found_by_their_beginnings(text: str, titles: list[str]) -> None:
    commands = [Command("", "Inbox"), Command("", "System: Tasks")]
    assert [command.title for command in matching(commands, text)] == titles


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("CVE-2024-3094", "Open CVE-2024-3094"),
        ("euvd-2024-1", "Open EUVD-2024-1"),
        ("GHSA-2222-3333-4444", "Open GHSA-2222-3333-4444"),
        ("CVE-2024", "Search vulnerabilities for “CVE-2024”"),
        ("see CVE-2024-3094", "Search vulnerabilities for “see CVE-2024-3094”"),
        ("CVE-2024-3094, CVE-2021-44228 and cve-2024-3094", "List 2 pasted ID(s)"),
    ],
)
def test_ids_of_each_kind_are_known(context: PageContext, text: str, title: str) -> None:
    assert [command.title for command in text_commands(context, text)] == [title]


def test_each_page_is_a_command() -> None:
    entered: list[PageName] = []
    commands = page_commands(entered.append)
    for command in commands:
        command.act()
    assert entered == list(PageName)
    assert len({command.title for command in commands}) == len(PageName)


@pytest.fixture
def whole(context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window with the real pages."""
    made = MainWindow(context, memory, page_makers())
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.hide()


def test_the_same_keys_do_the_same_on_every_page(
    whole: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """F5 loads again, Ctrl+F finds, Esc closes only what is on top, Alt+Left goes back."""
    refreshed: list[Page] = []
    whole.turn_to(PageName.SETTINGS)
    for page in PageName:
        whole.turn_to(PageName.SETTINGS if page is not PageName.SETTINGS else PageName.INBOX)
        before = whole.page_name
        whole.turn_to(page)
        monkeypatch.setattr(type(whole.page), "refresh", lambda shown: refreshed.append(shown))
        target = whole.focusWidget() or whole
        QTest.keyClick(target, Qt.Key.Key_F5)
        assert refreshed[-1] is whole.page, page
        QTest.keyClick(target, Qt.Key.Key_F, CTRL)
        finds(whole, page, qtbot)
        QTest.keyClick(whole.focusWidget() or whole, Qt.Key.Key_Escape)
        assert whole.isVisible(), page
        assert whole.page_name is page, page
        QTest.keyClick(whole.focusWidget() or whole, Qt.Key.Key_Left, ALT)
        assert whole.page_name is before, page


def finds(whole: MainWindow, page: PageName, qtbot: QtBot) -> None:
    """The page's field has the focus; a page without one is searched by the palette, which is closed again."""
    field = whole.page.search_field
    if field is not None:
        assert field.hasFocus(), page
        return
    palette = next(made for made in whole.findChildren(CommandPalette) if made.isVisible())
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible(), page
    whole.activateWindow()  # the offscreen platform leaves no window active
    qtbot.waitUntil(whole.isActiveWindow)
