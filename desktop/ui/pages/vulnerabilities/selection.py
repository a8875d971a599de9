"""What is selected stays selected by its id, wherever a newer answer puts it.

A selection too large for that stays where it is.

What can be done with the selected rows: by the list's menu, and by the page's button.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication

from desktop.ui.pages.vulnerabilities.export.files import Format
from desktop.ui.pages.vulnerabilities.export.records import Everything, Picked, Places, Wanted
from desktop.ui.pages.vulnerabilities.list_view import MOST_ROWS, ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import PAGE, Question
from desktop.ui.theme.icons import icon

_FLAG = QItemSelectionModel.SelectionFlag


class Selection(QObject):
    chosen = Signal(str)
    """The id of the row that somebody went to."""

    def __init__(self, view: ListView, model: VulnerabilityModel) -> None:
        super().__init__(view)
        self._view, self._model, self._marks = view, model, view.selectionModel()
        self._ids: frozenset[str] = frozenset()
        self._current, self._restoring = "", False
        self._marks.selectionChanged.connect(self._note)
        self._marks.currentRowChanged.connect(self._go)
        model.replaced.connect(self._restore)
        model.modelReset.connect(lambda: self._restore(0, min(PAGE, model.rowCount()) - 1))

    def _note(self) -> None:
        if self._restoring:
            return
        numbers = self._view.selected_rows()
        known = numbers if len(numbers) < MOST_ROWS else []
        self._ids = frozenset(row.cve_id for number in known if (row := self._model.row(number)))

    def _go(self, current: QModelIndex) -> None:
        if self._restoring or not current.isValid():
            return
        row = self._model.row(current.row())
        self._current = row.cve_id if row else ""
        if row:
            self.chosen.emit(row.cve_id)

    def _restore(self, first: int, last: int) -> None:
        self._restoring = True
        for number in range(first, last + 1):
            self._mark(number)
        place = self._model.number_of(self._current, range(first, last + 1)) if self._current else None
        if place is not None:
            self._marks.setCurrentIndex(self._model.index(place, 0), _FLAG.NoUpdate)
        self._restoring = False
        if not self._current and first <= self._marks.currentIndex().row() <= last:
            self._go(self._marks.currentIndex())  # gone to before it was at hand

    def _mark(self, number: int) -> None:
        row = self._model.row(number)
        wanted = row is not None and row.cve_id in self._ids
        if self._ids and wanted is not self._marks.isRowSelected(number):
            how = _FLAG.Select if wanted else _FLAG.Deselect
            self._marks.select(self._model.index(number, 0), how | _FLAG.Rows)


_CVE_RECORD = "https://www.cve.org/CVERecord?id={0}"
_EUVD_RECORD = "https://euvd.enisa.europa.eu/vulnerability/{0}"


def record_link(cve_id: str) -> str:
    """Where whoever gave out the id tells of it."""
    return (_CVE_RECORD if cve_id.startswith("CVE-") else _EUVD_RECORD).format(cve_id)


class RowActions(QObject):
    export_wanted = Signal(bool, str)
    """Whether all matches are meant rather than the selection; and the Format."""

    def __init__(self, view: ListView, model: VulnerabilityModel) -> None:
        super().__init__(view)
        self._view, self._model = view, model
        self._copy_id = self._action("content-copy", self.tr("Copy ID"))
        self._copy_link = self._action("link", self.tr("Copy link"))
        self._open = self._action("open-in-new", self.tr("Open in browser"))
        self._copy_id.triggered.connect(lambda: _copy(self.ids()))
        self._copy_link.triggered.connect(lambda: _copy([record_link(cve_id) for cve_id in self.ids()]))
        self._open.triggered.connect(self._open_record)
        self.exports = [
            self._export(self.tr("Selected rows as CSV"), Format.CSV, everything=False),
            self._export(self.tr("Selected rows as JSON"), Format.JSON, everything=False),
            self._export(self.tr("All results as CSV"), Format.CSV, everything=True),
            self._export(self.tr("All results as JSON"), Format.JSON, everything=True),
        ]
        view.set_row_actions([self._copy_id, self._copy_link, self._open, *self.exports[:2]])
        view.selectionModel().selectionChanged.connect(self._enable)
        model.modelReset.connect(self._enable)
        self._enable()

    def ids(self) -> list[str]:
        """Of the selected rows that are at hand."""
        return [row.cve_id for number in self._view.selected_rows() if (row := self._model.row(number))]

    def wanted(self, question: Question, *, everything: bool, counted: bool) -> Wanted:
        """What an export is to hold: by ids where they are known, since an update may move rows meanwhile.

        counted: there are as many matches as rows, and no more.
        """
        ids, places = self.ids(), Places(question, self._view.selected_ranges())
        if everything or (counted and places.count == self._model.rowCount()):
            return Everything(question, self._model.rowCount() if counted else None)
        return Picked(tuple(ids)) if len(ids) == places.count else places

    def _open_record(self) -> None:
        for cve_id in self.ids()[:1]:
            QDesktopServices.openUrl(QUrl(record_link(cve_id)))

    def _enable(self) -> None:
        selected = bool(self._view.selected_ranges())
        for action in (self._copy_id, self._copy_link, self._open, *self.exports[:2]):
            action.setEnabled(selected)
        for action in self.exports[2:]:
            action.setEnabled(self._model.rowCount() > 0)

    def _action(self, icon_name: str, text: str) -> QAction:
        return QAction(icon(icon_name), text, self)

    def _export(self, text: str, kind: Format, *, everything: bool) -> QAction:
        action = self._action("file-delimited-outline" if kind is Format.CSV else "code-json", text)
        action.triggered.connect(lambda: self.export_wanted.emit(everything, kind))
        return action


def _copy(lines: list[str]) -> None:
    if lines:
        QGuiApplication.clipboard().setText("\n".join(lines))
