"""The Qt side of the program: one application with a tray and windows, from the first icon to the last moment.

Lets Python's signal handlers run while Qt waits: a signal writes to a socket that Qt listens to.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

from backend.contract.settings import ThemeChoice as ThemeChoice
from desktop.instance.control import Reply
from desktop.notifications.memory_file import NotificationFile
from desktop.state.app_state import AppState
from desktop.ui.formatting import install_translation
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.theme.apply import Theme
from desktop.ui.tray.status import logo
from desktop.ui.tray.tray import Tray
from desktop.ui.window.windows import Windows


class SignalWakeup(QObject):
    """Made in the main thread. On Windows as well: there the wake-up file has to be a socket."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        self._ours.close()
        self._theirs.close()

    def _woken(self) -> None:
        """Having come here, Python has run the handlers already."""
        self._ours.recv(4096)


_REPORT_S = 2.0
_SWITCH_S = 0.0005
"""How long a busy background thread may keep the GUI thread waiting each time; Python's own 5 ms add up to a stall."""
_SESSION_END_MS = 4_000  # Windows waits 5 s


class App(QObject):
    """Its signals may be emitted by any thread."""

    show_wanted = Signal()
    """Somebody started the program once more."""
    closing = Signal()
    """Somebody wants it to end: nothing is shown any more, while the services end in order."""
    ended = Signal()
    """Nothing runs any more."""
    _report_wanted = Signal(object)

    def __init__(self, theme: ThemeChoice) -> None:
        sys.setswitchinterval(_SWITCH_S)
        self._qt = QApplication(["openthreat"])
        super().__init__()
        self._qt.setApplicationName("openthreat")
        self._qt.setApplicationDisplayName("OpenThreat")
        self._qt.setDesktopFileName("openthreat")
        self._qt.setQuitOnLastWindowClosed(False)
        self._qt.setWindowIcon(logo())
        install_translation(self._qt)
        self._theme, self._signals = Theme(self._qt, theme), SignalWakeup(self)
        self._report_wanted.connect(self._report)
        self._ear = QWindow()  # never shown: without any window, Windows would not tell of the end of the session
        self._ear.create()
        self._tray: Tray | None = None
        self._windows: Windows | None = None

    def open(
        self,
        context: PageContext,
        memory: Memory,
        alerts: NotificationFile,
        watched: Callable[[bool], None],
        *,
        first_start: bool,
    ) -> None:
        """The icon comes up at once. watched: told whether anybody sees a window."""
        self._tray = Tray(context, memory, alerts, self)
        self._windows = Windows(context, memory, first_start=first_start, parent=self)
        self._tray.opened.connect(self._windows.show)
        self._windows.closed.connect(self._tray.tell_of_closing)
        self._windows.watched.connect(watched)
        self.show_wanted.connect(self._windows.show)
        self.closing.connect(self._windows.hide)
        self.closing.connect(self._tray.close)
        self.ended.connect(self._qt.quit)
        self._qt.commitDataRequest.connect(lambda _: self._end_with_the_session(context.actions.quit))
        context.changed.connect(self._state_changed)

    def run(self, begin: Callable[[], None], *, hidden: bool) -> int:
        """begin: called when the icon stands. Gives the exit code."""
        QTimer.singleShot(0, begin)
        QTimer.singleShot(0, lambda: self._begin(hidden=hidden))
        code = self._qt.exec()
        self._signals.close()
        return code

    def report(self) -> Reply:
        """What can be seen, for who cannot see it. From any other thread; empty while the GUI thread is held up."""
        answer: Future[Reply] = Future()
        self._report_wanted.emit(answer)
        try:
            return answer.result(_REPORT_S)
        except TimeoutError:
            return {}

    def _report(self, answer: Future[Reply]) -> None:
        if self._tray is not None and self._windows is not None:
            answer.set_result({**self._tray.report(), **self._windows.report()})

    def _end_with_the_session(self, quit_program: Callable[[], None]) -> None:
        """The system ends this process as soon as it has its answer, so the services end before that."""
        services = QEventLoop()
        self.ended.connect(services.quit)
        QTimer.singleShot(_SESSION_END_MS, services, services.quit)
        quit_program()
        services.exec()

    def _begin(self, *, hidden: bool) -> None:
        if self._windows is not None:
            self._windows.begin(hidden=hidden)

    def _state_changed(self, state: AppState) -> None:
        self._theme.follow(state.settings.theme)
