"""About: this version and newer ones, the database, folders, licences, and where the data come from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from backend.contract.version import VERSION
from backend.contract.wire import utc_now
from desktop.assets import licence_folder
from desktop.state.app_state import AppState, ReleaseStatus
from desktop.ui.formatting import ago, plain, safe_link, size, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.widgets.stack_choice import stack_title


class AboutSection(SettingsSection):
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "About"))
        self._context, self._page = context, ""
        self.line, self.open = self.add_remark(""), QPushButton(self.tr("Open download page"))
        self.open.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page, QUrl.ParsingMode.StrictMode)))
        self.body.addLayout(row(self.open, stretch=True))
        if context.state.release is not None:
            self._add_release_check()
        self.database = self.add_remark("")
        self._add_folders()
        for words in _notes():
            self.add_remark(words)

    def load(self) -> None:
        """Request the size of the database."""
        self._context.work(self._context.actions.database_size, self._show_database, self.failed.emit, owner=self)

    def show_state(self, state: AppState) -> None:
        newer = state.release.newer if state.release else None
        self._page = safe_link(newer.page) if newer else ""
        self.open.setVisible(bool(self._page))
        self.line.setText(_version_words(state.release, on=state.settings.release_check))

    def _show_database(self, count: int | None) -> None:
        """Show the size; None: the database is on a server, which says what it is."""
        state = self._context.state
        server = state.snapshot.health.database.message if state.snapshot else ""
        title = stack_title(state.stack)
        known = size(count) if count is not None else plain(server)
        self.database.setText(self.tr("Database: {0}").format(f"{title}, {known}" if known else title))

    def _add_release_check(self) -> None:
        self.add_switch(
            self.tr("Check for new versions once a day"),
            lambda settings: settings.release_check,
            lambda settings, on: settings.model_copy(update={"release_check": on}),
        )
        self.add_remark(self.tr("A new version is never installed by itself."))

    def _add_folders(self) -> None:
        actions = self._context.actions
        places = (
            (self.tr("Data folder"), actions.home),
            (self.tr("Logs"), actions.log_folder),
            (self.tr("Licences"), licence_folder()),
        )
        buttons = [_opening(words, folder) for words, folder in places if folder is not None]
        self.body.addLayout(row(*buttons, stretch=True))


def _opening(words: str, folder: Path) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(plain(str(folder)))
    button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
    return button


def _notes() -> tuple[str, ...]:
    """Return the licence of the program, and the notices that the publishers of the data ask for."""
    return (
        translate(
            "settings",
            "OpenThreat Desktop is free software under the Apache License 2.0. It contains Qt and PySide6 (LGPL 3.0), "
            "Material Design Icons (Apache 2.0) and other free software.",
        ),
        translate(
            "settings",
            "This product uses data from the NVD API but is not endorsed or certified by the NVD. CVE records and "
            "names of weaknesses (CWE): The MITRE Corporation. Known exploited vulnerabilities: CISA. EPSS scores: "
            "FIRST.org. EUVD data: ENISA.",
        ),
    )


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
