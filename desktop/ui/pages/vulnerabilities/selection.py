"""What is selected stays selected by its id, wherever a newer answer puts it.

A selection too large for that stays where it is.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, Signal

from desktop.ui.pages.vulnerabilities.list_view import MOST_ROWS, ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import PAGE

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
