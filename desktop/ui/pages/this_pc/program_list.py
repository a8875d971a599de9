"""The programs of a machine by group: a tab for each group, and its table."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QToolButton, QVBoxLayout, QWidget

from backend.contract.machine_exposure import ProgramExposure
from desktop.ui.formatting import number
from desktop.ui.page_context import Memory
from desktop.ui.pages.this_pc.groups import Group, Grouped, group_title, group_words
from desktop.ui.pages.this_pc.programs import affected_table, others_table
from desktop.ui.theme.tokens import Space

_LEAST = 320  # logical pixels


class ProgramList(QWidget):
    """Only groups with programs have a tab, and the first one always. The selected program stays selected."""

    chosen = Signal(object)
    """The ProgramExposure that is selected; None where the group has none."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._groups: Grouped = dict.fromkeys(Group, ())
        self._shown: tuple[Group, ...] = ()
        self._wanted: int | None = None
        self.bar, self._stack = QTabBar(), QStackedWidget()
        self.setMinimumWidth(_LEAST)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setAccessibleName(self.tr("Groups of programs"))
        for arrow in self.bar.findChildren(QToolButton):  # the arrow keys move between tabs
            arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.affected, self.others = affected_table(memory), others_table(memory)
        for table in (self.affected, self.others):
            self._stack.addWidget(table)
            table.chosen_program.connect(self._choose)
        self.bar.currentChanged.connect(lambda _: self._show_group())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)

    @property
    def group(self) -> Group:
        index = self.bar.currentIndex()
        return self._shown[index] if 0 <= index < len(self._shown) else Group.AFFECTED

    @property
    def table(self) -> QWidget:
        return self.affected if self.group is Group.AFFECTED else self.others

    def show_groups(self, groups: Grouped) -> None:
        before = self.group
        self._groups = groups
        self._show_tabs(before)
        self._show_group()

    def show_program(self, program: ProgramExposure) -> None:
        """Turn to the group of a program, and select it."""
        self._wanted = program.id
        group = next((group for group, members in self._groups.items() if program in members), self.group)
        if group in self._shown:
            self.bar.setCurrentIndex(self._shown.index(group))
            self._show_group()

    def _show_tabs(self, before: Group) -> None:
        shown = tuple(group for group in Group if self._groups[group] or group is Group.AFFECTED)
        self.bar.blockSignals(True)
        if shown != self._shown:
            while self.bar.count():
                self.bar.removeTab(0)
            for group in shown:
                self.bar.setTabToolTip(self.bar.addTab(""), group_words(group))
            self._shown = shown
            self.bar.setCurrentIndex(shown.index(before) if before in shown else 0)
        for index, group in enumerate(shown):
            self.bar.setTabText(index, f"{group_title(group)} ({number(len(self._groups[group]))})")
        self.bar.blockSignals(False)

    def _show_group(self) -> None:
        programs = self._groups[self.group]
        table = self.affected if self.group is Group.AFFECTED else self.others
        self._stack.setCurrentWidget(table)
        table.blockSignals(True)
        table.show_programs(programs, self._wanted)
        table.blockSignals(False)
        self._choose(table.current_program)

    def _choose(self, program: ProgramExposure | None) -> None:
        if program is not None:
            self._wanted = program.id
        self.chosen.emit(program)
