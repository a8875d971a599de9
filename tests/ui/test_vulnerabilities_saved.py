"""Saved searches: in the menu and in the navigation, renamed, watched, deleted, and each change taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from backend.contract.names import Severity
from backend.contract.searches import SavedSearch, SavedSearches, VulnerabilityFilters
from desktop.state.app_state import SnapshotArrived, StateStore
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.search import NOTHING
from desktop.ui.suggestions import SUGGESTED, Suggestion, suggestion_filters, suggestion_title
from desktop.ui.window.main_window import MainWindow
from desktop.ui.window.navigation import Navigation
from tests.ui.station import ApiProcess
from tests.ui.test_vulnerabilities_page import SECOND, count, first_line, opened

CRITICAL = VulnerabilityFilters(severity=(Severity.CRITICAL,))
APACHE = SavedSearch(name="Apache & co.", filters=VulnerabilityFilters(vendor=("apache",)))


@pytest.fixture
def no_searches(api: ApiProcess) -> Iterator[None]:
    """All tests share the API."""
    before = api.client().searches()
    api.client().change_searches(lambda _: SavedSearches())
    yield
    api.client().change_searches(lambda _: before)


@pytest.fixture
def page(
    no_searches: None, store: StateStore, context: PageContext, memory: Memory, qtbot: QtBot
) -> Iterator[VulnerabilitiesPage]:
    show(store)
    made = opened(context, memory, qtbot)
    qtbot.waitUntil(lambda: count(made) > 0, timeout=20 * SECOND)
    yield made
    made.close()


def show(store: StateStore, *searches: SavedSearch) -> None:
    """A snapshot with these searches arrives."""
    assert store.state.snapshot is not None
    snapshot = store.state.snapshot.model_copy(update={"searches": searches})
    store.post(SnapshotArrived(snapshot, datetime.now(UTC)))


def stored(api: ApiProcess) -> list[tuple[str, bool]]:
    return [(search.name, search.is_watched) for search in api.client().searches().items]


def keep(api: ApiProcess, store: StateStore, *searches: SavedSearch) -> None:
    api.client().change_searches(lambda _: SavedSearches(items=searches))
    show(store, *searches)


def use(page: VulnerabilitiesPage, beginning: str) -> None:
    menu = page.saved.menu()
    menu.aboutToShow.emit()
    action = next(action for action in menu.actions() if action.text().startswith(beginning))
    assert action.isEnabled()
    action.trigger()


def offered(page: VulnerabilitiesPage) -> dict[str, bool]:
    page.saved.menu().aboutToShow.emit()
    return {action.text(): action.isEnabled() for action in page.saved.menu().actions() if action.text()}


def test_a_search_is_saved_under_a_name_and_taken_back(
    page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot
) -> None:
    assert [text for text, enabled in offered(page).items() if not enabled] == [
        "Save this search…",
        "Save and watch this search…",
    ]
    page.bar.set_search(CRITICAL)
    use(page, "Save this search")
    assert not page.name_form.save.isEnabled()
    QTest.keyClicks(page.name_form.field, "  Worst ")
    QTest.keyClick(page.name_form.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stored(api) == [("Worst", False)], timeout=20 * SECOND)
    assert page.name_form.isHidden()
    assert page.shown_item == "saved:Worst"
    qtbot.waitUntil(page.undo.isVisible, timeout=20 * SECOND)
    page.undo.undo.click()
    qtbot.waitUntil(lambda: stored(api) == [], timeout=20 * SECOND)


def test_a_saved_search_is_opened_changed_and_forgotten_when_all_is_listed(
    page: VulnerabilitiesPage, api: ApiProcess, store: StateStore, qtbot: QtBot
) -> None:
    keep(api, store, APACHE)
    page.open_item("saved:Apache & co.")
    assert page.bar.search == APACHE.filters
    qtbot.waitUntil(lambda: "“Apache & co.”" in first_line(page), timeout=20 * SECOND)
    assert not offered(page)["Save changes to “Apache && co.”"]
    changed = APACHE.filters.model_copy(update={"exploited": True})
    page.bar.set_search(changed)
    use(page, "Save changes")
    qtbot.waitUntil(lambda: api.client().searches().items[0].filters == changed, timeout=20 * SECOND)
    page.bar.clear()
    assert page.bar.search == NOTHING
    assert page.shown_item == ""
    page.open_item("saved:unknown")
    assert page.bar.search == NOTHING


def test_a_link_and_a_figure_are_no_part_of_the_saved_search(
    page: VulnerabilitiesPage, api: ApiProcess, store: StateStore
) -> None:
    keep(api, store, APACHE)
    for go in (lambda: page.open_item("exploited"), lambda: page.head.figures.picked.emit(CRITICAL)):
        page.open_item("saved:Apache & co.")
        assert page.shown_item == "saved:Apache & co."
        go()
        assert page.shown_item == ""


def test_it_is_renamed_but_not_as_another_one(
    page: VulnerabilitiesPage, api: ApiProcess, store: StateStore, qtbot: QtBot
) -> None:
    keep(api, store, SavedSearch(name="Worst", filters=CRITICAL), APACHE)
    page.open_item("saved:Worst")
    use(page, "Rename")
    page.name_form.field.setText("APACHE & CO.")
    assert not page.name_form.save.isEnabled()
    page.name_form.field.setText("The worst")
    page.name_form.save.click()
    qtbot.waitUntil(lambda: stored(api) == [("The worst", False), (APACHE.name, False)], timeout=20 * SECOND)


def test_it_is_watched_unless_it_asks_for_what_is_mine(
    page: VulnerabilitiesPage, api: ApiProcess, store: StateStore, qtbot: QtBot
) -> None:
    mine = SavedSearch(name="Mine", filters=VulnerabilityFilters(mine=True))
    keep(api, store, APACHE, mine)
    page.open_item("saved:Mine")
    assert not offered(page)["Watch “Mine”"]
    page.open_item("saved:Apache & co.")
    use(page, "Watch")
    qtbot.waitUntil(lambda: stored(api) == [(APACHE.name, True), ("Mine", False)], timeout=20 * SECOND)
    qtbot.waitUntil(lambda: page.undo.words.text() == "“Apache & co.” is watched.", timeout=20 * SECOND)
    page.undo.undo.click()
    qtbot.waitUntil(lambda: stored(api) == [(APACHE.name, False), ("Mine", False)], timeout=20 * SECOND)


def test_a_search_is_saved_and_watched_at_once(page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot) -> None:
    page.bar.set_search(CRITICAL)
    use(page, "Save and watch")
    QTest.keyClicks(page.name_form.field, "Worst")
    QTest.keyClick(page.name_form.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stored(api) == [("Worst", True)], timeout=20 * SECOND)
    qtbot.waitUntil(lambda: page.undo.words.text() == "“Worst” is saved and watched.", timeout=20 * SECOND)
    page.bar.set_search(VulnerabilityFilters(mine=True))
    assert not offered(page)["Save and watch this search…"]


@pytest.mark.parametrize("suggestion", list(Suggestion))
def test_suggestions_are_searches_of_today(page: VulnerabilitiesPage, suggestion: Suggestion) -> None:
    expected = suggestion_filters(suggestion, datetime.now(UTC).date())
    use(page, suggestion_title(suggestion))
    assert page.bar.search == expected
    page.bar.clear()
    page.open_item(SUGGESTED + suggestion)
    assert page.bar.search == expected
    assert page.shown_item == ""


def test_a_deleted_one_comes_back_to_its_place(
    page: VulnerabilitiesPage, api: ApiProcess, store: StateStore, qtbot: QtBot
) -> None:
    keep(api, store, APACHE, SavedSearch(name="Worst", filters=CRITICAL))
    page.open_item("saved:Apache & co.")
    use(page, "Delete")
    assert page.shown_item == ""
    qtbot.waitUntil(lambda: stored(api) == [("Worst", False)], timeout=20 * SECOND)
    qtbot.waitUntil(page.undo.isVisible, timeout=20 * SECOND)
    page.undo.undo.click()
    qtbot.waitUntil(lambda: stored(api) == [(APACHE.name, False), ("Worst", False)], timeout=20 * SECOND)


def test_the_navigation_lists_them_and_goes_through_them_by_key(
    no_searches: None, context: PageContext, memory: Memory, store: StateStore, api: ApiProcess, qtbot: QtBot
) -> None:
    window = MainWindow(context, memory, page_makers())
    qtbot.addWidget(window)
    window.show()
    keep(api, store, APACHE, SavedSearch(name="Worst", filters=CRITICAL))
    navigation = window.findChild(Navigation)
    assert navigation is not None
    qtbot.waitUntil(lambda: navigation.count() == 8)
    window.turn_to(PageName.VULNERABILITIES)
    page = window.page
    assert isinstance(page, VulnerabilitiesPage)
    for search in (APACHE.filters, CRITICAL):
        QTest.keyClick(navigation, Qt.Key.Key_Down)
        assert page.bar.search == search
    assert navigation.currentItem().text() == "Worst"
    for after in (PageName.PCS, PageName.TASKS):
        QTest.keyClick(navigation, Qt.Key.Key_Down)
        assert window.page_name is after
    window.turn_to(PageName.VULNERABILITIES)
    assert navigation.currentItem().text() == "Worst"
    page.bar.clear()
    assert navigation.currentItem().text() == "Vulnerabilities"
    keep(api, store)
    qtbot.waitUntil(lambda: navigation.count() == 6)
    window.close()
