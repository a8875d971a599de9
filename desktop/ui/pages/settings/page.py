"""Settings. Every change is saved immediately."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import StackKind, UserSettings
from desktop.state.app_state import AppState
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.settings.data import ScheduleSection, StorageSection
from desktop.ui.pages.settings.inbox import InboxSection
from desktop.ui.pages.settings.network import NetworkSection
from desktop.ui.pages.settings.notifications import NotificationsSection
from desktop.ui.pages.settings.privacy import PrivacySection
from desktop.ui.pages.settings.program import AppearanceSection, ReleaseSection
from desktop.ui.pages.settings.section import Saver, Section
from desktop.ui.pages.settings.sources import SourcesSection
from desktop.ui.pages.settings.stack import StackSection
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import Scroll

_MESSAGE_MS = 8000
_MAX_WIDTH = 780


class SettingsPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.saver = Saver(context, self)
        self.stack, self.sources = StackSection(context, self.saver), SourcesSection(context, self.saver)
        self.schedule, self.notifications = ScheduleSection(context, self.saver), NotificationsSection(self.saver)
        self.appearance, self.storage = AppearanceSection(context, self.saver), StorageSection(context, self.saver)
        self.inbox, self.privacy = InboxSection(self.saver), PrivacySection(self.saver)
        self.network, self.release = NetworkSection(context, self.saver), ReleaseSection(self.saver)
        self.banner, self._scroll = MendingBanner(context, Tone.BAD), Scroll()
        self._message_timer = QTimer(self, interval=_MESSAGE_MS, singleShot=True)
        self._message_timer.timeout.connect(self._show_hint)
        self._connect()
        self._fill_body()
        self._show_hint()

    @property
    def sections(self) -> dict[str, Section]:
        """The sections by the key that opens them."""
        return {
            "stack": self.stack,
            "sources": self.sources,
            "network": self.network,
            "schedule": self.schedule,
            "inbox": self.inbox,
            "notifications": self.notifications,
            "privacy": self.privacy,
            "appearance": self.appearance,
            "storage": self.storage,
            "release": self.release,
        }

    def show_state(self, state: AppState) -> None:
        self._show_settings(self.saver.settings)
        self.stack.show_state(state)
        self.schedule.show_state(state)
        self.privacy.show_state(state)
        self.release.show_state(state)

    def open_item(self, key: str) -> None:
        """Show a section by its key; "stack/" and a StackKind also proposes to switch to that stack."""
        name, _, stack = key.partition("/")
        if (section := self.sections.get(name)) is not None:
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(section))  # once it is laid out
        if stack:
            self.stack.propose(StackKind(stack))

    def refresh(self) -> None:
        self.stack.docker.check()
        self.sources.key.load()
        self.network.load()
        self.appearance.load()
        self.storage.load()

    def _show_settings(self, settings: UserSettings) -> None:
        for section in self.sections.values():
            section.show_settings(settings)

    def _show_saved(self, words: str) -> None:
        self.banner.update_problem(None)
        self.say(words)
        self._message_timer.start()

    def _show_failed(self, problem: Problem) -> None:
        self.banner.update_problem(problem)
        self._show_hint()

    def _show_hint(self) -> None:
        self.say(self.tr("Changes are saved immediately"))

    def _connect(self) -> None:
        self.saver.saved.connect(self._show_saved)
        self.saver.failed.connect(self._show_failed)
        self.saver.changed.connect(self._show_settings)
        self.appearance.done.connect(self._show_saved)
        for failing in (self.schedule, self.appearance, self.storage, self.sources.key, self.network):
            failing.failed.connect(self._show_failed)

    def _fill_body(self) -> None:
        column = QWidget()
        column.setMaximumWidth(_MAX_WIDTH)  # longer lines are hard to read
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(Space.M)
        for section in self.sections.values():
            inside.addWidget(section)
        row = QHBoxLayout()
        row.addWidget(column, 100)
        row.addStretch(1)
        self._scroll.content.addLayout(row)
        self.body.addWidget(self.banner)
        self.body.addWidget(self._scroll, 1)
