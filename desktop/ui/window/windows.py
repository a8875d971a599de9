"""Creates and shows the windows. With a tray, closing a window leaves the program running.

Pages are imported and created in advance, in small steps while the application is idle.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import JsonValue
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.state.app_state import AppState
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.window.geometry import ScreenFit
from desktop.ui.window.report import report_of

if TYPE_CHECKING:
    from desktop.ui.window.first_start import FirstWindow
    from desktop.ui.window.main_window import MainWindow


_TRAY_CHECK_MS = 5_000
_SIGN_IN_CHECKS = 6  # at sign-in the tray may appear half a minute after this program


class Windows(QObject):
    """Creates windows when they are first needed; the one of the first start while no stack is chosen."""

    visible_changed = Signal(bool)
    """Whether the main window is visible."""
    closed = Signal()
    """The user closed the window, and the program continues in the tray."""

    def __init__(self, context: PageContext, memory: Memory, *, first_start: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._memory, self._first_start = context, memory, first_start
        self._window: FirstWindow | MainWindow | None = None
        self._checks_left = 0
        self._tray_timer = QTimer(self, interval=_TRAY_CHECK_MS)
        self._tray_timer.timeout.connect(self._check_tray)
        context.wanted.connect(self._open)
        context.changed.connect(self._state_changed)

    @property
    def page(self) -> str:
        """The name of the visible page; empty if none is visible."""
        window = self._window
        if window is None or not window.isVisible():
            return ""
        return window.page_name

    def report(self) -> dict[str, JsonValue]:
        """Return the name of the visible page and what it shows; see `report_of`."""
        if not self.page or self._window is None:
            return {"page": ""}
        return {"page": self.page, **report_of(self._window)}

    def start(self, *, hidden: bool) -> None:
        """Show a window, unless the program was started hidden and there is a tray to open it from."""
        self._checks_left = _SIGN_IN_CHECKS if hidden else 0
        if not hidden:
            self.show()
        self._check_tray()
        self._tray_timer.start()

    def show(self) -> None:
        if self._window is None:
            self._window = self._create_window()
        self._window.raise_up()

    def hide(self) -> None:
        self._tray_timer.stop()
        if self._window is not None:
            self._window.hide()

    def make_anew(self) -> None:
        """Show the content of the window in the language that applies now."""
        if self._window is not None:
            self._window.make_anew()
            self._window.has_tray(QSystemTrayIcon.isSystemTrayAvailable())

    def _create_window(self) -> FirstWindow | MainWindow:
        window = self._create_first_window() if self._first_start else self._create_main_window()
        ScreenFit(window)
        window.closed.connect(self._was_closed)
        window.has_tray(QSystemTrayIcon.isSystemTrayAvailable())
        return window

    def _create_first_window(self) -> FirstWindow:
        from desktop.ui.window.first_start import FirstWindow

        return FirstWindow(self._context)

    def _create_main_window(self) -> MainWindow:
        from desktop.ui.pages import page_makers
        from desktop.ui.window.main_window import MainWindow  # slow to import; the tray icon comes first

        window = MainWindow(self._context, self._memory, page_makers())
        window.shown.connect(self.visible_changed)
        window.made_anew.connect(Preparation(window).begin)
        return window

    def _open(self, page: str, key: str) -> None:
        """Create the window if a page is requested before there is one; pages come after the first start."""
        if self._first_start:
            self.show()
        elif self._window is None:
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

    def _check_tray(self) -> None:
        available = QSystemTrayIcon.isSystemTrayAvailable()
        self._checks_left -= 1
        if not available and self._window is None and self._checks_left < 0:
            self.show()
        if self._window is not None:
            self._window.has_tray(available)


_STEP_MS = 300


class Preparation(QTimer):
    """Imports and creates the pages that were not shown yet, then exempts all objects from garbage collection.

    A full collection takes up to 200 ms, at moments that cannot be chosen.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, interval=_STEP_MS)
        self._window, self._steps = window, _steps(window)
        self.timeout.connect(self._run_step)
        self.start()

    def begin(self) -> None:
        """Prepare all pages again, since the former ones are gone."""
        gc.unfreeze()
        self._steps = _steps(self._window)
        self.start()

    def _run_step(self) -> None:
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
