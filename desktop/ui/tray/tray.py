"""The icon in the tray: the state of everything at a glance, the menu, and the notifications."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from backend.contract.problems import Problem
from backend.contract.wire import utc_now
from desktop.notifications.memory_file import NotificationFile
from desktop.problems.overall_status import Kind, overall_status
from desktop.state.app_state import AppState
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.tray.menu import TrayMenu
from desktop.ui.tray.notifications import Notifier
from desktop.ui.tray.status import panel_is_dark, tooltip, tray_icon
from desktop.ui.tray.unread import UnreadEvents, UnreadWatch
from desktop.ui.widgets.problem_texts import problem_hint, problem_message, problem_title

_MINUTE_MS = 60_000
_CLOSING_ANNOUNCED = "tray/told-of-closing"


class Tray(QObject):
    opened = Signal()
    """The user wants the window to open."""

    def __init__(self, context: PageContext, memory: Memory, alerts: NotificationFile, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._memory, self._picture = context, memory, 0
        self._status, self._closing = overall_status(context.state), False
        self.icon = QSystemTrayIcon(self)
        self.announcer = Notifier(context, self.icon, alerts.load(), alerts.save, _here)
        self._menu = self._make_menu()
        self.icon.activated.connect(self._activated)
        self.announcer.clicked.connect(self.opened)
        context.announced.connect(self.announcer.say)
        self._unread, self._watch = UnreadEvents(), UnreadWatch(context, self)
        self._watch.found.connect(self._show_unread)
        self._minute = QTimer(self, interval=_MINUTE_MS)
        self._minute.timeout.connect(lambda: self.show_state(self._context.state))
        self._minute.start()
        context.changed.connect(self.show_state)
        self.show_state(context.state)
        self._watch.follow(context.state)
        self.icon.show()

    def announce_closing(self) -> None:
        """Notify, the first time a window is closed, that the program is still running."""
        if not self._memory.text(_CLOSING_ANNOUNCED):
            self._memory.save(_CLOSING_ANNOUNCED, "yes")
            self.announcer.say(
                self.tr("OpenThreat is still running"),
                self.tr("It keeps the data up to date. Click the icon to open it again."),
            )

    def make_anew(self) -> None:
        """Show menu and tooltip in the language that applies now."""
        self._menu.deleteLater()
        self._menu = self._make_menu()
        self._menu.setEnabled(not self._closing)
        self.show_state(self._context.state)

    def close(self) -> None:
        """Show that the program is ending, until it has ended."""
        self._closing = True
        self._minute.stop()
        self._menu.setEnabled(False)
        self.icon.setIcon(tray_icon(Kind.STOPPED, dark=panel_is_dark()))
        self.icon.setToolTip(self.tr("OpenThreat: stopping…"))

    def report(self) -> dict[str, JsonValue]:
        return {
            "standing": self._status.kind.value,
            "share": self._status.share,
            "tooltip": self.icon.toolTip(),
            "menu": self._menu.places(),
            "notifications": [words.title for words in self.announcer.shown],
            "reasons": [words.text for words in self.announcer.shown],
        }

    def show_state(self, state: AppState) -> None:
        if self._closing:
            return
        self._status = overall_status(state)
        self._menu.show_state(state, self._status, self._unread)
        self.icon.setToolTip(tooltip(state, self._status, utc_now()))
        picture = tray_icon(self._status.kind, dark=panel_is_dark(), share=self._status.share)
        if picture.cacheKey() != self._picture:
            self._picture = picture.cacheKey()
            self.icon.setIcon(picture)

    def refuse(self, problem: Problem) -> None:
        """Notify that an action failed."""
        self.announcer.say(problem_title(problem), f"{problem_message(problem)}\n{problem_hint(problem)}".strip())

    def _make_menu(self) -> TrayMenu:
        menu = TrayMenu(self._context, self.opened.emit, self.refuse)
        self.icon.setContextMenu(menu)
        return menu

    def _show_unread(self, unread: UnreadEvents) -> None:
        self._unread = unread
        self.show_state(self._context.state)
        self.announcer.show_events(unread)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        """A double click needs no more: its first click has opened the window."""
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.open_window()

    def open_window(self) -> None:
        """Open the window: with the inbox if something is unread, else as it was.

        A click on the icon does so, and the program that is started again, as people without a mouse start it.
        """
        if self._status.unread.unread:
            self._context.open(PageName.INBOX, "mine")
        else:
            self.opened.emit()


def _here() -> datetime:
    """Return the time in the user's time zone, in which quiet hours are given."""
    return datetime.now().astimezone()
