"""Notifications: what was shown on the screen, and when."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QStackedLayout, QWidget

from backend.contract.problems import Problem
from desktop.notifications.memory import NotificationMemory
from desktop.notifications.memory_file import NotificationFile
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext, PageName
from desktop.ui.pages.notifications.model import HistoryModel, NotificationColumn
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState
from desktop.ui.widgets.notification_texts import page_of
from desktop.ui.widgets.table import RecordTable

_WIDTHS = {NotificationColumn.WHEN: 16, NotificationColumn.TITLE: 30, NotificationColumn.TEXT: 30}


class NotificationsPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.model, self.table = HistoryModel(self), RecordTable(memory, "notifications")
        self.table.set_model(self.model, tuple(_WIDTHS[column] for column in NotificationColumn))
        self.table.setAccessibleName(title)
        self.banner, content = MendingBanner(context), QWidget()
        self._stack = QStackedLayout(content)
        self._stack.addWidget(self._nothing())
        self._stack.addWidget(self.table)
        self.body.addWidget(self.banner)
        self.body.addWidget(content, 1)
        settings = self.add_action(self.tr("Settings"))
        settings.clicked.connect(lambda: context.open(PageName.SETTINGS, "notifications"))
        self.table.opened.connect(self._open)
        context.notified.connect(self._refresh_if_shown)

    def refresh(self) -> None:
        file = NotificationFile(self.context.actions.home)
        self.context.work(file.load, self._show_memory, self._not_read, owner=self)

    def _show_memory(self, memory: NotificationMemory) -> None:
        self.banner.update_problem(None)
        self.model.show_history(memory.history)
        count = len(memory.history)
        self.say(self.tr("%Ln notification(s)", "", count) if count else self.tr("No notifications yet"))
        self._stack.setCurrentIndex(1 if count else 0)

    def _not_read(self, problem: Problem) -> None:
        self.banner.update_problem(problem)

    def _open(self, index: QModelIndex) -> None:
        self.context.open(*page_of(self.model.entry(index).notification))

    def _refresh_if_shown(self) -> None:
        if self.isVisible():
            self.refresh()

    def _nothing(self) -> EmptyState:
        sentence = self.tr(
            "What becomes known about the programs here, and what goes wrong, is shown on the screen and listed here."
        )
        return EmptyState("bell-outline", self.tr("Nothing was notified yet"), sentence)
