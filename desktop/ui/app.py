"""The Qt application: its tray, its windows, and the signals that other threads and the system send to it."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

from backend.contract.settings import UserSettings
from desktop.host import animations_wanted, high_contrast
from desktop.instance.control import Reply
from desktop.notifications.memory_file import NotificationFile
from desktop.state.app_state import AppState
from desktop.ui.language import Language
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.theme.apply import Theme
from desktop.ui.theme.motion import set_motion
from desktop.ui.tray.status import logo
from desktop.ui.tray.tray import Tray
from desktop.ui.tray.watched_vendors import WatchedVendorsMove
from desktop.ui.window.windows import Windows


class SignalWakeup(QObject):
    """Runs Python's signal handlers while Qt's event loop waits: a signal writes to a socket that Qt watches.

    Has to be created in the main thread. A socket pair also on Linux, since Windows accepts no other wake-up file.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._drain)

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        self._reader.close()
        self._writer.close()

    def _drain(self) -> None:
        """Python has run the signal handlers before it calls this slot."""
        self._reader.recv(4096)


_REPORT_TIMEOUT_S = 2.0
_SWITCH_INTERVAL_S = 0.0005
"""How long a busy background thread keeps the GUI thread waiting each time; Python's default of 5 ms adds up to
stalls that can be seen."""
_SESSION_END_MS = 4_000  # Windows ends the process after 5 s


class App(QObject):
    """Any thread may emit its signals."""

    show_wanted = Signal()
    """The program was started a second time."""
    closing = Signal()
    """The program is ending: hide everything while the services stop."""
    ended = Signal()
    """All services have stopped."""
    _report_requested = Signal(object)

    def __init__(self, settings: UserSettings) -> None:
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._qt = QApplication(["openthreat"])
        super().__init__()
        self._qt.setApplicationName("openthreat")
        self._qt.setApplicationDisplayName("OpenThreat")
        self._qt.setDesktopFileName("openthreat")
        self._qt.setQuitOnLastWindowClosed(False)
        self._qt.setWindowIcon(logo())
        self._language = Language(self._qt, settings.language)
        set_motion(self._qt, wanted=animations_wanted())
        self._theme, self._signals = Theme(self._qt, settings.theme, high_contrast), SignalWakeup(self)
        self._report_requested.connect(self._fill_report)
        self._hidden_window = QWindow()  # Windows sends the end of the session only to windows
        self._hidden_window.create()
        self._tray: Tray | None = None
        self._windows: Windows | None = None

    def open(
        self,
        context: PageContext,
        memory: Memory,
        notifications: NotificationFile,
        on_visible: Callable[[bool], None],
        *,
        first_start: bool,
    ) -> None:
        """Show the tray icon and connect the windows.

        Args:
            context: what pages get.
            memory: what windows remember.
            notifications: what was shown before.
            on_visible: called with whether a window is visible, whenever that changes.
            first_start: no stack has been chosen yet.
        """
        self._tray = Tray(context, memory, notifications, self)
        self._windows = Windows(context, memory, first_start=first_start, parent=self)
        WatchedVendorsMove(context, self._tray.refuse, self)
        self._tray.opened.connect(self._windows.show)
        self._windows.closed.connect(self._tray.announce_closing)
        self._windows.visible_changed.connect(on_visible)
        self.show_wanted.connect(self._tray.open_window)
        self.closing.connect(self._windows.hide)
        self.closing.connect(self._tray.close)
        self.ended.connect(self._qt.quit)
        self._qt.commitDataRequest.connect(lambda _: self._end_with_the_session(context.actions.quit))
        self._language.changed.connect(self._tray.make_anew)
        self._language.changed.connect(self._windows.make_anew)
        context.changed.connect(self._state_changed)

    def run(self, on_started: Callable[[], None], *, hidden: bool) -> int:
        """Run the event loop and return the exit code.

        Args:
            on_started: called once the tray icon is shown.
            hidden: started at sign-in, so show no window.
        """
        QTimer.singleShot(0, on_started)
        QTimer.singleShot(0, lambda: self._start_windows(hidden=hidden))
        code = self._qt.exec()
        self._signals.close()
        return code

    def report(self) -> Reply:
        """Return what is shown, for `openthreat status` and tests; empty if the GUI thread is blocked.

        May be called from any thread but the GUI's.
        """
        answer: Future[Reply] = Future()
        self._report_requested.emit(answer)
        try:
            return answer.result(_REPORT_TIMEOUT_S)
        except TimeoutError:
            return {}

    def _fill_report(self, answer: Future[Reply]) -> None:
        if self._tray is not None and self._windows is not None:
            answer.set_result({**self._tray.report(), **self._windows.report()})

    def _end_with_the_session(self, quit_program: Callable[[], None]) -> None:
        """Stop the services before returning: the system then ends this process at once."""
        services = QEventLoop()
        self.ended.connect(services.quit)
        QTimer.singleShot(_SESSION_END_MS, services, services.quit)
        quit_program()
        services.exec()

    def _start_windows(self, *, hidden: bool) -> None:
        if self._windows is not None:
            self._windows.start(hidden=hidden)

    def _state_changed(self, state: AppState) -> None:
        self._theme.follow(state.settings.theme)
        self._language.follow(state.settings.language)
