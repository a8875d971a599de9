"""The record of a vulnerability: beside the list, and in windows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.contract.problems import failure
from backend.contract.record_details import EpssPoint, EpssTrend
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities import VulnerabilitiesPage
from desktop.ui.pages.vulnerabilities.record.pane import RecordPane
from desktop.ui.pages.vulnerabilities.record.window import RecordWindow, RecordWindows
from desktop.ui.widgets.linked_text import LinkedText
from tests.ui import checks
from tests.ui.station import ApiProcess
from tests.ui.world import HOSTILE_ID

SECOND = 1000


@pytest.fixture
def affecting(api: ApiProcess) -> str:
    """A vulnerability of a program that is installed on this PC."""
    return api.client().findings({"exploited": "true", "software": "Chrome"}).items[0].cve_id


@pytest.fixture
def window(context: PageContext, memory: Memory, affecting: str, qtbot: QtBot) -> Iterator[RecordWindow]:
    made = RecordWindow(context, memory, lambda *_: "", affecting)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.pane.content is not None, timeout=20 * SECOND)
    yield made
    made.close()


def words(pane: RecordPane) -> str:
    labels = [label.text() for label in pane.summary.findChildren(QLabel) if label.isVisibleTo(pane.summary)]
    return "\n".join(labels)


def test_fixed_versions_and_this_pc_stand_before_all_else(window: RecordWindow) -> None:
    text = words(window.pane)
    assert text.index("Fixed in") < text.index("On this PC") < text.index("Priority")
    assert "→ update to" in text
    above = window.pane.summary.findings.mapTo(window, QPoint()).y()
    assert above < window.pane.summary.description.mapTo(window, QPoint()).y()


@pytest.mark.parametrize("width", [380, 760])
def test_nothing_of_it_is_cut_off_or_nameless(window: RecordWindow, width: int, qtbot: QtBot) -> None:
    window.resize(width, 720)
    for tab in range(window.pane.tabs.count()):
        window.pane.tabs.setCurrentIndex(tab)
        QGuiApplication.processEvents()
        assert checks.clipped(window) == []
        assert checks.nameless(window) == []
    for table in (window.pane.affected, window.pane.references, window.pane.events):
        window.pane.tabs.setCurrentWidget(table)
        QGuiApplication.processEvents()
        assert table.horizontalScrollBar().maximum() == 0


def compared(window: RecordWindow) -> list[tuple[str, ...]]:
    return [row.cells for row in window.pane.comparison.rows.rows]


def test_what_each_source_said_is_asked_for_when_it_is_looked_at(window: RecordWindow, qtbot: QtBot) -> None:
    view = window.pane.comparison
    assert compared(window) == []
    window.pane.tabs.setCurrentWidget(view)
    qtbot.waitUntil(lambda: bool(compared(window)), timeout=20 * SECOND)
    assert view.table.isVisible()
    assert any(cell.startswith("✓ ") for cells in compared(window) for cell in cells)
    view.table.selectRow([cells[0] for cells in compared(window)].index("Title"))
    assert view.rule.text().startswith("✓ counts. Title: The CNA's title")


def test_that_it_cannot_be_said_is_said(window: RecordWindow) -> None:
    window.pane.comparison.show_failure(failure("The API is not answering"))
    assert "not answering" in " ".join(label.text() for label in window.pane.comparison.findChildren(QLabel))


def test_first_is_asked_only_when_the_person_asks(
    window: RecordWindow, affecting: str, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    requests: list[str] = []

    def answer(_: ApiClient, cve_id: str) -> EpssTrend:
        requests.append(cve_id)
        points = tuple(EpssPoint(day=date(2026, 3, day), epss=day / 40) for day in range(1, 31))
        return EpssTrend(cve_id=cve_id, points=points, is_kept=False)

    monkeypatch.setattr(ApiClient, "request_epss_trend", answer)
    view = window.pane.summary.trend
    assert not view.chart.isVisibleTo(window)
    assert requests == []
    view.ask.click()
    qtbot.waitUntil(lambda: view.chart.isVisibleTo(window), timeout=20 * SECOND)
    assert requests == [affecting]
    assert not view.ask.isVisibleTo(window)
    assert view.words.text() == "From 2.50 % to 75.00 % within 29 days"
    view.chart.setFocus()
    QTest.keyClick(view.chart, Qt.Key.Key_Left)
    assert view.chart.accessibleDescription() == "2026-03-29: 72.50 %"


def test_that_first_does_not_answer_is_said_and_it_can_be_asked_again(window: RecordWindow) -> None:
    view = window.pane.summary.trend
    view.ask.setEnabled(False)
    view.show_failure(failure("EPSS does not answer"))
    assert view.words.text() == "EPSS does not answer"
    assert view.ask.isEnabled()


def test_esc_closes_a_window_and_the_next_one_has_its_size(
    window: RecordWindow, context: PageContext, memory: Memory, qtbot: QtBot
) -> None:
    window.resize(611, 555)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    later = RecordWindow(context, memory, lambda *_: "", HOSTILE_ID)
    qtbot.addWidget(later)
    assert later.size().toTuple() == (611, 555)


@pytest.fixture
def page(context: PageContext, memory: Memory, qtbot: QtBot) -> Iterator[VulnerabilitiesPage]:
    made = VulnerabilitiesPage(context, memory, "Vulnerabilities")
    qtbot.addWidget(made)
    made.resize(1180, 700)
    made.show()
    qtbot.waitUntil(lambda: made.list.model().rowCount() > 0, timeout=20 * SECOND)
    yield made
    made.close()


def shows(page: VulnerabilitiesPage, row: int) -> Callable[[], bool]:
    wanted = page.list.model().index(row, 0).data()
    return lambda: page.pane.content is not None and page.pane.content.cve_id == wanted


def test_previous_and_next_follow_the_list(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    page.list.selectRow(1)
    qtbot.waitUntil(shows(page, 1), timeout=20 * SECOND)
    page.pane.head.next.click()
    qtbot.waitUntil(shows(page, 2), timeout=20 * SECOND)
    page.pane.head.previous.click()
    page.pane.head.previous.click()
    qtbot.waitUntil(shows(page, 0), timeout=20 * SECOND)
    page.pane.head.previous.click()
    assert page.list.currentIndex().row() == 0


def test_several_records_are_open_at_once_and_each_only_once(page: VulnerabilitiesPage, qtbot: QtBot) -> None:
    windows: RecordWindows = page.windows
    for row in (0, 1):
        page.list.selectRow(row)
        qtbot.waitUntil(shows(page, row), timeout=20 * SECOND)
        page.pane.head.window_button.click()
        page.pane.head.window_button.click()
    first, second = windows.open_windows.values()
    qtbot.waitUntil(lambda: first.pane.content is not None, timeout=20 * SECOND)
    third = str(page.list.model().index(2, 0).data())
    second.pane.head.next.click()
    qtbot.waitUntil(lambda: second.pane.content is not None and second.pane.content.cve_id == third)
    assert second.windowTitle().startswith(f"{third}: ")
    assert list(windows.open_windows) == [first.cve_id, third]
    first.close()
    qtbot.waitUntil(lambda: list(windows.open_windows) == [third])
    second.close()
    qtbot.waitUntil(lambda: not windows.open_windows)


def test_the_id_is_copied_and_its_pages_open(
    window: RecordWindow, affecting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString()))
    window.pane.head.copy_id.click()
    assert QGuiApplication.clipboard().text() == affecting
    for button in window.pane.head.pages:
        button.click()
    assert opened == [
        f"https://nvd.nist.gov/vuln/detail/{affecting}",
        f"https://www.cve.org/CVERecord?id={affecting}",
    ]
    actions = window.pane.head.copy.menu().actions()
    assert [action.text() for action in actions] == ["Copy as text", "Copy as Markdown", "Copy as JSON"]
    actions[0].trigger()
    assert QGuiApplication.clipboard().text().startswith(affecting)


def test_addresses_within_texts_open(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toString()))
    text = LinkedText()
    qtbot.addWidget(text)
    text.resize(500, 60)
    text.show_text("😀 Notes: https://cisa.example/notes; javascript:alert(1)")
    text.show()
    for place in (15, 3, 48):
        cursor = QTextCursor(text.document())
        cursor.setPosition(place)
        QTest.mouseClick(
            text.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, text.cursorRect(cursor).center()
        )
    assert opened == ["https://cisa.example/notes"]
