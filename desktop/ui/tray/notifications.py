"""Shows the notifications that desktop.notifications decides on, one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from backend.contract.problems import Problem
from desktop.notifications.memory import Notification, NotificationKind, NotificationMemory
from desktop.notifications.notifications import NotificationChange, notifications_of, notifications_of_events
from desktop.state.app_state import AppState
from desktop.ui.page_context import PageContext
from desktop.ui.tray.unread import UnreadEvents
from desktop.ui.widgets.notification_texts import Words, page_of, words_of

_APART_MS = 6_000  # a notification that comes sooner would hide the one before
_LOOK_MS = 60_000
_KEPT = 20


class Notifier(QObject):
    """Shows notifications one after another as the state changes.

    Args:
        keep: Writes the memory to disk; may block.
        now: Returns the time in the user's time zone.
    """

    clicked = Signal()
    """A notification without a page of its own was clicked."""

    def __init__(
        self,
        context: PageContext,
        icon: QSystemTrayIcon,
        memory: NotificationMemory,
        keep: Callable[[NotificationMemory], None],
        now: Callable[[], datetime],
        apart_ms: int = _APART_MS,
    ) -> None:
        super().__init__(icon)
        self._context, self._icon, self._memory, self._keep, self._now = context, icon, memory, keep, now
        self._stored, self._is_storing = memory, False
        self._waiting: deque[Notification] = deque()
        self._shown: Notification | None = None
        self.shown: deque[Words] = deque(maxlen=_KEPT)  # the latest notifications
        self._pause = QTimer(self, singleShot=True, interval=apart_ms)
        self._pause.timeout.connect(self._next)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(lambda: self._update(self._context.state))
        self._look.start()
        context.changed.connect(self._update)
        icon.messageClicked.connect(self._clicked)

    def say(self, title: str, text: str) -> None:
        """Show a notification at once, in response to an action of the user."""
        self._shown = None
        self._show(Words(title, text), QSystemTrayIcon.MessageIcon.Information)

    def show_events(self, unread: UnreadEvents) -> None:
        """Notify of unread events, of each once."""
        self._apply(notifications_of_events(unread.events, self._context.state, self._memory, self._now()))

    def _update(self, state: AppState) -> None:
        self._apply(notifications_of(state, self._memory, self._now()))

    def _apply(self, change: NotificationChange) -> None:
        self._memory = change.memory
        self._store()
        self._waiting.extend(change.notifications)
        if not self._pause.isActive():
            self._next()

    def _store(self) -> None:
        """Write the memory, one version after the other: what was notified must not be forgotten by an older one."""
        if self._is_storing or self._memory == self._stored:
            return
        memory, self._is_storing = self._memory, True

        def stored(_: object) -> None:
            self._is_storing, self._stored = False, memory
            self._context.notified.emit()
            self._store()

        self._context.work(lambda: self._keep(memory), stored, self._not_stored, owner=self)

    def _not_stored(self, _: Problem) -> None:
        """The next change repeats it."""
        self._is_storing = False

    def _next(self) -> None:
        if self._waiting:
            self._shown = self._waiting.popleft()
            icons, bad = QSystemTrayIcon.MessageIcon, self._shown.kind is NotificationKind.PROBLEM
            self._show(words_of(self._shown), icons.Warning if bad else icons.Information)
            self._pause.start()

    def _show(self, words: Words, icon: QSystemTrayIcon.MessageIcon) -> None:
        self.shown.append(words)
        self._icon.showMessage(words.title, words.text, icon)

    def _clicked(self) -> None:
        if self._shown is None:
            self.clicked.emit()
        else:
            self._context.open(*page_of(self._shown))
