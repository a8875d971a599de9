"""Checks of a window by its widgets: cut-off texts, missing names, horizontal scrolling, untranslated texts."""

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
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTableView,
    QWidget,
)

from desktop.assets import asset
from desktop.ui.widgets.badge import Badge

LEFT, RIGHT = "⟦", "⟧"
_WORDS = re.compile(r"[^\W\d_]{3,}")
_INNERMOST = re.compile(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}")
_CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QPlainTextEdit)


class Bracketing(QTranslator):
    """Puts every translated text between brackets."""

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


class Lengthening(QTranslator):
    """A language whose texts are longer than the English ones by `MORE`, word by word."""

    MORE = 0.4
    _PARTS = re.compile(r"(\{\w*\}|%L?n|%\d|<[^>]*>|&\w+;)|([^\W\d_]+)")
    """What stays as it is; and words."""

    def __init__(self) -> None:
        super().__init__()
        self._english = QTranslator(self)  # for the plurals
        assert self._english.load("openthreat_en", str(asset("translations")))

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str:
        return self.longer(self._english.translate(context, sourceText, disambiguation, n) or sourceText)

    def longer(self, text: str) -> str:
        """Lengthen each word so that the text up to its end is longer by `MORE`."""
        letters = added = 0

        def lengthen(part: re.Match[str]) -> str:
            nonlocal letters, added
            if part[2] is None:
                return part[0]
            letters += len(part[2])
            more = round(letters * self.MORE) - added
            added += more
            return part[2] + "ö" * more

        return self._PARTS.sub(lengthen, text)


def visible(window: QWidget) -> Iterator[QWidget]:
    """Yield the widgets that are visible or can be scrolled to."""
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and not widget.objectName().startswith("qt_"):
            yield widget


def clipped(window: QWidget) -> list[str]:
    """Find texts that have less room than they need: height, and width unless they wrap."""
    return [f"{_named(widget)}: {reason}" for widget in visible(window) if (reason := _shortage(widget))]


def _shortage(widget: QWidget) -> str:
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
    """Find controls without a name for screen readers."""
    return [
        _named(widget) for widget in visible(window) if isinstance(widget, _CONTROLS) and not _accessible_name(widget)
    ]


def _accessible_name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    buddies = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    hint = widget.placeholderText() if isinstance(widget, QLineEdit) else ""
    inner = isinstance(widget.parentWidget(), QLineEdit | QComboBox | QAbstractSpinBox | QAbstractItemView)
    return widget.accessibleName() or text or widget.toolTip() or hint or ("inner" if inner or buddies else "")


def untranslated(window: QWidget, data: str) -> list[str]:
    """Find texts with words that were not translated.

    Args:
        window: its texts are checked.
        data: everything that the window got to show, which need not be translated.
    """
    found = []
    for widget in visible(window):
        for text in _texts(widget):
            rest = text
            while (less := _INNERMOST.sub("", rest)) != rest:
                rest = less
            untranslated_words = [word for word in _WORDS.findall(rest) if word.casefold() not in data]
            if untranslated_words:
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
    """Find areas that scroll horizontally."""
    areas = [widget for widget in visible(window) if isinstance(widget, QScrollArea | QTableView)]
    return [_named(area) for area in areas if area.horizontalScrollBar().maximum() > 0]


def scrolls_whole(window: QMainWindow) -> bool:
    """Whether the window scrolls as a whole, which it should not at its least size."""
    area = window.centralWidget()
    return isinstance(area, QScrollArea) and area.verticalScrollBar().maximum() > 0


def _named(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    parents: list[str] = []
    above = widget.parentWidget()
    while above is not None and len(parents) < 4:
        parents.append(type(above).__name__)
        above = above.parentWidget()
    return f"{type(widget).__name__} {text[:60]!r} in {' < '.join(parents)}"


def install(translator: QTranslator) -> None:
    QCoreApplication.installTranslator(translator)


def remove(translator: QTranslator) -> None:
    QCoreApplication.removeTranslator(translator)
