"""Where the data folder is, how large it is, and how long the history is kept."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox

from backend.contract.settings import Retention, UserSettings
from desktop.ui.formatting import plain, size, translate
from desktop.ui.page_context import Desk
from desktop.ui.pages.settings.saving import Saver
from desktop.ui.pages.settings.section import Section, row
from desktop.ui.widgets.text import Code, Muted

_LEAST_DAYS, _MOST_DAYS = 1, 3650  # as backend.contract.settings.Retention has them


class StorageSection(Section):
    failed = Signal(object)
    """A Trouble."""

    def __init__(self, desk: Desk, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Storage"))
        self._desk = desk
        path, self.amount, folder = Code(plain(str(desk.actions.home))), Muted(), QPushButton(self.tr("Open folder"))
        path.setWordWrap(True)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(desk.actions.home))))
        self.days, label = QSpinBox(), QLabel(self.tr("Keep the history of &runs for"))
        label.setBuddy(self.days)
        self.days.setRange(_LEAST_DAYS, _MOST_DAYS)
        self.days.setKeyboardTracking(False)
        self.days.setGroupSeparatorShown(True)
        self.days.editingFinished.connect(self._keep_for)
        self.body.addLayout(row(path))
        self.body.addLayout(row(self.amount, folder, stretch=True))
        self.body.addLayout(row(label, self.days, QLabel(self.tr("days")), stretch=True))

    def look(self) -> None:
        """Adding up a large folder takes a moment."""
        self._desk.work(self._desk.actions.data_size, self._show_size, self.failed.emit, owner=self)

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        if not self.days.hasFocus():
            with QSignalBlocker(self.days):
                self.days.setValue(settings.retention.run_days)

    def _show_size(self, count: int) -> None:
        self.amount.setText(self.tr("{0} on disk").format(size(count)))

    def _keep_for(self) -> None:
        days = self.days.value()
        self.change(lambda settings: settings.model_copy(update={"retention": Retention(run_days=days)}))
