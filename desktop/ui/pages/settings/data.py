"""Storage: the data folder, its size, and how long the history is kept. Schedule: its pause."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox

from backend.client.api import ApiClient
from backend.contract.schedule import SchedulePause
from backend.contract.settings import Retention, UserSettings
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState
from desktop.ui.formatting import plain, size, translate
from desktop.ui.page_context import PageContext, PageName
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.widgets.pause import PauseFor, PauseMenu, pause_end, pause_words
from desktop.ui.widgets.text import Code, Muted, Plain

_MIN_DAYS, _MAX_DAYS = 1, 3650  # as backend.contract.settings.Retention has them


class StorageSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Storage"))
        self._context = context
        path, self.amount, folder = Code(plain(str(context.actions.home))), Muted(), QPushButton(self.tr("Open folder"))
        path.setWordWrap(True)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(context.actions.home))))
        self.days, label = QSpinBox(), QLabel(self.tr("Keep the history of &runs for"))
        label.setBuddy(self.days)
        self.days.setRange(_MIN_DAYS, _MAX_DAYS)
        self.days.setKeyboardTracking(False)
        self.days.setGroupSeparatorShown(True)
        self.days.editingFinished.connect(self._retention_changed)
        self.body.addLayout(row(path))
        self.body.addLayout(row(self.amount, folder, stretch=True))
        self.body.addLayout(row(label, self.days, QLabel(self.tr("days")), stretch=True))

    def load(self) -> None:
        """Request the size of the data folder, which takes a moment for a large one."""
        self._context.work(self._context.actions.data_size, self._show_size, self.failed.emit, owner=self)

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        if not self.days.hasFocus():
            with QSignalBlocker(self.days):
                self.days.setValue(settings.retention.run_days)

    def _show_size(self, count: int) -> None:
        self.amount.setText(self.tr("{0} on disk").format(size(count)))

    def _retention_changed(self) -> None:
        days = self.days.value()
        self.change(lambda settings: settings.model_copy(update={"retention": Retention(run_days=days)}))


class ScheduleSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Schedule"))
        self._context = context
        self.words, self.pause = Plain(), QPushButton(self.tr("Pause"))
        self.resume, self.times = QPushButton(self.tr("Resume")), QPushButton(self.tr("Open schedule"))
        menu = PauseMenu("", self.pause)
        menu.chosen.connect(self._pause_chosen)
        self.pause.setMenu(menu)
        self.resume.clicked.connect(lambda: self._ask(lambda client: client.resume_schedule()))
        self.times.clicked.connect(lambda: context.open(PageName.SCHEDULE))
        self.body.addLayout(row(self.words, stretch=True))
        self.body.addLayout(row(self.pause, self.resume, self.times, stretch=True))

    def show_state(self, state: AppState) -> None:
        known = state.snapshot is not None
        self._show_pause(state.snapshot.pause if state.snapshot else SchedulePause())
        self.pause.setEnabled(known)
        self.resume.setEnabled(known)

    def _show_pause(self, pause: SchedulePause) -> None:
        self.words.setText(pause_words(pause, utc_now()) if pause.paused else self.tr("The schedule is active"))
        self.resume.setVisible(pause.paused)

    def _pause_chosen(self, choice: str) -> None:
        end = pause_end(PauseFor(choice), utc_now())
        self._ask(lambda client: client.pause_schedule(end))

    def _ask(self, call: Callable[[ApiClient], SchedulePause]) -> None:
        self._context.ask(call, self._show_pause, self.failed.emit, owner=self)
