"""The programs of a machine by group: the choice of the group, and its table."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.page_context import Memory
from desktop.ui.pages.this_pc.group_bar import GroupBar
from desktop.ui.pages.this_pc.groups import Group, Grouped
from desktop.ui.pages.this_pc.programs import ProgramTable, affected_table, others_table
from desktop.ui.theme.tokens import Space

_LEAST = 320  # logical pixels


class ProgramList(QWidget):
    """The selected program stays selected."""

    chosen = Signal(object)
    """The ProgramExposure that is selected; None where the group has none."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._groups: Grouped = dict.fromkeys(Group, ())
        self._wanted: int | None = None
        self.bar, self._stack = GroupBar(), QStackedWidget()
        self.setMinimumWidth(_LEAST)
        self.affected, self.others = affected_table(memory), others_table(memory)
        for table in (self.affected, self.others):
            self._stack.addWidget(table)
            table.chosen_program.connect(self._choose)
        self.bar.chosen.connect(self._show_group)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)

    @property
    def group(self) -> Group:
        return self.bar.group

    @property
    def table(self) -> ProgramTable:
        return self.affected if self.group is Group.AFFECTED else self.others

    def show_groups(self, groups: Grouped) -> None:
        self._groups = groups
        self.bar.blockSignals(True)
        self.bar.show_counts({group: len(members) for group, members in groups.items()})
        self.bar.blockSignals(False)
        self._show_group()

    def show_program(self, program: ProgramExposure) -> None:
        """Turn to the group of a program, and select it."""
        self._wanted = program.id
        group = next((group for group, members in self._groups.items() if program in members), self.group)
        if group is self.group:
            self._show_group()
        else:
            self.bar.choose(group)

    def _show_group(self) -> None:
        programs, table = self._groups[self.group], self.table
        self._stack.setCurrentWidget(table)
        table.blockSignals(True)
        table.show_programs(programs, self._wanted)
        table.blockSignals(False)
        self._choose(table.current_program)

    def _choose(self, program: ProgramExposure | None) -> None:
        if program is not None:
            self._wanted = program.id
        self.chosen.emit(program)
