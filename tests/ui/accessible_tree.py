"""What a screen reader gets of a window: the tree of accessible objects."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractItemView, QWidget

_ROLES = QAccessible.Role
CONTROLS = {
    _ROLES.Button,
    _ROLES.ButtonDropDown,
    _ROLES.ButtonMenu,
    _ROLES.CheckBox,
    _ROLES.ComboBox,
    _ROLES.EditableText,
    _ROLES.Link,
    _ROLES.List,
    _ROLES.ListItem,
    _ROLES.PageTab,
    _ROLES.PageTabList,
    _ROLES.ProgressBar,
    _ROLES.RadioButton,
    _ROLES.Slider,
    _ROLES.SpinBox,
    _ROLES.Table,
    _ROLES.Tree,
}


def unnamed(window: QWidget) -> list[str]:
    """Return the controls without a name, each with its role and the widgets above it."""
    return [
        described(found)
        for found in _below(interface_of(window))
        if found.role() in CONTROLS and not found.text(QAccessible.Text.Name).strip()
    ]


def interface_of(widget: QWidget) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


def described(found: QAccessibleInterface) -> str:
    above, names = found.parent(), list[str]()
    while above is not None and len(names) < 3:
        names.append(type(above.object()).__name__)
        above = above.parent()
    return f"{found.role().name} {type(found.object()).__name__} in {' < '.join(names)}"


def _below(found: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Yield what is visible; of cells of tables, none: there are too many, and tests of their own."""
    yield found
    if isinstance(found.object(), QAbstractItemView):
        return
    for number in range(found.childCount()):
        child = found.child(number)
        if child is not None and child.isValid() and not child.state().invisible:
            yield from _below(child)
