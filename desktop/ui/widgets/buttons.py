"""Small buttons that show only an icon."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton

from desktop.ui.theme.icons import icon


def icon_button(icon_name: str, name: str) -> QToolButton:
    """Make a button. name: for its tooltip and for screen readers."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAutoRaise(True)
    button.setToolTip(name)
    button.setAccessibleName(name)
    return button


def action_button(action: QAction) -> QToolButton:
    """Make a button with the icon of an action; its name is the action's text."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
