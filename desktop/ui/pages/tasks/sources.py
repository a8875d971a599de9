"""The table of what a run did with each source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QFrame, QHeaderView

from backend.contract.names import RunState, Source
from backend.contract.tasks import OutcomeState, SourceStage
from desktop.ui.formatting import number, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.tasks.outcome import SourceFacts
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.looks import Look, run_look
from desktop.ui.widgets.table import RecordTable, spoken

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_WIDTHS = (7, 11, 7, 7, 7, 7, 7, 7)


class SourceColumn(IntEnum):
    SOURCE = 0
    STATE = 1
    SEEN = 2
    ADDED = 3
    CHANGED = 4
    UNCHANGED = 5
    WITHDRAWN = 6
    REJECTED = 7


_COUNTS = range(SourceColumn.SEEN, len(SourceColumn))


@dataclass(frozen=True)
class SourceTableRow:
    source: Source
    look: Look
    cells: tuple[str, ...]
    """Texts by column."""


class SourceTable(RecordTable):
    """As high as its rows, so that only the page scrolls."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory, "tasks/sources")
        self._model = _SourceModel(self)
        self.set_model(self._model, _WIDTHS)
        self.setAccessibleName(self.tr("Sources"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(SourceColumn.STATE, QHeaderView.ResizeMode.Stretch)
        for column in _COUNTS:  # as wide as its title at least, in the smallest window too
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def show_facts(self, sources: Mapping[Source, SourceFacts]) -> None:
        """Show the facts by source; hidden if there are none."""
        self._model.show_rows(tuple(_row(source, facts) for source, facts in sources.items()))
        rows = self._model.rowCount() * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows)
        self.setVisible(bool(sources))


class _SourceModel(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: tuple[SourceTableRow, ...] = ()
        self._titles = (
            self.tr("Source"),
            self.tr("State"),
            self.tr("Read"),
            self.tr("Added"),
            self.tr("Changed"),
            self.tr("Unchanged"),
            self.tr("Withdrawn"),
            self.tr("Skipped"),
        )

    def show_rows(self, rows: tuple[SourceTableRow, ...]) -> None:
        """Replace the rows, in place if the sources are the same."""
        if [row.source for row in rows] != [row.source for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        before, self._rows = self._rows, rows
        for place, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(SourceColumn) - 1))

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(SourceColumn)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _COUNTS:
            return _RIGHT
        return self._titles[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(self, index)
        if role == LOOK_ROLE:
            return row.look if column == SourceColumn.STATE else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in _COUNTS else None
        return row.cells[column] if role == Qt.ItemDataRole.DisplayRole else None


def _row(source: Source, facts: SourceFacts) -> SourceTableRow:
    result, look = facts.result, _look(facts)
    counts = (result.seen, result.added, result.changed, result.unchanged, result.withdrawn, result.rejected)
    begun = facts.state != SourceStage.WAITING
    return SourceTableRow(
        source, look, (source.upper(), look.word, *(number(count) if begun else "" for count in counts))
    )


def _look(facts: SourceFacts) -> Look:
    if facts.result.error is not None or facts.state == OutcomeState.DEGRADED:
        return Look("alert", translate("state", "Failed"), Tone.WARNING)
    if facts.trouble:
        return Look("alert", translate("state", "Not answering"), Tone.WARNING)
    if facts.state == SourceStage.WAITING:
        return run_look(RunState.PENDING)
    return run_look(RunState.STARTED if facts.state == SourceStage.RUNNING else RunState.SUCCESS)
