"""What a window shows, in words and places: for `openthreat status`, and for tests that see and click as people do."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QListWidget,
    QProgressBar,
    QTableView,
    QWidget,
)

from desktop.ui.formatting import one_line

_MAX_TEXTS, _MAX_TEXT_LENGTH, _MAX_ROWS = 150, 200, 30  # the answer to another program has a size limit


def report_of(window: QWidget) -> dict[str, JsonValue]:
    """Return what is visible in a window.

    Returns:
        texts: Of labels and rows.
        bars: Progress bars in percent, without those of unknown length.
        focus: The name of the control that gets the keys.
        corner: The upper right corner of the window, without its frame, on the screen.
        places: The middle of each button that can be clicked and of each entry of the navigation, on the screen.
    """
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible() and label.text()]
    rows = [text for view in window.findChildren(QAbstractItemView) for text in _rows(view)]
    bars = [bar for bar in window.findChildren(QProgressBar) if bar.isVisible() and bar.maximum()]
    focus, corner = QApplication.focusWidget(), window.mapToGlobal(window.rect().topRight())
    return {
        "texts": [one_line(text, _MAX_TEXT_LENGTH) for text in (*labels, *rows)[:_MAX_TEXTS]],
        "bars": [round(100 * bar.value() / bar.maximum()) for bar in bars],
        "focus": _name(focus) if focus else "",
        "corner": [corner.x(), corner.y()],
        "places": {name: [x, y] for name, x, y in _places(window)},
    }


def _rows(view: QAbstractItemView) -> Iterator[str]:
    """Yield the first rows of a visible list or table; lists of pages are no content."""
    model = view.model()
    if not view.isVisible() or model is None or isinstance(view, QListWidget):
        return
    columns = model.columnCount() if isinstance(view, QTableView) else 1
    for row in range(min(model.rowCount(), _MAX_ROWS)):
        cells = (model.index(row, column).data() for column in range(columns))
        yield " ".join(str(cell) for cell in cells if cell)


def _places(window: QWidget) -> Iterator[tuple[str, int, int]]:
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and button.isEnabled() and (name := _name(button)):
            middle = button.mapToGlobal(button.rect().center())
            yield name, middle.x(), middle.y()
    for view in window.findChildren(QListWidget):
        for item in (view.item(row) for row in range(view.count()) if view.isVisible()):
            middle = view.viewport().mapToGlobal(view.visualItemRect(item).center())
            yield item.text(), middle.x(), middle.y()


def _name(widget: QWidget) -> str:
    text = widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""
    return one_line(widget.accessibleName() or text)
