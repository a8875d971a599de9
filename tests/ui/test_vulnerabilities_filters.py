"""The form of the filters, pasted ids, the columns that have no room, and the bars that are filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from backend.contract.exposure import FindingState
from backend.contract.names import Severity, Source, Tag
from backend.contract.searches import StateFilter, VulnerabilityFilters
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages import page_makers
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.figures import exploited_in, published_on
from desktop.ui.pages.vulnerabilities.filter_panel import FilterPanel
from desktop.ui.pages.vulnerabilities.headline import headline
from desktop.ui.pages.vulnerabilities.list_view import ColumnButton
from desktop.ui.pages.vulnerabilities.rows import ListPage, VulnerabilityColumn
from desktop.ui.pages.vulnerabilities.search import NOTHING, params_of
from desktop.ui.pages.vulnerabilities.weakness_completion import weakness_ids, weaknesses_for
from desktop.ui.widgets.names_field import NamesField
from desktop.ui.window.main_window import MainWindow
from tests.ui.station import ApiProcess
from tests.ui.test_vulnerabilities_page import SECOND, cell, count, first_line, ids, opened

FULL = VulnerabilityFilters(
    severity=(Severity.CRITICAL,),
    exploited=False,
    ransomware=True,
    kev_added_after=date(2026, 1, 1),
    kev_added_before=date(2026, 2, 1),
    due_before=date(2026, 3, 1),
    vendor=("acme", "zoo, the"),
    product=("anvil",),
    cwe=("CWE-79",),
    source=Source.CISA,
    state=StateFilter.REJECTED,
    tag=(Tag.HOSTED,),
    nvd_status=("Deferred",),
    mine=True,
    triage=(FindingState.IGNORED,),
    min_cvss=7.5,
    min_epss=0.25,
    min_priority=0.4,
    published_after=datetime(2026, 1, 1, 17, 30, tzinfo=UTC),
    published_before=datetime(2026, 2, 1, tzinfo=UTC),
    changed_after=datetime(2026, 1, 15, tzinfo=UTC),
)


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[VulnerabilitiesPage]:
    made = opened(context, memory, qtbot)
    qtbot.waitUntil(lambda: count(made) > 0, timeout=20 * SECOND)
    yield made
    made.close()


def test_the_form_shows_every_filter_and_changes_only_what_is_changed(page: VulnerabilitiesPage) -> None:
    panel, seen = page.bar.panel, list[VulnerabilityFilters]()
    panel.changed.connect(seen.append)
    panel.show_search(FULL)
    assert seen == []
    panel.vendor.set_names(())
    panel.vendor.changed.emit()
    assert seen == [FULL.model_copy(update={"vendor": ()})]
    panel.show_search(NOTHING)
    panel.cwe.set_names(("CWE-79",))
    panel.cwe.changed.emit()
    assert seen[1:] == [VulnerabilityFilters(cwe=("CWE-79",))]


def test_mine_and_exploited_are_one_click(page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot) -> None:
    for name, search in (
        ("Mine", VulnerabilityFilters(mine=True)),
        ("Exploited", VulnerabilityFilters(mine=True, exploited=True)),
    ):
        next(button for button in page.bar.findChildren(QPushButton) if button.text() == name).click()
        assert page.bar.search == search
        total = api.client().listed(params_of(search)).total
        qtbot.waitUntil(lambda total=total: count(page) == total, timeout=20 * SECOND)
    page.bar.set_search(VulnerabilityFilters(exploited=False))
    assert page.bar.search.exploited is False


def test_the_form_fits_the_smallest_window(page: VulnerabilitiesPage) -> None:
    page.bar.panel.show_search(NOTHING)
    size = page.bar.panel.sizeHint()
    assert (size.width() <= 900, size.height() <= 600) == (True, True)


def test_names_are_completed_and_several_are_found(page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot) -> None:
    everything, panel = count(page), page.bar.panel
    panel.show()
    QTest.keyClicks(panel.vendor.field, "apa")
    qtbot.waitUntil(lambda: "apache" in panel.vendor.field.names, timeout=20 * SECOND)
    panel.vendor.field.completer().activated.emit("apache")
    qtbot.waitUntil(lambda: panel.vendor.field.text() == "")
    QTest.keyClicks(panel.vendor.field, "Cisco")
    QTest.keyClick(panel.vendor.field, Qt.Key.Key_Return)
    assert panel.vendor.names == ("apache", "Cisco")
    qtbot.waitUntil(lambda: 0 < count(page) < everything, timeout=20 * SECOND)
    wanted = api.client().listed({"vendor": ["apache", "cisco"], "page_size": 10})
    assert (count(page), ids(page)) == (wanted.total, [item.cve_id for item in wanted.items])
    panel.hide()


def test_weaknesses_are_completed_by_number_and_by_name(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    assert weaknesses_for("CWE-79")[0].startswith("CWE-79 ")
    assert all(line.startswith("CWE-8") for line in weaknesses_for("8"))
    assert any(line.startswith("CWE-89 ") for line in weaknesses_for("sql injection"))
    assert weakness_ids("CWE-89 Improper… 2") == weakness_ids("sql injection") == weakness_ids("89") == ["CWE-89"]
    assert weakness_ids("cwe-79, CWE-20; 7") == ["CWE-79", "CWE-20"]
    assert weakness_ids("79 20") == ["CWE-79", "CWE-20"]
    assert weakness_ids("") == weakness_ids("no such weakness") == []
    assert weaknesses_for("") == weaknesses_for("no such weakness") == []
    panel = page.bar.panel
    panel.show()
    QTest.keyClicks(panel.cwe.field, "sql inj")
    qtbot.waitUntil(lambda: any(line.startswith("CWE-89 ") for line in panel.cwe.field.names))
    panel.cwe.field.completer().activated.emit(weaknesses_for("89")[0])
    assert panel.cwe.names == ("CWE-89",)
    panel.hide()


def test_a_name_is_removed_by_its_button(qtbot: QtBot) -> None:
    field = NamesField("Weakness", names_of=str.split, most=3)
    qtbot.addWidget(field)
    QTest.keyClicks(field.field, "CWE-79 CWE-89  CWE-79")
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    assert list(field.names) == ["CWE-79", "CWE-89"]
    QTest.keyClicks(field.field, "CWE-1 CWE-2")
    QTest.keyClick(field.field, Qt.Key.Key_Return)
    assert list(field.names) == ["CWE-79", "CWE-89", "CWE-1"]
    with qtbot.waitSignal(field.changed):
        next(chip for chip in field.findChildren(QToolButton) if chip.text() == "CWE-79").click()
    assert list(field.names) == ["CWE-89", "CWE-1"]


def test_a_form_whose_api_is_away_still_takes_names(
    empty_context: PageContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OSError("away")

    monkeypatch.setattr("backend.client.api.ApiClient.vendors", away)
    panel = FilterPanel(empty_context)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.failed, timeout=20 * SECOND):
        QTest.keyClicks(panel.vendor.field, "nobody")
    with qtbot.waitSignal(panel.changed):
        QTest.keyClick(panel.vendor.field, Qt.Key.Key_Return)
    assert panel.vendor.names == ("nobody",)


@pytest.mark.usefixtures("english")
def test_pasted_text_becomes_its_ids_and_says_how_many_are_there(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    first, second = ids(page, 2)
    QGuiApplication.clipboard().setText(f"Advisory:\n* {first} (see https://x.example/{second}?a=b)\n* CVE-1999-0001.")
    page.bar.field.setFocus()
    page.bar.field.paste()
    qtbot.waitUntil(lambda: sorted(ids(page)) == sorted((first, second)), timeout=20 * SECOND)
    qtbot.waitUntil(lambda: page.bar.field.text() == f"{first} {second} CVE-1999-0001")
    qtbot.waitUntil(lambda: "2 of 3 pasted IDs" in first_line(page), timeout=20 * SECOND)


@pytest.mark.parametrize(
    ("search", "total", "everything", "name", "words"),
    [
        (NOTHING, 120, 120, "", "120 vulnerabilities"),
        (VulnerabilityFilters(exploited=True), 1, 120, "", "1 of 120 vulnerabilities match"),
        (VulnerabilityFilters(exploited=True), 3, None, "", "3 matching vulnerabilities"),
        (VulnerabilityFilters(mine=True), 2, 10, "What is mine", "“What is mine”: 2 of 10 vulnerabilities match"),
        (VulnerabilityFilters(search="CVE-2024-1000 CVE-2024-1001"), 1, 10, "", "1 of 2 pasted IDs found"),
    ],
)
@pytest.mark.usefixtures("english")
def test_what_the_filters_leave(
    search: VulnerabilityFilters, total: int, everything: int | None, name: str, words: str
) -> None:
    assert headline(search, ListPage(0, (), total, capped=False), everything, name) == words


def test_columns_without_room_are_named_by_the_button(page: VulnerabilitiesPage) -> None:
    button = page.findChild(ColumnButton)
    assert button is not None
    page.resize(700, 700)
    QGuiApplication.processEvents()
    assert button.text().startswith("+")
    assert "Vendors" in button.toolTip()
    page.resize(2200, 700)
    QGuiApplication.processEvents()
    assert (button.text(), button.toolTip()) == ("", "Columns")
    button.click()
    menu = next(menu for menu in page.list.findChildren(QMenu) if menu.isVisible())
    assert [action.text() for action in menu.actions()][:3] == ["ID", "Severity", "Exploited"]
    menu.close()


def test_cells_are_read_with_the_name_of_their_column(page: VulnerabilitiesPage) -> None:
    index = page.list.model().index(0, VulnerabilityColumn.SEVERITY)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"Severity: {index.data()}"
    exploited = page.list.model().index(0, VulnerabilityColumn.EXPLOITED)
    assert exploited.data(Qt.ItemDataRole.AccessibleTextRole) in ("Exploited: Exploited", "Exploited: empty")


def test_the_bar_of_a_vendor_finds_what_it_counts(page: VulnerabilitiesPage, api: ApiProcess, qtbot: QtBot) -> None:
    page.head.unfold()
    figures = page.head.figures
    vendor = figures.vendors.vendors[0]
    with qtbot.waitSignal(page.loader.loaded, timeout=20 * SECOND):
        figures.vendors.picked.emit(0)
    assert page.bar.search == VulnerabilityFilters(vendor=(vendor.name,))
    assert count(page) == vendor.count


def test_the_bar_of_a_month_and_of_a_day_find_what_they_count(api: ApiProcess) -> None:
    stats = api.client().snapshot()
    assert stats is not None
    assert stats.snapshot.stats is not None
    months, days = stats.snapshot.stats.exploited_by_month, stats.snapshot.stats.last_30_days
    assert len(months) == 12
    assert any(month.exploited for month in months)
    for month in months:
        assert api.client().listed(params_of(exploited_in(month.month))).total == month.exploited
    for day in days[-7:]:
        assert api.client().listed(params_of(published_on(day.day))).total == day.published


def test_the_first_cell_of_an_exploited_row_has_a_flame(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.open_item("exploited")
    qtbot.waitUntil(lambda: cell(page, 0, VulnerabilityColumn.EXPLOITED) == "Exploited", timeout=20 * SECOND)


def test_the_figures_give_way_when_the_window_becomes_lower(context: PageContext, memory: Memory, qtbot: QtBot) -> None:
    window = MainWindow(context, memory, page_makers())
    qtbot.addWidget(window)
    window.turn_to(PageName.VULNERABILITIES)
    window.resize(1180, 1300)
    window.show()
    page = window.page
    assert isinstance(page, VulnerabilitiesPage)
    page.head.unfold()
    qtbot.waitUntil(lambda: page.head.height() > page.head.figures.sizeHint().height())
    window.resize(1180, 700)
    qtbot.waitUntil(lambda: page.head.height() < page.head.figures.sizeHint().height())
    window.close()
