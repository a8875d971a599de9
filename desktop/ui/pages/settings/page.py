"""What a person may set. Every change is saved at once."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import StackKind, UserSettings
from desktop.state.app_state import AppState
from desktop.ui.page import Page
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.settings.data import ScheduleSection, StorageSection
from desktop.ui.pages.settings.notifications import NotificationsSection
from desktop.ui.pages.settings.program import AppearanceSection, ReleaseSection
from desktop.ui.pages.settings.section import Saver, Section
from desktop.ui.pages.settings.sources import SourcesSection
from desktop.ui.pages.settings.stack import StackSection
from desktop.ui.theme.tokens import Space, Tone
from desktop.ui.widgets.banner import MendingBanner
from desktop.ui.widgets.layout import Scroll

_SAID_MS = 8000
_WIDEST = 780


class SettingsPage(Page):
    def __init__(self, context: PageContext, memory: Memory, title: str) -> None:
        super().__init__(context, memory, title)
        self.saver = Saver(context, self)
        self.stack, self.sources = StackSection(context, self.saver), SourcesSection(context, self.saver)
        self.schedule, self.notifications = ScheduleSection(context, self.saver), NotificationsSection(self.saver)
        self.appearance, self.storage = AppearanceSection(context, self.saver), StorageSection(context, self.saver)
        self.release = ReleaseSection(self.saver)
        self.banner, self._scroll = MendingBanner(context, Tone.BAD), Scroll()
        self._said = QTimer(self, interval=_SAID_MS, singleShot=True)
        self._said.timeout.connect(self._say_usual)
        self._connect()
        self._fill_body()
        self._say_usual()

    @property
    def sections(self) -> dict[str, Section]:
        """By the key that leads to them."""
        return {
            "stack": self.stack,
            "sources": self.sources,
            "schedule": self.schedule,
            "notifications": self.notifications,
            "appearance": self.appearance,
            "storage": self.storage,
            "release": self.release,
        }

    def show_state(self, state: AppState) -> None:
        self._show_settings(self.saver.settings)
        self.stack.show_state(state)
        self.schedule.show_state(state)
        self.notifications.show_state(state)
        self.release.show_state(state)

    def open_item(self, key: str) -> None:
        """key: of a section; "stack/" and a Stack: that one is asked about."""
        name, _, stack = key.partition("/")
        if (section := self.sections.get(name)) is not None:
            self._scroll.ensureWidgetVisible(section)
        if stack:
            self.stack.propose(StackKind(stack))

    def refresh(self) -> None:
        self.stack.docker.look()
        self.sources.key.look()
        self.appearance.look()
        self.storage.look()

    def _show_settings(self, settings: UserSettings) -> None:
        for section in self.sections.values():
            section.show_settings(settings)

    def _tell_saved(self, words: str) -> None:
        self.banner.tell_of(None)
        self.say(words)
        self._said.start()

    def _tell_failed(self, problem: Problem) -> None:
        self.banner.tell_of(problem)
        self._say_usual()

    def _say_usual(self) -> None:
        self.say(self.tr("Every change is saved at once"))

    def _connect(self) -> None:
        self.saver.saved.connect(self._tell_saved)
        self.saver.failed.connect(self._tell_failed)
        self.saver.changed.connect(self._show_settings)
        self.appearance.done.connect(self._tell_saved)
        for failing in (self.schedule, self.appearance, self.storage, self.sources.key):
            failing.failed.connect(self._tell_failed)

    def _fill_body(self) -> None:
        column = QWidget()
        column.setMaximumWidth(_WIDEST)  # longer lines are hard to read
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
