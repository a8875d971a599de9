"""Appearance, start at sign-in, and the version of the program."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton

from backend.contract.problems import Problem
from backend.contract.settings import ThemeChoice, UserSettings
from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from desktop.state.app_state import AppState, ReleaseStatus
from desktop.ui.formatting import ago, safe_link, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, Section, row


class AppearanceSection(Section):
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
        self.at_login = QCheckBox(self.tr("Start at sign-in, without a window"))
        self.at_login.setEnabled(False)
        self.at_login.clicked.connect(self._start_at_login)
        self.body.addLayout(row(label, self.theme, stretch=True))
        self.body.addWidget(self.at_login)

    def load(self) -> None:
        """Find out from the system whether it starts the program at sign-in."""
        self._context.work(self._context.actions.starts_at_login, self._show_login, self.failed.emit, owner=self)

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        with QSignalBlocker(self.theme):
            self.theme.setCurrentIndex(self.theme.findData(settings.theme.value))

    def _theme_chosen(self) -> None:
        theme = ThemeChoice(self.theme.currentData())
        self.change(lambda settings: settings.model_copy(update={"theme": theme}))

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


class ReleaseSection(Section):
    def __init__(self, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Version"))
        self._page = ""
        self.line, self.open = self.add_remark(""), QPushButton(self.tr("Open download page"))
        self.open.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page, QUrl.ParsingMode.StrictMode)))
        self.body.addLayout(row(self.open, stretch=True))
        self.check = self.add_switch(
            self.tr("Check for new versions once a day (never installed automatically)"),
            lambda settings: settings.release_check,
            lambda settings, on: settings.model_copy(update={"release_check": on}),
        )

    def show_state(self, state: AppState) -> None:
        newer = state.release.newer if state.release else None
        self._page = safe_link(newer.page) if newer else ""
        self.open.setVisible(bool(self._page))
        self.check.setEnabled(state.release is not None)
        self.line.setText(_version_words(state.release, on=state.settings.release_check))


def _version_words(status: ReleaseStatus | None, *, on: bool) -> str:
    this = translate("settings", "Version {0}.").format(VERSION)
    return f"{this} {_release_words(status, on=on)}".strip()


def _release_words(status: ReleaseStatus | None, *, on: bool) -> str:
    if status is None:
        return translate("settings", "This build does not check for new versions.")
    if status.newer is not None:
        return translate("settings", "Version {0} is available.").format(status.newer.version)
    if not on or status.asked_at is None:
        return ""
    if status.failed:
        return translate("settings", "The last check for new versions failed. It is repeated automatically.")
    return translate("settings", "No newer version (checked {0}).").format(ago(status.asked_at, utc_now()))
