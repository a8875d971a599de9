"""Which window there is, when it comes up, and what closing it means: with a tray the program goes on without it.

What would hold up the first use of a page is done beforehand, bit by bit, while nothing happens.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import JsonValue
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QSystemTrayIcon

from desktop.state.app_state import AppState
from desktop.ui.formatting import one_line
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from desktop.ui.window.first_start import FirstWindow
    from desktop.ui.window.main_window import MainWindow


_LOOK_MS = 5_000
_TEXTS, _TEXT = 150, 150  # an answer to another program has a limit
_LOGIN_LOOKS = 6  # at login the tray may come half a minute after us


class Windows(QObject):
    """Windows are made when they are first wanted. first_start: nobody has chosen a stack yet."""

    watched = Signal(bool)
    """Whether anybody can see the window."""
    closed = Signal()
    """Somebody closed it, and the program goes on in the tray."""

    def __init__(self, context: PageContext, memory: Memory, *, first_start: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._memory, self._first_start = context, memory, first_start
        self._window: FirstWindow | MainWindow | None = None
        self._looks_left = 0
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._look_for_tray)
        context.wanted.connect(self._open)
        context.changed.connect(self._state_changed)

    @property
    def page(self) -> str:
        """The one that can be seen; empty: none."""
        window = self._window
        if window is None or not window.isVisible():
            return ""
        return window.page_name

    def report(self) -> dict[str, JsonValue]:
        """What stands on the page that can be seen: texts, and bars as shares in percent."""
        if not self.page or self._window is None:
            return {"page": ""}
        labels = [one for one in self._window.findChildren(QLabel) if one.isVisible() and one.text()]
        bars = [one for one in self._window.findChildren(QProgressBar) if one.isVisible()]
        return {
            "page": self.page,
            "texts": [one_line(label.text(), _TEXT) for label in labels[:_TEXTS]],
            "bars": [round(100 * bar.value() / max(1, bar.maximum())) for bar in bars],
        }

    def begin(self, *, hidden: bool) -> None:
        """hidden: started at login, so nothing comes up unless there is no tray to come up from."""
        self._looks_left = _LOGIN_LOOKS if hidden else 0
        if not hidden:
            self.show()
        self._look_for_tray()
        self._look.start()

    def show(self) -> None:
        if self._window is None:
            self._window = self._made()
        self._window.raise_up()

    def hide(self) -> None:
        self._look.stop()
        if self._window is not None:
            self._window.hide()

    def _made(self) -> FirstWindow | MainWindow:
        window = self._first() if self._first_start else self._main()
        window.closed.connect(self._was_closed)
        window.has_tray(QSystemTrayIcon.isSystemTrayAvailable())
        return window

    def _first(self) -> FirstWindow:
        from desktop.ui.window.first_start import FirstWindow

        return FirstWindow(self._context)

    def _main(self) -> MainWindow:
        from desktop.ui.pages import page_makers
        from desktop.ui.window.main_window import MainWindow  # not before the icon stands: it takes a while

        window = MainWindow(self._context, self._memory, page_makers())
        window.shown.connect(self.watched)
        Preparation(window)
        return window

    def _open(self, page: str, key: str) -> None:
        """A page is wanted, and there is no window yet that could show it."""
        if self._window is None and not self._first_start:
            self.show()
            self._context.wanted.emit(page, key)

    def _state_changed(self, state: AppState) -> None:
        if self._first_start and state.settings.stack is not None:
            self._first_start = False
            first, self._window = self._window, None
            self.show()
            if first is not None:
                first.deleteLater()

    def _was_closed(self) -> None:
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.closed.emit()
        else:
            self._context.actions.quit()

    def _look_for_tray(self) -> None:
        there = QSystemTrayIcon.isSystemTrayAvailable()
        self._looks_left -= 1
        if not there and self._window is None and self._looks_left < 0:
            self.show()
        if self._window is not None:
            self._window.has_tray(there)


_PAUSE_MS = 300


class Preparation(QTimer):
    """Imports and makes the pages that were not shown yet. Then everything that is there counts as permanent: looking
    through all of it for garbage takes Python up to 200 ms, at moments of its own choice.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, interval=_PAUSE_MS)
        self._steps = _steps(window)
        self.timeout.connect(self._go_on)
        self.start()

    def _go_on(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self.stop()
            gc.freeze()
        else:
            step()


def _steps(window: MainWindow) -> Iterator[Callable[[], object]]:
    for page in PageName:
        yield partial(import_module, f"desktop.ui.pages.{page}")
        yield partial(window.prepare, page)
