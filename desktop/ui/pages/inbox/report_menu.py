"""The menu of reports: what happened in the last day, week or month, to read in the browser, to save or to print."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from backend.client.api import ApiClient
from backend.contract.inbox import InboxScope
from backend.contract.problems import Problem
from backend.contract.report import ReportFormat, ReportPeriod, ReportScope
from backend.contract.wire import utc_now
from backend.system.files import write_atomically
from desktop.ui.formatting import day, one_line, translate
from desktop.ui.page_context import Outcome, PageContext
from desktop.ui.printing import pdf_of, print_html
from desktop.ui.theme.icons import icon

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

_SCOPES = {
    InboxScope.MINE: ReportScope.MINE,
    InboxScope.PC: ReportScope.MINE,
    InboxScope.EXPLOITED: ReportScope.EXPLOITED,
    InboxScope.EVERYTHING: ReportScope.ALL,
}
_SHOWN = "report.html"
"""In the data folder, which only its owner may enter: the report that was opened last."""


class ReportMenu(QMenu):
    done = Signal(str)
    """What was done, as a sentence."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, scope: Callable[[], InboxScope], parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._scope = context, scope
        for period in ReportPeriod:
            menu = self.addMenu(_period_words(period))
            for icon_name, words, act in (
                ("open-in-new", self.tr("Open in the browser"), self.show_report),
                ("content-save-outline", self.tr("Save as…"), self._choose_file),
                ("printer-outline", self.tr("Print…"), self._choose_printer),
            ):
                action = menu.addAction(icon(icon_name), words)
                action.triggered.connect(partial(_call, act, period))

    def show_report(self, period: ReportPeriod) -> None:
        """Open the report in the browser."""
        path = self._context.actions.home / _SHOWN
        self._ask(self._file(path, ReportFormat.HTML, period), self._open)

    def save_report(self, path: Path, period: ReportPeriod) -> None:
        """Write the report in the form that the ending of the name says; HTML for another ending."""
        ending = path.suffix.removeprefix(".").lower()
        form = ReportFormat(ending) if ending in set(ReportFormat) else ReportFormat.HTML
        self._ask(self._file(path, form, period), self._saved)

    def print_report(self, printer: QPrinter, period: ReportPeriod) -> None:
        def received(html: bytes) -> None:
            print_html(html.decode(), printer, printer.resolution())
            self.done.emit(self.tr("The report was sent to the printer"))

        self._ask(self._content(ReportFormat.HTML, period), received)

    def _choose_file(self, period: ReportPeriod) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = str(Path(folder) / f"openthreat-report-{day(utc_now())}.pdf")
        kinds = ";;".join(f"{form.upper()} (*.{form})" for form in (ReportFormat.PDF, *_WITHOUT_PDF))
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save the report"), proposed, kinds)
        if name:
            self.save_report(Path(name), period)

    def _choose_printer(self, period: ReportPeriod) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # a library that most sessions never need

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self.window())
        if dialog.exec() == QPrintDialog.DialogCode.Accepted:
            self.print_report(printer, period)

    def _content(self, form: ReportFormat, period: ReportPeriod) -> Callable[[ApiClient], bytes]:
        scope, scan = self._scope(), self._context.state.scan
        wanted: dict[str, str] = {"period": period, "scope": _SCOPES[scope], "format": form}
        if scope is InboxScope.PC and not scan.unavailable:
            wanted["machine"] = scan.machine
        return lambda client: client.report(wanted)

    def _file(self, path: Path, form: ReportFormat, period: ReportPeriod) -> Callable[[ApiClient], Path]:
        content = self._content(ReportFormat.HTML if form is ReportFormat.PDF else form, period)

        def write(client: ApiClient) -> Path:
            received = content(client)
            write_atomically(path, pdf_of(received.decode()) if form is ReportFormat.PDF else received)
            return path

        return write

    def _ask(self, call: Callable[[ApiClient], Outcome], done: Callable[[Outcome], None]) -> None:
        self._context.ask(call, done, self._failed, owner=self)

    def _open(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _saved(self, path: Path) -> None:
        self.done.emit(self.tr("Saved {0}").format(one_line(path.name)))

    def _failed(self, problem: Problem) -> None:
        self.failed.emit(problem)


_WITHOUT_PDF = (ReportFormat.HTML, ReportFormat.CSV, ReportFormat.JSON)


def _call(act: Callable[[ReportPeriod], None], period: ReportPeriod, *_: object) -> None:
    """A slot for `triggered`, which also sends whether the action is checked."""
    act(period)


def _period_words(period: ReportPeriod) -> str:
    return {
        ReportPeriod.DAY: translate("inbox", "Last 24 hours"),
        ReportPeriod.WEEK: translate("inbox", "Last 7 days"),
        ReportPeriod.MONTH: translate("inbox", "Last 30 days"),
    }[period]
