"""What can be found wrong with any window by looking at all of its widgets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTableView,
    QWidget,
)

from desktop.ui.widgets.badge import Badge

LEFT, RIGHT = "⟦", "⟧"
_WORDS = re.compile(r"[^\W\d_]{3,}")
_INNERMOST = re.compile(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}")
_CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QPlainTextEdit)


class Bracketing(QTranslator):
    """Every text that went through translation is between brackets."""

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str:
        return f"{LEFT}{sourceText}{RIGHT}"


def visible(window: QWidget) -> Iterator[QWidget]:
    """Those that can be seen, or scrolled to."""
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and not widget.objectName().startswith("qt_"):
            yield widget


def clipped(window: QWidget) -> list[str]:
    """Texts that have less room than they need. Labels that wrap need their height, all others their width too."""
    return [f"{_named(widget)}: {reason}" for widget in visible(window) if (reason := _lacks(widget))]


def _lacks(widget: QWidget) -> str:
    if not isinstance(widget, QLabel | QPushButton | QCheckBox | QRadioButton | Badge) or not widget.width():
        return ""
    wraps = isinstance(widget, QLabel) and widget.wordWrap()
    least = widget.minimumSizeHint()
    high = widget.heightForWidth(widget.width()) if wraps else least.height()
    if widget.height() + 1 < high:
        return f"{widget.height()} of {high} high"
    if not wraps and widget.width() + 1 < least.width():
        return f"{widget.width()} of {least.width()} wide"
    return ""


def nameless(window: QWidget) -> list[str]:
    """Controls of which a screen reader could say nothing."""
    return [_named(widget) for widget in visible(window) if isinstance(widget, _CONTROLS) and not _says(widget)]


def _says(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    buddies = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    hint = widget.placeholderText() if isinstance(widget, QLineEdit) else ""
    inner = isinstance(widget.parentWidget(), QLineEdit | QComboBox | QAbstractSpinBox | QAbstractItemView)
    return widget.accessibleName() or text or widget.toolTip() or hint or ("inner" if inner or buddies else "")


def untranslated(window: QWidget, data: str) -> list[str]:
    """Texts with words of ours that did not go through translation. data: all that the program was given, as text."""
    found = []
    for widget in visible(window):
        for text in _texts(widget):
            rest = text
            while (less := _INNERMOST.sub("", rest)) != rest:
                rest = less
            strange = [word for word in _WORDS.findall(rest) if word.casefold() not in data]
            if strange:
                found.append(f"{_named(widget)}: {text[:80]!r}")
    return found


def _texts(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(number) for number in range(widget.count()))
    yield widget.toolTip()


def sideways(window: QWidget) -> list[str]:
    """Areas that a person would have to scroll to the right."""
    areas = [widget for widget in visible(window) if isinstance(widget, QScrollArea | QTableView)]
    return [_named(area) for area in areas if area.horizontalScrollBar().maximum() > 0]


def _named(widget: QWidget) -> str:
    said = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    parents = []
    above = widget.parentWidget()
    while above is not None and len(parents) < 4:
        parents.append(type(above).__name__)
        above = above.parentWidget()
    return f"{type(widget).__name__} {said[:60]!r} in {' < '.join(parents)}"


def install(translator: QTranslator) -> None:
    QCoreApplication.installTranslator(translator)


def remove(translator: QTranslator) -> None:
    QCoreApplication.removeTranslator(translator)
