"""The menu Report of the Inbox: the scope of the list, three periods, to read, to save and to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from backend.client.api import ApiClient
from backend.client.transport import ApiSilent, Params
from backend.contract.inbox import InboxScope
from backend.contract.problems import Problem
from backend.contract.report import ReportPeriod
from desktop.inventory.scan_status import ScanStatus
from desktop.state.app_state import ScanReported, StateStore
from desktop.supervision.supervisor import SystemClock
from desktop.ui.actions import Actions
from desktop.ui.page_context import PageContext
from desktop.ui.pages.inbox.report_menu import ReportMenu
from tests.ui.states import empty_view

pytestmark = pytest.mark.usefixtures("english")
PAGE = b"<p>The report</p>"


@dataclass
class Reports:
    """requests: the parameters of each request; silent: nothing is answered."""

    requests: list[Params] = field(default_factory=list)
    silent: bool = False


class ReportClient(ApiClient):
    def __init__(self, reports: Reports) -> None:
        super().__init__("http://127.0.0.1:9")
        self._reports = reports

    def report(self, wanted: Params) -> bytes:
        self._reports.requests.append(wanted)
        if self._reports.silent:
            raise ApiSilent("no answer within 120 s")
        return PAGE


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def menu(theme: object, actions: Actions, reports: Reports, qtbot: QtBot) -> Iterator[ReportMenu]:
    context = PageContext(StateStore(empty_view()), actions, lambda: ReportClient(reports), SystemClock())
    parent = QWidget()
    qtbot.addWidget(parent)
    yield ReportMenu(context, lambda: InboxScope.EXPLOITED, parent)
    context.close()


def submenu(action: QAction) -> QMenu:
    found = action.menu()
    assert isinstance(found, QMenu)
    return found


def test_the_menu_has_three_periods_and_three_ways(menu: ReportMenu) -> None:
    periods = [submenu(action) for action in menu.actions()]
    assert [period.title() for period in periods] == ["Last 24 hours", "Last 7 days", "Last 30 days"]
    assert [action.text() for action in periods[0].actions()] == ["Open in the browser", "Save as…", "Print…"]


def test_a_report_opens_in_the_browser(
    menu: ReportMenu, reports: Reports, actions: Actions, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url))
    week = submenu(menu.actions()[1])
    week.actions()[0].trigger()
    qtbot.waitUntil(lambda: bool(opened))
    path = Path(opened[0].toLocalFile())
    assert (path.parent, path.read_bytes()) == (actions.home, PAGE)
    assert reports.requests == [{"period": "week", "scope": "exploited", "format": "html"}]


@pytest.mark.parametrize(
    ("name", "file_format", "head"),
    [
        ("a.pdf", "html", b"%PDF-"),
        ("a.CSV", "csv", PAGE),
        ("a.json", "json", PAGE),
        ("a.html", "html", PAGE),
        ("a", "html", PAGE),
    ],
)
def test_a_report_is_saved_in_the_form_of_its_ending(
    menu: ReportMenu, reports: Reports, qtbot: QtBot, tmp_path: Path, name: str, file_format: str, head: bytes
) -> None:
    with qtbot.waitSignal(menu.done) as done:
        menu.save_report(tmp_path / name, ReportPeriod.DAY)
    assert done.args == [f"Saved {name}"]
    assert (tmp_path / name).read_bytes().startswith(head)
    assert reports.requests[0]["format"] == file_format


@pytest.mark.parametrize(("unavailable", "machine"), [("", {"machine": "this"}), ("Only Windows is scanned", {})])
def test_a_report_of_this_pc_names_it_where_it_is_scanned(
    theme: object,
    actions: Actions,
    reports: Reports,
    qtbot: QtBot,
    tmp_path: Path,
    unavailable: str,
    machine: dict[str, str],
) -> None:
    store, parent = StateStore(empty_view()), QWidget()
    store.post(ScanReported(ScanStatus(machine="this", unavailable=unavailable)))
    context = PageContext(store, actions, lambda: ReportClient(reports), SystemClock())
    qtbot.addWidget(parent)
    menu = ReportMenu(context, lambda: InboxScope.PC, parent)
    with qtbot.waitSignal(menu.done):
        menu.save_report(tmp_path / "a.html", ReportPeriod.DAY)
    assert reports.requests == [{"period": "day", "scope": "mine", "format": "html", **machine}]
    context.close()


def test_a_report_is_printed(menu: ReportMenu, qtbot: QtBot, tmp_path: Path) -> None:
    printing = pytest.importorskip("PySide6.QtPrintSupport")
    printer = printing.QPrinter()
    printer.setOutputFormat(printing.QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    with qtbot.waitSignal(menu.done):
        menu.print_report(printer, ReportPeriod.MONTH)
    assert (tmp_path / "printed.pdf").read_bytes().startswith(b"%PDF-")


def test_what_fails_is_said_and_leaves_no_file(
    menu: ReportMenu, reports: Reports, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    reports.silent = True
    with qtbot.waitSignal(menu.failed) as failed:
        menu.save_report(folder / "a.pdf", ReportPeriod.DAY)
    assert isinstance(failed.args[0], Problem)
    reports.silent = False
    with qtbot.waitSignal(menu.failed):
        menu.save_report(folder / "no such folder" / "a.html", ReportPeriod.DAY)
    assert list(folder.iterdir()) == []
