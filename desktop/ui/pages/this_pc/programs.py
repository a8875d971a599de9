"""The tables of programs: those with vulnerabilities, and those of which nothing or little is known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView

from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import number, one_line, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.this_pc.words import reason_words
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.exposure_columns import exploited_column, exploited_digits, worst_column, worst_digits
from desktop.ui.widgets.record_model import RecordColumn, RecordModel
from desktop.ui.widgets.table import RecordTable


class ProgramColumn(IntEnum):
    NAME = 0
    VERSION = 1
    UPDATE_TO = 2
    COUNT = 3
    WORST = 4
    EXPLOITED = 5
    PUBLISHER = 6
    PRODUCT = 7


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


def _column(column: ProgramColumn) -> RecordColumn[ProgramExposure]:
    match column:
        case ProgramColumn.NAME:
            return RecordColumn(translate("this pc", "Program"), lambda program: one_line(program.software.name))
        case ProgramColumn.VERSION:
            return RecordColumn(translate("this pc", "Version"), lambda program: one_line(program.software.version))
        case ProgramColumn.UPDATE_TO:
            hint = translate("this pc", "The lowest version without any vulnerability for which one is stated")
            return RecordColumn(
                translate("this pc", "Update to"), lambda program: one_line(program.update_to or ""), hint=hint
            )
        case ProgramColumn.COUNT:
            return RecordColumn(
                translate("this pc", "Known"),
                lambda program: number(program.affected),
                tooltip=_count_tip,
                is_number=True,
                hint=translate("this pc", "Known vulnerabilities of the installed version"),
            )
        case ProgramColumn.WORST:
            return worst_column()
        case ProgramColumn.EXPLOITED:
            return exploited_column(lambda program: program.exploited)
        case ProgramColumn.PUBLISHER:
            return RecordColumn(translate("this pc", "Publisher"), lambda program: one_line(program.software.publisher))
        case ProgramColumn.PRODUCT:
            return RecordColumn(translate("this pc", "Product"), reason_words)


def _count_tip(program: ProgramExposure) -> str:
    if not program.cannot_tell:
        return number(program.affected)
    return translate("this pc", "{0} more cannot be determined.").format(number(program.cannot_tell))


class ProgramTable(RecordTable):
    chosen_program = Signal(object)
    """The ProgramExposure that is selected; None where none is."""

    def __init__(self, memory: Memory, name: str, title: str, widths: Mapping[ProgramColumn, int]) -> None:
        super().__init__(memory, name)
        columns = tuple(widths)
        self.rows = RecordModel[ProgramExposure](
            [_column(column) for column in columns], lambda program: program.id, self
        )
        badges = {ProgramColumn.EXPLOITED: exploited_digits, ProgramColumn.WORST: worst_digits}
        fitted = [width or badges[column](self.font()) for column, width in widths.items()]
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
        return self.rows.records[row] if 0 <= row < len(self.rows.records) else None

    def show_programs(self, programs: tuple[ProgramExposure, ...], wanted: int | None) -> None:
        """Show programs, and select the wanted one, by its id; the first one where it is not among them."""
        self.rows.replace(programs)
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
