"""Small buttons that show only an icon, and the actions on rows of a list."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton

from desktop.ui.formatting import translate
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


def row_action(parent: QObject, icon_name: str, text: str, *keys: str) -> QAction:
    """Make an action whose keys work in the list that gets it; the tooltip names the first."""
    action = QAction(icon(icon_name), text, parent)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    name_row_action(action, text)
    return action


def name_row_action(action: QAction, text: str) -> None:
    """Give an action its text, and a tooltip with its key."""
    name, key = text.rstrip("…"), action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setText(text)
    action.setToolTip(translate("buttons", "{0} ({1})").format(name, key) if key else name)
