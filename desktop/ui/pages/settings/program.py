"""Appearance, and the start at sign-in."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel

from backend.contract.problems import Problem
from backend.contract.settings import LanguageChoice, ThemeChoice, UserSettings
from desktop.ui.formatting import translate
from desktop.ui.language import LANGUAGE_NAMES
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection, row


class AppearanceSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""
    done = Signal(str)
    """The consequence, as a sentence."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Appearance and startup"))
        self._context = context
        self.theme, label = QComboBox(), QLabel(self.tr("&Theme"))
        label.setBuddy(self.theme)
        for theme, words in _themes().items():
            self.theme.addItem(words, theme.value)
        self.theme.activated.connect(self._theme_chosen)
        self.language, language_label = QComboBox(), QLabel(self.tr("&Language"))
        language_label.setBuddy(self.language)
        for language, name in _languages().items():
            self.language.addItem(name, language.value)
        self.language.activated.connect(self._language_chosen)
        self.at_login = QCheckBox(self.tr("Start at sign-in, without a window"))
        self.at_login.setEnabled(False)
        self.at_login.clicked.connect(self._start_at_login)
        self.body.addLayout(row(label, self.theme, stretch=True))
        self.body.addLayout(row(language_label, self.language, stretch=True))
        self.body.addWidget(self.at_login)

    def load(self) -> None:
        """Find out from the system whether it starts the program at sign-in."""
        self._context.work(self._context.actions.starts_at_login, self._show_login, self.failed.emit, owner=self)

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        with QSignalBlocker(self.theme):
            self.theme.setCurrentIndex(self.theme.findData(settings.theme.value))
        with QSignalBlocker(self.language):
            self.language.setCurrentIndex(self.language.findData(settings.language.value))

    def _theme_chosen(self) -> None:
        theme = ThemeChoice(self.theme.currentData())
        self.change(lambda settings: settings.model_copy(update={"theme": theme}))

    def _language_chosen(self) -> None:
        language = LanguageChoice(self.language.currentData())
        self.change(lambda settings: settings.model_copy(update={"language": language}))

    def _start_at_login(self, on: bool) -> None:
        self.at_login.setEnabled(False)
        self._context.work(
            lambda: self._context.actions.start_at_login(on),
            lambda _: self._login_set(on),
            self._login_failed,
            owner=self,
        )

    def _login_set(self, on: bool) -> None:
        self._show_login(on)
        self.done.emit(translate("settings", "Saved"))

    def _login_failed(self, problem: Problem) -> None:
        self._show_login(not self.at_login.isChecked())
        self.failed.emit(problem)

    def _show_login(self, on: bool) -> None:
        self.at_login.setChecked(on)
        self.at_login.setEnabled(True)


def _themes() -> dict[ThemeChoice, str]:
    return {
        ThemeChoice.SYSTEM: translate("settings", "Use system setting"),
        ThemeChoice.LIGHT: translate("settings", "Light"),
        ThemeChoice.DARK: translate("settings", "Dark"),
    }


def _languages() -> dict[LanguageChoice, str]:
    return {LanguageChoice.SYSTEM: translate("settings", "Use system setting"), **LANGUAGE_NAMES}
