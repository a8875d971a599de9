"""The tables of programs: those with vulnerabilities, and those of which nothing or little is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView

from backend.contract.machine_exposure import ProgramExposure
from backend.contract.names import Severity
from desktop.ui.formatting import number, one_line, tip, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.this_pc.words import reason_words
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.badge import LOOK_ROLE, badge_characters
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.looks import Look, severity_look
from desktop.ui.widgets.table import RecordTable, spoken

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ProgramColumn(IntEnum):
    NAME = 0
    VERSION = 1
    UPDATE_TO = 2
    COUNT = 3
    WORST = 4
    EXPLOITED = 5
    PUBLISHER = 6
    PRODUCT = 7


_NUMBERS = (ProgramColumn.COUNT,)
_MANY = 99  # exploited vulnerabilities of one program that have room
_AFFECTED = {
    ProgramColumn.NAME: 24,
    ProgramColumn.EXPLOITED: 0,
    ProgramColumn.VERSION: 10,
    ProgramColumn.UPDATE_TO: 10,
    ProgramColumn.COUNT: 6,
    ProgramColumn.WORST: 0,
}
_OTHERS = {
    ProgramColumn.NAME: 24,
    ProgramColumn.VERSION: 14,
    ProgramColumn.PUBLISHER: 20,
    ProgramColumn.PRODUCT: 34,
}
"""Widths in digits, in the order of the columns; 0 where the badges decide."""


class ProgramModel(QAbstractTableModel):
    def __init__(self, columns: Sequence[ProgramColumn], parent: QObject) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self.programs: tuple[ProgramExposure, ...] = ()
        self._titles = {
            ProgramColumn.NAME: self.tr("Program"),
            ProgramColumn.VERSION: self.tr("Version"),
            ProgramColumn.UPDATE_TO: self.tr("Update to"),
            ProgramColumn.COUNT: self.tr("Known"),
            ProgramColumn.WORST: self.tr("Worst"),
            ProgramColumn.EXPLOITED: self.tr("Exploited"),
            ProgramColumn.PUBLISHER: self.tr("Publisher"),
            ProgramColumn.PRODUCT: self.tr("Product"),
        }

    def show_programs(self, programs: tuple[ProgramExposure, ...]) -> None:
        """Replace the rows; those that are the same programs keep their places, and so does the selection."""
        before, self_ids = [program.id for program in self.programs], [program.id for program in programs]
        if before == self_ids:
            self.programs = programs
            if programs:
                self.dataChanged.emit(self.index(0, 0), self.index(len(programs) - 1, len(self._columns) - 1))
            return
        self.beginResetModel()
        self.programs = programs
        self.endResetModel()

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.programs)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._titles[self._columns[section]]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        program, column = self.programs[index.row()], self._columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(program, column)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(_tooltip(program, column))
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(self, index)
            case Qt.ItemDataRole.TextAlignmentRole if column in _NUMBERS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return _look(program, column) if role == LOOK_ROLE else None


def _text(program: ProgramExposure, column: ProgramColumn) -> str:
    software = program.software
    match column:
        case ProgramColumn.NAME:
            return one_line(software.name)
        case ProgramColumn.VERSION:
            return one_line(software.version)
        case ProgramColumn.UPDATE_TO:
            return one_line(program.update_to or "")
        case ProgramColumn.COUNT:
            return number(program.affected)
        case ProgramColumn.WORST:
            return severity_look(program.worst).word if program.affected else ""
        case ProgramColumn.EXPLOITED:
            return _exploited_look(program.exploited).word if program.exploited else ""
        case ProgramColumn.PUBLISHER:
            return one_line(software.publisher)
        case ProgramColumn.PRODUCT:
            return reason_words(program)


def _exploited_look(count: int) -> Look:
    return Look("fire", translate("this pc", "{0} exploited").format(number(count)), Tone.BAD)


def _look(program: ProgramExposure, column: ProgramColumn) -> Look | None:
    if column is ProgramColumn.EXPLOITED and program.exploited:
        return _exploited_look(program.exploited)
    if column is ProgramColumn.WORST and program.affected and program.worst is not Severity.UNKNOWN:
        return severity_look(program.worst)
    return None


def _tooltip(program: ProgramExposure, column: ProgramColumn) -> str:
    if column is ProgramColumn.COUNT and program.cannot_tell:
        return translate("this pc", "{0} more cannot be determined.").format(number(program.cannot_tell))
    return _text(program, column)


class ProgramTable(RecordTable):
    chosen_program = Signal(object)
    """The ProgramExposure that is selected; None where none is."""

    def __init__(self, memory: Memory, name: str, title: str, widths: Mapping[ProgramColumn, int]) -> None:
        super().__init__(memory, name)
        columns = tuple(widths)
        self.rows = ProgramModel(columns, self)
        badges = {ProgramColumn.EXPLOITED: _exploited_look(_MANY), ProgramColumn.WORST: severity_look(Severity.UNKNOWN)}
        fitted = [width or badge_characters(badges[column], self.font()) for column, width in widths.items()]
        self.set_model(self.rows, fitted)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(title)
        optional = (ProgramColumn.PUBLISHER, ProgramColumn.WORST, ProgramColumn.VERSION, ProgramColumn.COUNT)
        ColumnFit(
            self,
            memory,
            elastic=columns.index(ProgramColumn.NAME),
            least=14,
            optional=[columns.index(column) for column in optional if column in columns],
        )
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    @property
    def current_program(self) -> ProgramExposure | None:
        row = self.currentIndex().row()
        return self.rows.programs[row] if 0 <= row < len(self.rows.programs) else None

    def show_programs(self, programs: tuple[ProgramExposure, ...], wanted: int | None) -> None:
        """Show programs, and select the wanted one, by its id; the first one where it is not among them."""
        self.rows.show_programs(programs)
        place = next((row for row, program in enumerate(programs) if program.id == wanted), 0)
        if programs and self.currentIndex().row() != place:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.rows.index(place, 0), flags)

    def _row_changed(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.chosen_program.emit(self.current_program)


def affected_table(memory: Memory) -> ProgramTable:
    title = translate("this pc", "Programs with known vulnerabilities")
    return ProgramTable(memory, "this-pc/affected", title, _AFFECTED)


def others_table(memory: Memory) -> ProgramTable:
    return ProgramTable(memory, "this-pc/others", translate("this pc", "Other programs"), _OTHERS)
