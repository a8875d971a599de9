"""Both ways to look at a team: the machines with the programs of one, and the programs with the machines of one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from backend.contract.exposure import Machine
from backend.contract.machine_exposure import MachineExposure
from backend.contract.team import CommonProgram, CommonProgramPage, ProgramMachines
from desktop.ui.formatting import number, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.pcs.tables import (
    ListTable,
    MachineNames,
    holder_columns,
    installed_columns,
    machine_columns,
    program_columns,
)
from desktop.ui.pages.pcs.words import left_out, machine_names, spread, worst_first
from desktop.ui.theme.apply import sized, text_width
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.text import Muted

_BESIDE_FROM = 110
"""Width of the page in digits from which the lists are side by side."""
_WHOLE = 10_000
"""More pixels than there are: Qt keeps the proportion of sizes."""
_HALF, _LESS, _MORE = _WHOLE // 2, _WHOLE * 2 // 5, _WHOLE * 3 // 5


class _Pair(QSplitter):
    """A list, and beside it what belongs to the chosen row.

    Args:
        shares: Of the width that each list has where they are side by side; the programs need more than the machines.
    """

    chosen = Signal(object)
    """The record that is chosen."""
    machine_opened = Signal(str)
    """The id of a machine."""

    def __init__(
        self, memory: Memory, names: tuple[str, str], titles: tuple[str, str], shares: tuple[int, int]
    ) -> None:
        super().__init__()
        self._shares = shares
        self.left, self.right = (ListTable(memory, *named) for named in zip(names, titles, strict=True))
        heading, self.title, self.remark, self.left_remark = QLabel(titles[0]), QLabel(), Muted(), Muted()
        for label in (heading, self.title):
            label.setFont(sized(self.font(), Size.NORMAL, bold=True))
        self.title.setWordWrap(True)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(Space.M)
        for parts in ((heading, self.left, self.left_remark), (self.title, self.right, self.remark)):
            self.addWidget(_column(parts))
        self.setSizes(shares)
        for remark in (self.remark, self.left_remark):
            remark.setVisible(False)

    def arrange(self, width: int) -> None:
        """Put the second list beside the first one, or below it where the page is narrow. width: of the page."""
        is_wide = width >= text_width(self.font(), _BESIDE_FROM)
        wanted = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if self.orientation() is not wanted:
            self.setOrientation(wanted)
            self.setSizes(self._shares if is_wide else (_HALF, _HALF))

    def _say(self, remark: Muted, words: str) -> None:
        remark.setText(words)
        remark.setVisible(bool(words))


class MachinesPair(_Pair):
    """The machines, the worst first, and the programs of the chosen one."""

    def __init__(self, memory: Memory) -> None:
        titles = translate("pcs", "PCs"), translate("pcs", "Programs of the PC")
        super().__init__(memory, ("machines", "installed"), titles, (_LESS, _MORE))
        self._names, left, right = MachineNames(), self.left, self.right
        self.machines = left.fill(memory, machine_columns(self._names, left.font()), lambda item: item.id)
        self.programs = right.fill(memory, installed_columns(right.font()), lambda item: item.id)
        left.selectionModel().currentRowChanged.connect(self._row_changed)
        left.opened.connect(self._open)
        right.opened.connect(lambda _: self._open(self.left.currentIndex()))

    @property
    def machine(self) -> Machine | None:
        row = self.left.currentIndex().row()
        return self.machines.records[row] if 0 <= row < len(self.machines.records) else None

    def show_machines(self, machines: Sequence[Machine], own: str) -> None:
        """Show the machines; the chosen one stays chosen. own: the id of this PC."""
        self._names.by_id = machine_names(machines, own)
        self.machines.replace(worst_first(machines))
        if machines and self.machine is None:
            self.left.choose(0)

    def show_programs(self, found: MachineExposure) -> None:
        if self.machine is not None and found.machine.id == self.machine.id:
            self.title.setText(self._names.of(found.machine))
            self.programs.replace(found.programs)

    def _row_changed(self, _now: QModelIndex, _before: QModelIndex) -> None:
        if (machine := self.machine) is not None:
            self.chosen.emit(machine)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.machine_opened.emit(self.machines.records[index.row()].id)


class ProgramsPair(_Pair):
    """The programs of all machines, the worst first, and the machines that have the chosen one."""

    def __init__(self, memory: Memory) -> None:
        titles = translate("pcs", "Programs of all PCs"), translate("pcs", "PCs that have the program")
        super().__init__(memory, ("programs", "holders"), titles, (_MORE, _LESS))
        left, right = self.left, self.right
        self.programs = left.fill(memory, program_columns(left.font()), lambda item: item.id)
        self.machines = right.fill(memory, holder_columns(), lambda item: item.id)
        left.selectionModel().currentRowChanged.connect(self._row_changed)
        right.opened.connect(self._open)

    @property
    def program(self) -> CommonProgram | None:
        row = self.left.currentIndex().row()
        return self.programs.records[row] if 0 <= row < len(self.programs.records) else None

    def show_programs(self, found: CommonProgramPage) -> None:
        """Show the first page of what was found; the chosen program stays chosen."""
        self.programs.replace(found.items)
        missing = found.total - len(found.items)
        words = self.tr("{0} more are not listed. Search for a part of the name.")
        self._say(self.left_remark, words.format(number(missing)) if missing > 0 else "")
        if not found.items:
            self.title.setText("")
            self.machines.replace(())
        elif self.program is None:
            self.left.choose(0)

    def show_machines(self, program: CommonProgram, found: ProgramMachines) -> None:
        if self.program is not None and self.program.id == program.id:
            self.title.setText(spread(self.program))
            self.machines.replace(found.items)
            self._say(self.remark, left_out(found))

    def _row_changed(self, _now: QModelIndex, _before: QModelIndex) -> None:
        if (program := self.program) is not None:
            self.chosen.emit(program)

    def _open(self, index: QModelIndex) -> None:
        self.machine_opened.emit(self.machines.records[index.row()].id)


def _column(parts: Sequence[QWidget]) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.S)
    for part in parts:
        layout.addWidget(part, 1 if isinstance(part, ListTable) else 0)
    return column
