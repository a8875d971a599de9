"""The page on a real API: search, sorting, the record, and what stays when newer results arrive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from PySide6 import QtGui
from PySide6.QtCore import QItemSelectionModel, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from backend.client.transport import ApiSilent
from backend.contract.names import Severity
from backend.contract.problems import failure
from backend.contract.searches import VulnerabilityFilters
from backend.contract.snapshot import Snapshot
from desktop.state.app_state import SnapshotArrived, StateStore
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.figures import Total
from desktop.ui.pages.vulnerabilities.rows import SORT_KEYS, VulnerabilityColumn
from desktop.ui.pages.vulnerabilities.search import FilterFacet, params_of, without
from desktop.ui.widgets.banner import Banner
from tests.ui.station import ApiProcess
from tests.ui.world import HOSTILE_ID

SECOND = 1000


def opened(context: PageContext, memory: Memory, qtbot: QtBot) -> VulnerabilitiesPage:
    page = VulnerabilitiesPage(context, memory, "Vulnerabilities")
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[VulnerabilitiesPage]:
    made = opened(context, memory, qtbot)
    qtbot.waitUntil(lambda: count(made) > 0, timeout=20 * SECOND)
    yield made
    made.close()


def count(page: VulnerabilitiesPage) -> int:
    return page.list.model().rowCount()


def cell(page: VulnerabilitiesPage, row: int, column: VulnerabilityColumn = VulnerabilityColumn.ID) -> str:
    return str(page.list.model().index(row, column).data())


def ids(page: VulnerabilitiesPage, rows: int = 10) -> list[str]:
    return [cell(page, row) for row in range(min(rows, count(page)))]


def shows(page: VulnerabilitiesPage, cve_id: str) -> Callable[[], bool]:
    return lambda: page.pane.content is not None and page.pane.content.cve_id == cve_id


def first_line(page: VulnerabilitiesPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel))


def update_statistics(page: VulnerabilitiesPage, store: StateStore) -> None:
    """An update has landed: the statistics have another date."""
    snapshot: Snapshot | None = store.state.snapshot
    assert snapshot is not None
    assert snapshot.stats is not None
    stats = snapshot.stats.model_copy(update={"last_update": datetime.now(UTC)})
    store.post(SnapshotArrived(snapshot.model_copy(update={"stats": stats}), datetime.now(UTC)))


PART_OF_A_DAY = 0.05
"""The list begins with a whole day, the total 30 times 24 hours ago."""


def test_the_figures_are_folded_at_first_and_name_the_most_important_ones(
    page: VulnerabilitiesPage, context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    [fold] = [button for button in page.head.findChildren(QToolButton) if "known exploited" in button.text()]
    assert not page.head.figures.isVisible()
    fold.click()
    assert page.head.figures.isVisible()
    assert opened(context, memory, qtbot).head.figures.isVisible(), "that is remembered"


@pytest.mark.parametrize("total", list(Total))
def test_a_total_leads_to_what_it_counts(
    total: Total, page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot
) -> None:
    page.head.unfold()
    tile = page.head.figures.tiles.tile(total)
    with qtbot.waitSignal(page.loader.loaded):
        qtbot.keyClick(tile, Qt.Key.Key_Space)
    counted = api.client().vulnerabilities({**params_of(page.bar.search), "page_size": 1}).total
    shown = int(re.sub(r"\D", "", tile.accessibleName().partition(": ")[2]))
    assert counted == pytest.approx(shown, rel=PART_OF_A_DAY)


def test_the_figures_change_with_the_data(page: VulnerabilitiesPage, store: StateStore, qtbot: QtBot) -> None:
    snapshot = store.state.snapshot
    assert snapshot is not None
    assert snapshot.stats is not None
    stats = snapshot.stats.model_copy(update={"exploited_vulnerabilities": 777})
    store.post(SnapshotArrived(snapshot.model_copy(update={"stats": stats}), datetime.now(UTC)))
    tile = page.head.figures.tiles.tile(Total.EXPLOITED)
    qtbot.waitUntil(lambda: tile.accessibleName() == "Known exploited: 777")


def test_typing_searches_and_says_how_many_there_are(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    everything = count(page)
    QTest.keyClicks(page.bar.field, "exchange")
    qtbot.waitUntil(lambda: 0 < count(page) < everything, timeout=20 * SECOND)
    assert "match" in first_line(page)
    titles = [
        cell(page, row, VulnerabilityColumn.TITLE) + cell(page, row, VulnerabilityColumn.PRODUCTS) for row in range(5)
    ]
    assert all("exchange" in title.lower() for title in titles)


def test_what_is_no_longer_looked_for_is_not_shown(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.bar.field, "exchange")
    page.bar.set_search(page.bar.search)  # starts a request
    QTest.keyClicks(page.bar.field, "\b" * len("exchange") + HOSTILE_ID)
    qtbot.waitUntil(lambda: ids(page) == [HOSTILE_ID], timeout=20 * SECOND)
    QTest.qWait(500)
    assert ids(page) == [HOSTILE_ID]


def test_sorting_by_the_header_is_done_for_all_rows(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.list.horizontalHeader().setSortIndicator(VulnerabilityColumn.ID, Qt.SortOrder.AscendingOrder)
    qtbot.waitUntil(lambda: ids(page) == sorted(ids(page)) and cell(page, 0) < "CVE-2025", timeout=20 * SECOND)
    page.list.horizontalHeader().setSortIndicator(VulnerabilityColumn.ID, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: cell(page, 0) == HOSTILE_ID, timeout=20 * SECOND)


@pytest.mark.parametrize("column", list(VulnerabilityColumn))
def test_every_column_can_be_sorted_by(
    column: VulnerabilityColumn, page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot
) -> None:
    header = page.list.horizontalHeader()
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        header.setSortIndicator(column, Qt.SortOrder.AscendingOrder)
    parameters = {"sort_by": SORT_KEYS[column], "sort_order": "asc", "page_size": 10}
    assert ids(page) == [item.cve_id for item in api.client().listed(parameters).items]
    assert header.sortIndicatorSection() == column


def test_rows_far_down_come_when_they_are_scrolled_to(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    last = count(page) - 1
    assert cell(page, last) == "…"
    page.list.scrollToBottom()
    qtbot.waitUntil(lambda: cell(page, last).startswith("CVE-"), timeout=20 * SECOND)


def test_more_rows_than_are_counted_come_as_one_scrolls(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.bar.set_search(without(page.bar.search, FilterFacet.TEXT))
    QTest.keyClicks(page.bar.field, "by")
    qtbot.waitUntil(lambda: "More than" in first_line(page), timeout=20 * SECOND)
    before = count(page)
    page.list.scrollToBottom()
    qtbot.waitUntil(lambda: count(page) > before, timeout=20 * SECOND)


def test_an_update_keeps_selection_scroll_position_and_sort(
    page: VulnerabilitiesPage, store: StateStore, qtbot: QtBot
) -> None:
    page.list.verticalScrollBar().setValue(600)
    first = page.list.rowAt(0)
    page.list.selectRow(first + 2)
    chosen = cell(page, first + 2)
    qtbot.waitUntil(lambda: page.pane.content is not None, timeout=20 * SECOND)
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        update_statistics(page, store)
    assert page.list.verticalScrollBar().value() == 600
    assert [cell(page, row) for row in page.list.selected_rows()] == [chosen]
    assert page.list.horizontalHeader().sortIndicatorSection() == VulnerabilityColumn.PRIORITY
    assert page.pane.content is not None
    assert page.pane.content.cve_id == chosen


def test_filters_are_said_in_words_and_taken_away_one_by_one(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.open_item("severity:CRITICAL")
    qtbot.waitUntil(lambda: cell(page, 0, VulnerabilityColumn.SEVERITY).startswith("Critical"), timeout=20 * SECOND)
    few = count(page)
    chip = next(button for button in page.bar.findChildren(QToolButton) if button.text() == "Severity: Critical")
    chip.click()
    qtbot.waitUntil(lambda: count(page) > few, timeout=20 * SECOND)
    assert page.bar.search.severity == ()


def test_all_filters_are_cleared_at_once(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    everything = count(page)
    page.open_item("exploited_after:2001-01-01")
    qtbot.waitUntil(lambda: 0 < count(page) < everything, timeout=20 * SECOND)
    next(button for button in page.bar.findChildren(QPushButton) if button.text() == "Clear all").click()
    qtbot.waitUntil(lambda: count(page) == everything, timeout=20 * SECOND)


def test_nothing_found_offers_to_clear_the_filters(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.open_item("vendor:nobody at all")
    qtbot.waitUntil(lambda: "No matching vulnerabilities" in first_line(page), timeout=20 * SECOND)
    next(button for button in page.findChildren(QPushButton) if button.text() == "Clear all filters").click()
    qtbot.waitUntil(lambda: count(page) > 0, timeout=20 * SECOND)


def test_filters_columns_and_sort_are_remembered(
    page: VulnerabilitiesPage, context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    page.open_item("severity:HIGH")
    page.list.horizontalHeader().setSortIndicator(VulnerabilityColumn.EPSS, Qt.SortOrder.AscendingOrder)
    page.list.horizontalHeader().resizeSection(VulnerabilityColumn.TITLE, 123)
    later = opened(context, memory, qtbot)
    assert later.bar.search.severity == (Severity.HIGH,)
    assert later.list.columnWidth(VulnerabilityColumn.TITLE) == 123
    assert later.list.horizontalHeader().sortIndicatorSection() == VulnerabilityColumn.EPSS
    qtbot.waitUntil(lambda: count(later) > 0, timeout=20 * SECOND)
    assert cell(later, 0, VulnerabilityColumn.SEVERITY).startswith("High")


def shown(page: VulnerabilitiesPage) -> set[VulnerabilityColumn]:
    return {column for column in VulnerabilityColumn if not page.list.isColumnHidden(column)}


def test_columns_give_way_where_there_is_no_room_and_come_back(page: VulnerabilitiesPage) -> None:
    page.resize(700, 700)
    QGuiApplication.processEvents()
    assert page.list.horizontalScrollBar().maximum() == 0
    assert {VulnerabilityColumn.ID, VulnerabilityColumn.SEVERITY, VulnerabilityColumn.TITLE} <= shown(page)
    assert VulnerabilityColumn.VENDORS not in shown(page)
    page.resize(2200, 700)
    QGuiApplication.processEvents()
    assert {
        VulnerabilityColumn.VENDORS,
        VulnerabilityColumn.PUBLISHED,
        VulnerabilityColumn.EPSS,
        VulnerabilityColumn.PRIORITY,
    } <= shown(page)
    assert VulnerabilityColumn.DUE not in shown(page)
    assert page.list.fit.without_room == ()
    assert sum(map(page.list.columnWidth, VulnerabilityColumn)) == page.list.viewport().width()


def test_a_column_that_somebody_chose_never_gives_way(
    page: VulnerabilitiesPage, context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    choose(page, "Products", qtbot)
    choose(page, "Severity", qtbot)
    later = opened(context, memory, qtbot)
    for opened_page in (page, later):
        assert VulnerabilityColumn.PRODUCTS in shown(opened_page)
        assert VulnerabilityColumn.SEVERITY not in shown(opened_page)
    later.resize(2200, 700)
    QGuiApplication.processEvents()
    assert VulnerabilityColumn.SEVERITY not in shown(later)


def choose(page: VulnerabilitiesPage, column: str, qtbot: QtBot) -> None:
    """Use the menu of the header."""
    header = page.list.horizontalHeader()
    header.customContextMenuRequested.emit(header.rect().center())
    menu = next(menu for menu in page.list.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == column).trigger()
    menu.close()
    qtbot.waitUntil(lambda: not any(menu.isVisible() for menu in page.list.findChildren(QMenu)))


def test_a_record_from_another_page_is_searched_for_and_selected(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.open_item("vendor:apache")
    page.open_item(HOSTILE_ID)
    qtbot.waitUntil(shows(page, HOSTILE_ID), timeout=20 * SECOND)
    assert ids(page) == [HOSTILE_ID]
    assert page.list.selected_rows() == [0]
    page.side.close_pane()
    page.open_item(HOSTILE_ID)
    qtbot.waitUntil(page.side.isVisible, timeout=20 * SECOND)


def test_an_unknown_record_is_said_to_be_unknown(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.list.selectRow(0)
    page.open_item("CVE-1999-0001")
    qtbot.waitUntil(lambda: "Not in the database" in first_line(page), timeout=20 * SECOND)
    assert page.side.isHidden()


def test_the_pane_takes_no_room_until_a_row_is_selected_and_after_it_is_closed(
    page: VulnerabilitiesPage, qtbot: QtBot
) -> None:
    whole = page.list.width()
    assert page.side.isHidden()
    page.list.selectRow(1)
    qtbot.waitUntil(lambda: page.pane.content is not None, timeout=20 * SECOND)
    assert page.side.isVisible()
    assert page.list.width() < whole
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Escape)
    assert page.side.isHidden()
    qtbot.waitUntil(lambda: page.list.width() == whole)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert page.side.isVisible()
    page.side.close_button.click()
    page.list.selectRow(2)
    assert page.side.isVisible()


def test_the_pane_belongs_to_what_is_selected_in_the_answer(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.list.selectRow(0)
    chosen = cell(page, 0)
    qtbot.waitUntil(lambda: page.pane.content is not None, timeout=20 * SECOND)
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        page.bar.set_search(VulnerabilityFilters(search=chosen))
    assert page.selection.current == chosen
    assert page.side.isVisible()
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        page.bar.set_search(VulnerabilityFilters(search=HOSTILE_ID))
    assert page.selection.current == ""
    assert page.side.isHidden()


def test_hostile_text_is_shown_as_text(
    page: VulnerabilitiesPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: links.append(QUrl(url).toString()))
    page.open_item(HOSTILE_ID)
    qtbot.waitUntil(shows(page, HOSTILE_ID), timeout=20 * SECOND)
    pane = page.pane
    assert all(
        label.textFormat() is Qt.TextFormat.PlainText for label in pane.findChildren(QLabel) if "<" in label.text()
    )
    texts = [label.text() for label in pane.findChildren(QLabel)]
    texts += [field.toPlainText() for field in pane.findChildren(QPlainTextEdit)]
    assert any("<script>" in text for text in texts)
    assert not any(sign in text for text in texts for sign in "\u202e\u202c\x07")
    references = pane.references
    for row in range(references.lines.rowCount()):
        if "many.example" not in references.lines.line(row).cells[1]:
            references.opened.emit(references.lines.index(row, 0))
    assert links == []
    safe = next(row for row in range(references.lines.rowCount()) if references.lines.line(row).link)
    references.opened.emit(references.lines.index(safe, 0))
    assert len(links) == 1
    assert links[0].startswith("https://many.example/")


def test_hostile_text_in_the_list_is_text_also_in_its_tooltips(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.bar.field, HOSTILE_ID)
    qtbot.waitUntil(lambda: ids(page) == [HOSTILE_ID], timeout=20 * SECOND)
    cells = [page.list.model().index(0, column) for column in VulnerabilityColumn]
    shown = [str(cell.data()) for cell in cells]
    tips = [str(cell.data(Qt.ItemDataRole.ToolTipRole)) for cell in cells]
    assert any("<script>" in text for text in shown)
    assert not any(sign in text for text in (*shown, *tips) for sign in "\u202e\u202c\x07")
    for text, tooltip in zip(shown, tips, strict=True):
        drawn = QTextDocument()
        (drawn.setHtml if QtGui.Qt.mightBeRichText(tooltip) else drawn.setPlainText)(tooltip)  # as Qt does
        assert " ".join(drawn.toPlainText().split()) == " ".join(text.split())


def test_a_very_long_description_is_shown_when_asked_for(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.open_item(HOSTILE_ID)
    qtbot.waitUntil(shows(page, HOSTILE_ID), timeout=20 * SECOND)
    shown = page.pane.summary.description.toPlainText()
    assert len(shown) < 2000
    next(button for button in page.pane.findChildren(QPushButton) if button.text().startswith("Show all")).click()
    assert len(page.pane.summary.description.toPlainText()) > 50_000


def test_the_selection_is_copied_as_text(page: VulnerabilitiesPage) -> None:
    page.list.selectRow(0)
    page.list.selectionModel().select(
        page.list.model().index(1, 0), QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    )
    page.list.setFocus()
    QTest.keySequence(page.list, "Ctrl+C")
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ids(page, 2)


def test_selecting_everything_copies_no_more_than_anybody_pastes(page: VulnerabilitiesPage) -> None:
    page.list.selectAll()
    page.list.copy_selection()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 1000 < count(page)


def test_the_header_has_nothing_to_look_through_when_everything_is_selected(page: VulnerabilitiesPage) -> None:
    """A header with the selection model reads each selected row to be painted: three seconds for 300,000."""
    page.list.selectAll()
    assert page.list.selected_ranges() == (range(count(page)),)
    assert not page.list.horizontalHeader().selectionModel().hasSelection()


def test_a_question_that_found_the_api_silent_is_asked_again(
    page: VulnerabilitiesPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise ApiSilent("no answer within 2 s")

    known = ids(page)
    with monkeypatch.context() as patch:
        patch.setattr("desktop.ui.pages.vulnerabilities.page_loader.find", silent)
        with qtbot.waitSignal(page.loader.failed, timeout=20 * SECOND):
            page.open_item("vendor:apache")
        assert ids(page) == known
    page.refresh()
    qtbot.waitUntil(lambda: ids(page) != known, timeout=20 * SECOND)
    assert cell(page, 0, VulnerabilityColumn.VENDORS) == "apache"


def test_rows_stay_when_the_api_falls_silent_and_it_is_said(
    context: PageContext, memory: Memory, api: ApiProcess, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(context, memory, qtbot)
    qtbot.waitUntil(lambda: count(page) > 0, timeout=20 * SECOND)
    known = ids(page)
    page.loader.failed.emit(failure("The program's own API is not answering"))
    assert ids(page) == known
    assert any(
        banner.isVisible() and "not answering" in banner.accessibleName() for banner in page.findChildren(Banner)
    )
    page.refresh()
    qtbot.waitUntil(lambda: not any(banner.isVisible() for banner in page.findChildren(Banner)), timeout=20 * SECOND)


def test_an_empty_database_says_when_vulnerabilities_come(
    empty_context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    page = opened(empty_context, memory, qtbot)
    qtbot.waitUntil(lambda: "The first update adds them." in first_line(page), timeout=20 * SECOND)
