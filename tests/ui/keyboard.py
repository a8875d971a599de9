"""A walk through a window by the Tab key."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

_MOST = 300
_SAME_LINE = 0.5
"""Share of the lower one's height by which two controls of one line overlap at least."""


@dataclass(frozen=True)
class Step:
    """One press of Tab. Places are those after it, since it may scroll."""

    origin: QWidget
    target: QWidget
    origin_place: QRect
    target_place: QRect

    @property
    def leads_back(self) -> bool:
        """Whether it leads neither to the right nor down: of a column, down; then to the column beside it."""
        a, b = self.origin_place, self.target_place
        line = min(a.bottom(), b.bottom()) - max(a.top(), b.top())
        if line > _SAME_LINE * min(a.height(), b.height()):
            return b.left() < a.left()
        return b.top() < a.top() and b.left() < a.right()

    def __str__(self) -> str:
        return f"{named(self.origin)} -> {named(self.target)}"


def focusable(page: QWidget) -> list[QWidget]:
    """Return the visible controls that the Tab key has to reach."""
    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        if widget.focusProxy() is None and not widget.objectName().startswith("qt_")
    ]


def walk(window: QWidget, qtbot: QtBot) -> list[Step]:
    """Press Tab until the focus is back where it was."""
    first = focusable(window)[0]
    first.setFocus()
    steps: list[Step] = []
    while (not steps or steps[-1].target is not first) and len(steps) < _MOST:
        origin = QApplication.focusWidget()
        qtbot.keyClick(origin, Qt.Key.Key_Tab)
        target = QApplication.focusWidget()
        assert target is not None, f"the focus is lost after {named(origin)}"
        steps.append(Step(origin, target, _place(origin), _place(target)))
    return steps


def named(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    words = widget.accessibleName() or (text() if callable(text) else "") or widget.toolTip()
    return f"{type(widget).__name__} {words}".strip()


def _place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())
