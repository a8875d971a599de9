"""The four tables of the page: all machines, the programs of one, all programs, the machines that have one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView

from backend.contract.exposure import Machine
from backend.contract.machine_exposure import ProgramExposure
from backend.contract.team import CommonProgram, ProgramMachine
from backend.contract.wire import utc_now
from desktop.ui.formatting import absolute, ago, number, one_line, translate
from desktop.ui.page_context import Memory
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.exposure_columns import exploited_column, exploited_digits, worst_column, worst_digits
from desktop.ui.widgets.record_model import RecordColumn, RecordModel
from desktop.ui.widgets.table import RecordTable

Record = TypeVar("Record")


@dataclass(frozen=True)
class Width(Generic[Record]):
    """A column with its width in digits. is_optional: it is hidden where there is no room."""

    column: RecordColumn[Record]
    digits: int
    is_optional: bool = False


class ListTable(RecordTable):
    """A table of which one row is chosen; the first column takes the room that is left."""

    def __init__(self, memory: Memory, name: str, title: str) -> None:
        super().__init__(memory, f"pcs/{name}")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(title)

    def fill(
        self, memory: Memory, widths: Sequence[Width[Record]], key: Callable[[Record], Hashable]
    ) -> RecordModel[Record]:
        """Give the table its columns, and return the model of its rows."""
        rows = RecordModel[Record]([width.column for width in widths], key, self)
        self.set_model(rows, [width.digits for width in widths])
        optional = [place for place, width in enumerate(widths) if width.is_optional]
        ColumnFit(self, memory, elastic=0, least=14, optional=list(reversed(optional)))
        return rows

    def choose(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), flags)


class MachineNames:
    """What the machines are called, which depends on all of them."""

    def __init__(self) -> None:
        self.by_id: Mapping[str, str] = {}

    def of(self, machine: Machine) -> str:
        return self.by_id.get(machine.id, one_line(machine.name))


def machine_columns(names: MachineNames, font: QFont) -> list[Width[Machine]]:
    return [
        Width(RecordColumn(translate("pcs", "PC"), names.of, tooltip=_machine_tip), 20),
        Width(exploited_column(lambda machine: machine.findings.exploited), exploited_digits(font)),
        Width(_count(translate("pcs", "Known"), lambda machine: machine.findings.affected), 7),
        Width(_count(translate("pcs", "Programs"), lambda machine: machine.programs), 8, is_optional=True),
        Width(_seen(lambda machine: machine.last_seen_at), 14, is_optional=True),
        Width(RecordColumn(translate("pcs", "User"), lambda machine: one_line(machine.user)), 12, is_optional=True),
    ]


def installed_columns(font: QFont) -> list[Width[ProgramExposure]]:
    return [
        Width(RecordColumn(translate("pcs", "Program"), lambda program: one_line(program.software.name)), 20),
        Width(exploited_column(lambda program: program.exploited), exploited_digits(font)),
        Width(RecordColumn(translate("pcs", "Version"), lambda program: one_line(program.software.version)), 10),
        Width(_update_to(), 10, is_optional=True),
        Width(_count(translate("pcs", "Known"), lambda program: program.affected), 7),
    ]


def _update_to() -> RecordColumn[ProgramExposure]:
    return RecordColumn(translate("pcs", "Update to"), lambda program: one_line(program.update_to or ""))


def program_columns(font: QFont) -> list[Width[CommonProgram]]:
    return [
        Width(RecordColumn(translate("pcs", "Program"), lambda program: one_line(program.software.name)), 20),
        Width(exploited_column(lambda program: program.exploited), exploited_digits(font)),
        Width(RecordColumn(translate("pcs", "Version"), lambda program: one_line(program.software.version)), 10),
        Width(_count(translate("pcs", "PCs"), lambda program: program.machines), 6),
        Width(_count(translate("pcs", "Known"), lambda program: program.affected), 7),
        Width(worst_column(), worst_digits(font), is_optional=True),
    ]


def holder_columns() -> list[Width[ProgramMachine]]:
    return [
        Width(RecordColumn(translate("pcs", "PC"), lambda machine: one_line(machine.name), tooltip=_id_of), 20),
        Width(RecordColumn(translate("pcs", "User"), lambda machine: one_line(machine.user)), 12),
        Width(_seen(lambda machine: machine.last_seen_at), 14, is_optional=True),
    ]


def _id_of(machine: ProgramMachine) -> str:
    return one_line(machine.id)


def _machine_tip(machine: Machine) -> str:
    system = f"{machine.os.name} {machine.os.version} {machine.os.build}" if machine.os else ""
    return "\n".join(filter(None, (one_line(machine.id), one_line(system))))


def _count(title: str, count: Callable[[Record], int]) -> RecordColumn[Record]:
    return RecordColumn(title, lambda record: number(count(record)), is_number=True)


def _seen(moment: Callable[[Record], datetime]) -> RecordColumn[Record]:
    return RecordColumn(
        translate("pcs", "Last seen"),
        lambda record: ago(moment(record), utc_now()),
        tooltip=lambda record: absolute(moment(record)),
    )
