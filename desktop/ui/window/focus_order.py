"""The order in which the Tab key leads through a window: that of the layouts, as the eye goes.

Qt's own order is that in which widgets were created, so that a button made later would come last.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLayout, QScrollArea, QSplitter, QStackedWidget, QWidget


def follow_layout(content: QWidget) -> None:
    """Put the controls that are in the layouts of a window's content now into the order of these."""
    for before, after in pairwise(focusable(content)):
        QWidget.setTabOrder(before, after)


def focus_place(content: QWidget) -> int | None:
    """Return which of the controls has the focus, counted in the order of the layouts; None if none of them has."""
    focused = content.window().focusWidget()
    return next((place for place, control in enumerate(focusable(content)) if control is focused), None)


def restore_focus(content: QWidget, place: int | None) -> None:
    """Give the focus to the control at the same place of content that was made anew, once that is laid out."""
    control = next(islice(focusable(content), place, None), None) if place is not None else None
    if control is not None:
        QTimer.singleShot(0, content, lambda: _focus(control))


def _focus(control: QWidget) -> None:
    """Give the focus to a control, and scroll to it."""
    control.setFocus(Qt.FocusReason.OtherFocusReason)
    above = control.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(control)
        above = above.parentWidget()


def focusable(widget: QWidget) -> Iterator[QWidget]:
    """Yield what the Tab key stops at, in the order of the layouts."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    for inner in _inside(widget):
        yield from focusable(inner)


def _inside(widget: QWidget) -> Iterator[QWidget]:
    """Yield the widgets directly inside another; of a stack of pages only the one that is shown."""
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        yield from (inner,) if inner is not None else ()
    elif isinstance(widget, QStackedWidget):
        shown = widget.currentWidget()
        yield from (shown,) if shown is not None else ()
    elif isinstance(widget, QSplitter):
        yield from filter(None, map(widget.widget, range(widget.count())))
    elif (layout := widget.layout()) is not None:
        yield from _of_layout(layout)


def _of_layout(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None:
            yield from _of_layout(inner)
