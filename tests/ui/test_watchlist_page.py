"""Watchlist: entries are added, changed, removed and restored; each shows what it would have matched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from backend.contract.exposure import Watched, Watchlist
from desktop.state.app_state import StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.watchlist import WatchlistPage
from tests.fakes.actions import RecordingActions
from tests.ui.station import ApiProcess, unreachable

WAIT_MS = 15_000
FORTIOS, CISCO, MISSPELT = WATCHED = (
    Watched(vendor="fortinet", product="fortios", version="7.2.0"),
    Watched(vendor="cisco"),
    Watched(vendor="ciscoo"),
)


@pytest.fixture
def page(context: PageContext, memory: Memory, api: ApiProcess, qtbot: QtBot) -> Iterator[WatchlistPage]:
    before = api.client().watchlist()
    api.client().change_watchlist(lambda _: Watchlist(items=WATCHED))
    made = WatchlistPage(context, memory, "Watchlist")
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    qtbot.waitUntil(lambda: len(made._previews) == len(WATCHED), timeout=WAIT_MS)
    yield made
    api.client().change_watchlist(lambda _: before)


def watched(api: ApiProcess) -> tuple[Watched, ...]:
    return api.client().watchlist().items


def choose(page: WatchlistPage, item: Watched) -> None:
    page.table.selectRow(page.table.rows.records.index(item))
    page.table.setFocus()


def buttons(page: WatchlistPage, text: str) -> list[QPushButton]:
    return [found for found in page.findChildren(QPushButton) if found.text() == text and found.isVisible()]


def links(page: WatchlistPage) -> list[QToolButton]:
    return [link for link in page.pane.findChildren(QToolButton) if link.isVisible()]


def test_the_first_line_says_how_many_are_watched_and_match_nothing(page: WatchlistPage) -> None:
    assert page._summary.text() == "3 entr(y|ies) (is|are) watched. 1 of them matches nothing."


def test_an_entry_is_added_by_keyboard_with_completion(page: WatchlistPage, api: ApiProcess, qtbot: QtBot) -> None:
    page.editor.vendor.setFocus()
    qtbot.keyClicks(page.editor.vendor, "fort")
    qtbot.waitUntil(lambda: page.editor.vendor.names == ["fortinet"], timeout=WAIT_MS)
    page.editor.vendor.setText("Fortinet ")
    qtbot.keyClicks(page.editor.product, "fortim")
    qtbot.waitUntil(lambda: page.editor.product.names == ["fortimanager"], timeout=WAIT_MS)
    page.editor.product.setText("fortimanager")
    qtbot.keyClick(page.editor.product, Qt.Key.Key_Return)
    added = Watched(vendor="fortinet", product="fortimanager")
    qtbot.waitUntil(lambda: added in page.table.rows.records, timeout=WAIT_MS)
    assert watched(api) == (*WATCHED, added)
    assert page.editor.vendor.text() == ""


def test_a_version_needs_its_product(page: WatchlistPage) -> None:
    assert not page.editor.save.isEnabled()
    page.editor.vendor.setText("cisco")
    assert page.editor.save.isEnabled()
    page.editor.version.setText("1.0")
    assert not page.editor.save.isEnabled()
    page.editor.product.setText("ios xe")
    assert page.editor.save.isEnabled()


def test_an_entry_is_removed_and_put_back_in_its_place(page: WatchlistPage, api: ApiProcess, qtbot: QtBot) -> None:
    choose(page, CISCO)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.table.rows.records == (FORTIOS, MISSPELT), timeout=WAIT_MS)
    page.undo.undo.click()
    qtbot.waitUntil(lambda: page.table.rows.records == WATCHED, timeout=WAIT_MS)
    assert watched(api) == WATCHED


def test_an_entry_is_changed_in_its_place_and_that_is_taken_back(
    page: WatchlistPage, api: ApiProcess, qtbot: QtBot
) -> None:
    choose(page, FORTIOS)
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    assert (page.editor.product.text(), page.editor.save.isEnabled()) == ("fortios", False)
    page.editor.version.setText("7.4.0")
    qtbot.keyClick(page.editor.version, Qt.Key.Key_Return)
    changed = FORTIOS.model_copy(update={"version": "7.4.0"})
    qtbot.waitUntil(lambda: page.table.rows.records == (changed, CISCO, MISSPELT), timeout=WAIT_MS)
    page.undo.undo.click()
    qtbot.waitUntil(lambda: watched(api) == WATCHED, timeout=WAIT_MS)


def test_what_another_person_added_meanwhile_stays(page: WatchlistPage, api: ApiProcess, qtbot: QtBot) -> None:
    theirs = Watched(vendor="adobe")
    api.client().change_watchlist(lambda found: Watchlist(items=(*found.items, theirs)))
    page.editor.vendor.setText("vmware")
    page.editor.save.click()
    qtbot.waitUntil(lambda: len(page.table.rows.records) == len(WATCHED) + 2, timeout=WAIT_MS)
    assert theirs in watched(api)


def test_an_entry_says_what_it_would_have_shown_and_opens_the_record(page: WatchlistPage, qtbot: QtBot) -> None:
    choose(page, CISCO)
    assert "In the last 30 days it would have shown" in page.pane.sentence.text()
    qtbot.waitUntil(lambda: bool(links(page)))
    with qtbot.waitSignal(page.context.wanted) as opened:
        links(page)[0].click()
    assert opened.args == [PageName.VULNERABILITIES, links(page)[0].text()]


def test_an_entry_that_matches_nothing_offers_the_nearest_names(
    page: WatchlistPage, api: ApiProcess, qtbot: QtBot
) -> None:
    choose(page, MISSPELT)
    assert page.pane.sentence.text() == "No record names this. The nearest names are below."
    qtbot.waitUntil(lambda: len(buttons(page, "Use “cisco”")) == 1)
    buttons(page, "Use “cisco”")[0].click()
    qtbot.waitUntil(lambda: page.table.rows.records == (FORTIOS, CISCO), timeout=WAIT_MS)
    assert watched(api) == (FORTIOS, CISCO)


def test_an_empty_list_says_what_belongs_there(empty_context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    made = WatchlistPage(empty_context, memory, "Watchlist")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.empty._title.text() == "Nothing is watched yet", timeout=WAIT_MS)
    assert "servers, appliances" in made.empty._sentence.text()


def test_what_cannot_be_loaded_is_not_said_to_be_loading(
    store: StateStore, actions: RecordingActions, memory: Memory, qtbot: QtBot
) -> None:
    context = PageContext(store, actions, unreachable, SystemClock())
    page = WatchlistPage(context, memory, "Watchlist")
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.empty._title.text() == "The watchlist could not be loaded")
    context.close()
