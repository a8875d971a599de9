"""Records in windows of their own: several at once, each record once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.loader import RecordLoader
from desktop.ui.pages.vulnerabilities.record.pane import RecordPane
from desktop.ui.theme.tokens import Space

_GEOMETRY = "record/geometry"
_FIRST_SIZE, _OFFSET = QSize(760, 720), 24
Neighbour = Callable[[str, int], str]
"""Gives the id of the record that many rows after another one in the list; "" where there is none."""


class RecordWindow(QMainWindow):
    """Esc closes it, F5 loads it again; its size is that of the one that was closed last."""

    changed = Signal(str, str)
    """The ids of the record that was shown and of the one that is."""

    def __init__(self, context: PageContext, memory: Memory, neighbour: Neighbour, cve_id: str) -> None:
        super().__init__()
        self.cve_id, self._memory, self._neighbour = cve_id, memory, neighbour
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.pane = RecordPane(memory)
        self.pane.head.window_button.hide()
        self.loader = RecordLoader(context, self.pane)
        self._lay_out()
        self.pane.shown.connect(self._show_title)
        self.pane.stepped.connect(self._step)
        for keys, act in ((Qt.Key.Key_Escape, self.close), (QKeySequence.StandardKey.Refresh, self.loader.refresh)):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self.setWindowTitle(cve_id)
        self.loader.load(cve_id)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self._memory.save(_GEOMETRY, self.saveGeometry())
        super().closeEvent(event)

    def _step(self, step: int) -> None:
        if other := self._neighbour(self.cve_id, step):
            before, self.cve_id = self.cve_id, other
            self.changed.emit(before, other)
            self.loader.load(other)

    def _show_title(self, content: Content) -> None:
        self.setWindowTitle(self.tr("{0}: {1}").format(content.cve_id, content.title))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.addWidget(self.pane)
        self.setCentralWidget(inside)
        self.resize(_FIRST_SIZE)
        geometry = self._memory.state(_GEOMETRY)
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)


class RecordWindows(QObject):
    """The open windows, by the record that each shows."""

    def __init__(self, context: PageContext, memory: Memory, neighbour: Neighbour, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._memory, self._neighbour = context, memory, neighbour
        self.open_windows: dict[str, RecordWindow] = {}
        parent.destroyed.connect(self._close_all)

    def open(self, cve_id: str) -> RecordWindow:
        """Show a record in a window of its own; the one that shows it already, if there is one."""
        window = self.open_windows.get(cve_id) or self._create(cve_id)
        window.show()
        window.raise_()
        window.activateWindow()
        return window

    def take_over(self, former: RecordWindows) -> None:
        """Open the records that the former windows show, each where it was, and close these."""
        for cve_id, window in list(former.open_windows.items()):
            opened = self._create(cve_id)
            opened.restoreGeometry(window.saveGeometry())
            opened.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            opened.show()
            window.close()

    def _create(self, cve_id: str) -> RecordWindow:
        window = RecordWindow(self._context, self._memory, self._neighbour, cve_id)
        if self.open_windows:
            window.move(window.pos().x() + _OFFSET * len(self.open_windows), window.pos().y() + _OFFSET)
        self.open_windows[cve_id] = window
        window.changed.connect(lambda before, after: self._rename(before, after))
        window.destroyed.connect(lambda: self._forget(window))
        return window

    def _rename(self, before: str, after: str) -> None:
        self.open_windows[after] = self.open_windows.pop(before)

    def _forget(self, window: RecordWindow) -> None:
        self.open_windows = {name: other for name, other in self.open_windows.items() if other is not window}

    def _close_all(self) -> None:
        for window in list(self.open_windows.values()):
            window.close()
