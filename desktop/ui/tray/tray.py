"""The icon in the tray: how everything stands at a glance, the menu, and the notifications."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.model.standing import standing
from desktop.model.trouble import Trouble
from desktop.model.view import View
from desktop.ui.desk import Desk
from desktop.ui.memory import Memory
from desktop.ui.tray.menu import TrayMenu
from desktop.ui.tray.panel import panel_is_dark
from desktop.ui.tray.pictures import tray_icon
from desktop.ui.tray.sentences import tooltip
from desktop.ui.words import now

_MINUTE_MS = 60_000
_TOLD = "tray/told-of-closing"


class Tray(QObject):
    opened = Signal()
    """Somebody wants to see the window."""

    def __init__(self, desk: Desk, memory: Memory, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._memory, self._shown = desk, memory, 0
        self._menu = TrayMenu(desk, self.opened.emit, self.refuse)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        self._minute = QTimer(self, interval=_MINUTE_MS)
        self._minute.timeout.connect(lambda: self.show_view(self._desk.view))
        self._minute.start()
        desk.changed.connect(self.show_view)
        self.show_view(desk.view)
        self.icon.show()

    def refuse(self, trouble: Trouble) -> None:
        """What was asked for in the menu was not done."""
        self.icon.showMessage(trouble.title, f"{trouble.message}\n{trouble.hint}".strip())

    def tell_of_closing(self) -> None:
        """Once for ever: that the program is still there."""
        if not self._memory.text(_TOLD):
            self._memory.keep(_TOLD, "yes")
            self.icon.showMessage(
                self.tr("OpenThreat goes on"), self.tr("It keeps the data up to date. The icon opens it again.")
            )

    def show_view(self, view: View) -> None:
        stands = standing(view)
        self._menu.show_view(view, stands)
        self.icon.setToolTip(tooltip(view, stands, now()))
        dark = panel_is_dark()
        picture = tray_icon(stands.kind, dark=dark, share=stands.share)
        if picture.cacheKey() != self._shown:
            self._shown = picture.cacheKey()
            self.icon.setIcon(picture)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        """A double click is two clicks, of which the first has opened the window."""
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.opened.emit()
