"""How the program looks, and when it comes up."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel

from backend.contract.problems import Trouble
from backend.contract.settings import Theme, UserSettings
from desktop.ui.formatting import translate
from desktop.ui.page_context import Desk
from desktop.ui.pages.settings.saving import Saver
from desktop.ui.pages.settings.section import Section, row


class AppearanceSection(Section):
    failed = Signal(object)
    """A Trouble."""
    done = Signal(str)
    """What was done, in a sentence."""

    def __init__(self, desk: Desk, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Appearance and start"))
        self._desk = desk
        self.theme, label = QComboBox(), QLabel(self.tr("&Theme"))
        label.setBuddy(self.theme)
        for theme, words in _themes().items():
            self.theme.addItem(words, theme.value)
        self.theme.activated.connect(self._choose)
        self.at_login = QCheckBox(self.tr("Start with me when I log in, without a window"))
        self.at_login.setEnabled(False)
        self.at_login.clicked.connect(self._start_at_login)
        self.body.addLayout(row(label, self.theme, stretch=True))
        self.body.addWidget(self.at_login)

    def look(self) -> None:
        """The system knows whether it starts the program."""
        self._desk.work(self._desk.actions.starts_at_login, self._show_login, self.failed.emit, owner=self)

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        with QSignalBlocker(self.theme):
            self.theme.setCurrentIndex(self.theme.findData(settings.theme.value))

    def _choose(self) -> None:
        theme = Theme(self.theme.currentData())
        self.change(lambda settings: settings.model_copy(update={"theme": theme}))

    def _start_at_login(self, on: bool) -> None:
        self.at_login.setEnabled(False)
        self._desk.work(
            lambda: self._desk.actions.start_at_login(on), lambda _: self._set(on), self._not_set, owner=self
        )

    def _set(self, on: bool) -> None:
        self._show_login(on)
        self.done.emit(translate("settings", "Saved"))

    def _not_set(self, trouble: Trouble) -> None:
        self._show_login(not self.at_login.isChecked())
        self.failed.emit(trouble)

    def _show_login(self, on: bool) -> None:
        self.at_login.setChecked(on)
        self.at_login.setEnabled(True)


def _themes() -> dict[Theme, str]:
    return {
        Theme.SYSTEM: translate("settings", "As the system"),
        Theme.LIGHT: translate("settings", "Light"),
        Theme.DARK: translate("settings", "Dark"),
    }
