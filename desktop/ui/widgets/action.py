"""The button of an action that a menu offers too: both always say and allow the same."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget


class ActionButton(QPushButton):
    """parent: what it is shown in; without one it would be a window of its own for a moment."""

    def __init__(self, action: QAction, parent: QWidget) -> None:
        super().__init__(action.icon(), action.text(), parent)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
        self.setVisible(self._action.isVisible())
