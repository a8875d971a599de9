"""The choice of the group of programs to list: a button for each, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from desktop.ui.formatting import number
from desktop.ui.pages.this_pc.groups import Group, group_title, group_words
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import FlowLayout


class GroupBar(QWidget):
    """Only groups with programs have a button, and the first one always. Tab leads to the chosen one, arrows go on."""

    chosen = Signal()
    """Another group is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.group = Group.AFFECTED
        self._exclusive = QButtonGroup(self)
        self.setAccessibleName(self.tr("Groups of programs"))
        flow = FlowLayout(self)
        flow.setSpacing(Space.XS)
        self.buttons = {group: self._button(group) for group in Group}
        for button in self.buttons.values():
            flow.addWidget(button)
        self.buttons[self.group].setChecked(True)

    @property
    def shown(self) -> tuple[Group, ...]:
        """The groups that can be chosen."""
        return tuple(group for group, button in self.buttons.items() if not button.isHidden())

    def show_counts(self, counts: Mapping[Group, int]) -> None:
        """Show how many programs the groups have. If the chosen one has none any more, the first one is chosen."""
        for group, button in self.buttons.items():
            button.setText(f"{group_title(group)} ({number(counts[group])})")
            button.setVisible(bool(counts[group]) or group is Group.AFFECTED)
        if self.group not in self.shown:
            self.choose(Group.AFFECTED)

    def choose(self, group: Group) -> None:
        self.buttons[group].setChecked(True)

    def _button(self, group: Group) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(group_words(group))
        button.toggled.connect(lambda on: self._toggled(group) if on else None)
        self._exclusive.addButton(button)
        return button

    def _toggled(self, group: Group) -> None:
        if group is not self.group:
            self.group = group
            self.chosen.emit()
