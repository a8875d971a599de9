"""The selection of the list and the actions on it.

Selected rows are remembered by ID, so that they stay selected where newer results move them. A selection of too many
rows for that stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication

from desktop.ui.pages.vulnerabilities.copying import TableForm, table_text
from desktop.ui.pages.vulnerabilities.export.files import Format
from desktop.ui.pages.vulnerabilities.export.records import (
    AllResults,
    ChosenRows,
    ExportScope,
    SelectedIds,
    SelectedRows,
)
from desktop.ui.pages.vulnerabilities.list_view import MAX_ROWS, ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.record.links import record_link
from desktop.ui.pages.vulnerabilities.rows import PAGE, Query
from desktop.ui.theme.icons import icon

_FLAG = QItemSelectionModel.SelectionFlag


class Selection(QObject):
    chosen = Signal(str)
    """The ID of the row that the user went to; empty: no row is selected any more."""

    def __init__(self, view: ListView, model: VulnerabilityModel) -> None:
        super().__init__(view)
        self._view, self._model, self._selection = view, model, view.selectionModel()
        self._ids: frozenset[str] = frozenset()
        self._current, self._restoring, self._wants_first = "", False, False
        self._selection.selectionChanged.connect(self._remember_ids)
        self._selection.currentRowChanged.connect(self._row_entered)
        model.replaced.connect(self._restore)
        model.modelReset.connect(self._restore_all)

    @property
    def current(self) -> str:
        """The ID of the current row; empty: none."""
        return self._current

    def go_to_first(self) -> None:
        """Select the first row of the next results."""
        self._wants_first = True

    def _remember_ids(self) -> None:
        if self._restoring:
            return
        numbers = self._view.selected_rows()
        known = numbers if len(numbers) < MAX_ROWS else []
        self._ids = frozenset(row.cve_id for number in known if (row := self._model.row(number)))

    def _row_entered(self, current: QModelIndex) -> None:
        if self._restoring or not current.isValid():
            return
        row = self._model.row(current.row())
        self._current = row.cve_id if row else ""
        if row:
            self.chosen.emit(row.cve_id)

    def _restore_all(self) -> None:
        """After new results: what is no longer among the first rows is no longer selected."""
        wants_first, self._wants_first = self._wants_first and self._model.rowCount() > 0, False
        if wants_first:
            self._current = ""
            self._view.selectRow(0)
            return
        self._restore(0, min(PAGE, self._model.rowCount()) - 1)
        if self._current and not self._selection.currentIndex().isValid():
            self._current = ""
            self.chosen.emit("")

    def _restore(self, first: int, last: int) -> None:
        self._restoring = True
        for number in range(first, last + 1):
            self._restore_row(number)
        row_number = self._model.number_of(self._current, range(first, last + 1)) if self._current else None
        if row_number is not None:
            self._selection.setCurrentIndex(self._model.index(row_number, 0), _FLAG.NoUpdate)
        self._restoring = False
        if not self._current and first <= self._selection.currentIndex().row() <= last:
            self._row_entered(self._selection.currentIndex())  # the row was selected before it was loaded

    def _restore_row(self, number: int) -> None:
        row = self._model.row(number)
        wanted = row is not None and row.cve_id in self._ids
        if self._ids and wanted is not self._selection.isRowSelected(number):
            how = _FLAG.Select if wanted else _FLAG.Deselect
            self._selection.select(self._model.index(number, 0), how | _FLAG.Rows)


class RowActions(QObject):
    export_wanted = Signal(bool, str)
    """Whether to export all results rather than the selection; and the Format."""
    copy_wanted = Signal(str)
    """The TableForm in which to copy all results."""

    def __init__(self, view: ListView, model: VulnerabilityModel, decisions: Sequence[QAction]) -> None:
        super().__init__(view)
        self._view, self._model, self._decisions = view, model, decisions
        self._copy_id = self._action("content-copy", self.tr("Copy ID"))
        self._copy_link = self._action("link", self.tr("Copy link"))
        self._open = self._action("open-in-new", self.tr("Open in browser"))
        self._copy_markdown = self._action("language-markdown-outline", self.tr("Copy as Markdown"))
        self._copy_markdown.triggered.connect(self._copy_selected)
        self._copy_id.triggered.connect(lambda: _copy(self.ids()))
        self._copy_link.triggered.connect(lambda: _copy([record_link(cve_id) for cve_id in self.ids()]))
        self._open.triggered.connect(self._open_record)
        self.exports = [
            self._export(self.tr("Selected rows as CSV"), Format.CSV, everything=False),
            self._export(self.tr("Selected rows as JSON"), Format.JSON, everything=False),
            self._export(self.tr("All results as CSV"), Format.CSV, everything=True),
            self._export(self.tr("All results as JSON"), Format.JSON, everything=True),
        ]
        self.copies = [
            self._copy_all("table", self.tr("Copy all results as a table"), TableForm.TEXT),
            self._copy_all("language-markdown-outline", self.tr("Copy all results as Markdown"), TableForm.MARKDOWN),
        ]
        of_rows = (self._copy_markdown, self._copy_id, self._copy_link, self._open)
        view.set_row_actions([*decisions, *of_rows, *self.exports[:2]])
        view.addActions(list(decisions))
        view.selectionModel().selectionChanged.connect(self._enable)
        model.modelReset.connect(self._enable)
        self._enable()

    def ids(self) -> list[str]:
        """IDs of the selected rows that are loaded."""
        return [row.cve_id for number in self._view.selected_rows() if (row := self._model.row(number))]

    def scope(self, query: Query, *, everything: bool, counted: bool) -> ExportScope:
        """Return what to export: by IDs where they are known, since an update may move rows meanwhile.

        Args:
            query: the query whose results are shown.
            everything: export all results rather than the selection.
            counted: the number of rows is the number of results.
        """
        chosen = self.chosen(query)
        if everything or (counted and chosen.count == self._model.rowCount()):
            return AllResults(query, self._model.rowCount() if counted else None)
        return chosen

    def chosen(self, query: Query) -> ChosenRows:
        """Return the selected rows of the query whose results are shown."""
        ids, rows = self.ids(), SelectedRows(query, self._view.selected_ranges())
        return SelectedIds(tuple(ids)) if len(ids) == rows.count else rows

    def _open_record(self) -> None:
        for cve_id in self.ids()[:1]:
            QDesktopServices.openUrl(QUrl(record_link(cve_id)))

    def _enable(self) -> None:
        selected = bool(self._view.selected_ranges())
        for action in (self._copy_markdown, self._copy_id, self._copy_link, self._open, *self.exports[:2]):
            action.setEnabled(selected)
        few = selected and sum(map(len, self._view.selected_ranges())) <= MAX_ROWS
        for action in self._decisions:
            action.setEnabled(few)
        for action in self.exports[2:]:
            action.setEnabled(self._model.rowCount() > 0)
        for action in self.copies:
            action.setEnabled(0 < self._model.rowCount() <= MAX_ROWS)

    def _copy_selected(self) -> None:
        rows = filter(None, map(self._model.row, self._view.selected_rows()))
        _copy([table_text(list(rows), self._view.shown_columns, TableForm.MARKDOWN)])

    def _action(self, icon_name: str, text: str) -> QAction:
        return QAction(icon(icon_name), text, self)

    def _copy_all(self, icon_name: str, text: str, form: TableForm) -> QAction:
        action = self._action(icon_name, text)
        action.triggered.connect(lambda: self.copy_wanted.emit(form))
        return action

    def _export(self, text: str, kind: Format, *, everything: bool) -> QAction:
        action = self._action("file-delimited-outline" if kind is Format.CSV else "code-json", text)
        action.triggered.connect(lambda: self.export_wanted.emit(everything, kind))
        return action


def _copy(lines: list[str]) -> None:
    if lines:
        QGuiApplication.clipboard().setText("\n".join(lines))
