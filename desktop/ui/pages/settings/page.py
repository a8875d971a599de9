"""Settings. Every change is saved immediately."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import StackKind, UserSettings
from desktop.state.app_state import AppState
from desktop.ui.formatting import one_line
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.settings.about import AboutSection
from desktop.ui.pages.settings.bundle import BundleSection
from desktop.ui.pages.settings.data import ScheduleSection, StorageSection
from desktop.ui.pages.settings.inbox import InboxSection
from desktop.ui.pages.settings.network import NetworkSection
from desktop.ui.pages.settings.notifications import NotificationsSection
from desktop.ui.pages.settings.privacy import PrivacySection
from desktop.ui.pages.settings.program import AppearanceSection
from desktop.ui.pages.settings.reports import ReportsSection
from desktop.ui.pages.settings.section import Saver, SettingsSection
from desktop.ui.pages.settings.sources import SourcesSection
from desktop.ui.pages.settings.stack import StackSection
from desktop.ui.pages.settings.tokens import TokensSection
from desktop.ui.pages.settings.webhooks import WebhooksSection
from desktop.ui.theme.apply import text_width
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import EmptyState, Scroll

_MESSAGE_MS = 8000
_MAX_CHARACTERS = 100
_SEARCH_CHARACTERS = 24


class SettingsPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.saver = Saver(context, self)
        self.stack, self.sources = StackSection(context, self.saver), SourcesSection(context, self.saver)
        self.schedule = ScheduleSection(context, self.saver)
        self.notifications = NotificationsSection(context, self.saver)
        self.appearance, self.storage = AppearanceSection(context, self.saver), StorageSection(context, self.saver)
        self.inbox, self.privacy = InboxSection(self.saver), PrivacySection(self.saver)
        self.network, self.about = NetworkSection(context, self.saver), AboutSection(context, self.saver)
        self.bundle, self.reports = BundleSection(context, self.saver), ReportsSection(context, self.saver)
        self.webhooks, self.tokens = WebhooksSection(context, self.saver), TokensSection(context, self.saver)
        self.banner, self._scroll = MendingBanner(context, Tone.BAD), Scroll()
        self._message_timer = QTimer(self, interval=_MESSAGE_MS, singleShot=True)
        self._message_timer.timeout.connect(self._show_hint)
        self.search_field, self._nothing = QLineEdit(), EmptyState("magnify", "")
        self._add_search(self.search_field)
        self._connect()
        self._fill_body()
        self._show_hint()

    @property
    def sections(self) -> dict[str, SettingsSection]:
        """The sections by the key that opens them."""
        return {
            "stack": self.stack,
            "sources": self.sources,
            "network": self.network,
            "schedule": self.schedule,
            "inbox": self.inbox,
            "notifications": self.notifications,
            "reports": self.reports,
            "webhooks": self.webhooks,
            "privacy": self.privacy,
            "appearance": self.appearance,
            "storage": self.storage,
            "bundle": self.bundle,
            "access": self.tokens,
            "about": self.about,
        }

    def show_state(self, state: AppState) -> None:
        self._show_settings(self.saver.settings)
        self.stack.show_state(state)
        self.sources.show_state(state)
        self.schedule.show_state(state)
        self.privacy.show_state(state)
        self.webhooks.show_state(state)
        self.bundle.show_state(state)
        self.tokens.show_state(state)
        self.about.show_state(state)

    def open_item(self, key: str) -> None:
        """Show a section by its key; "stack/" and a StackKind also proposes to switch to that stack."""
        name, _, stack = key.partition("/")
        self._search("")
        if (section := self.sections.get(name)) is not None:
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(section))  # once it is laid out
        if stack:
            self.stack.propose(StackKind(stack))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc ends a search."""
        if event.key() == Qt.Key.Key_Escape and self._searched:
            self._search("")
        else:
            super().keyPressEvent(event)

    def refresh(self) -> None:
        self.stack.docker.check()
        self.sources.key.load()
        self.network.load()
        self.reports.load()
        self.appearance.load()
        self.storage.load()
        self.tokens.load()
        self.about.load()

    def _add_search(self, field: QLineEdit) -> None:
        field.setPlaceholderText(self.tr("Find a setting"))
        field.setAccessibleName(self.tr("Find a setting"))
        field.setClearButtonEnabled(True)
        field.setMinimumWidth(text_width(field.font(), _SEARCH_CHARACTERS))
        field.textChanged.connect(self._show_found)
        self._nothing.acted.connect(lambda: self._search(""))
        self.add_control(field)

    def _search(self, text: str) -> None:
        if self.search_field is not None:
            self.search_field.setText(text)

    @property
    def _searched(self) -> str:
        return self.search_field.text() if self.search_field is not None else ""

    def _show_found(self, text: str) -> None:
        """Show the sections that have all words; without words all of them."""
        words = text.casefold().split()
        found = [section for section in self.sections.values() if section.has_words(words)]
        for section in self.sections.values():
            section.setVisible(section in found)
        nothing = self.tr("No setting matches “{0}”").format(one_line(text))
        self._nothing.show_message("magnify", nothing, action=self.tr("Show all settings"))
        self._nothing.setVisible(not found)

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
        self.bundle.done.connect(self._show_saved)
        self.webhooks.done.connect(self._show_saved)
        self.tokens.done.connect(self._show_saved)
        for failing in (
            self.schedule,
            self.appearance,
            self.storage,
            self.sources.key,
            self.network,
            self.about,
            self.bundle,
            self.reports,
            self.webhooks,
            self.tokens,
        ):
            failing.failed.connect(self._show_failed)

    def _fill_body(self) -> None:
        column = QWidget()
        column.setMaximumWidth(text_width(self.font(), _MAX_CHARACTERS))  # longer lines are hard to read
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(Space.M)
        for section in self.sections.values():
            inside.addWidget(section)
        inside.addWidget(self._nothing)
        self._nothing.setVisible(False)
        row = QHBoxLayout()
        row.addWidget(column, 100)
        row.addStretch(1)
        self._scroll.content.addLayout(row)
        self.body.addWidget(self.banner)
        self.body.addWidget(self._scroll, 1)
