"""Which version this is, and whether there is a newer one."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from backend.contract.version import VERSION
from desktop.state.app_state import ReleaseStanding, View
from desktop.ui.formatting import ago, now, safe_link, translate
from desktop.ui.pages.settings.saving import Saver
from desktop.ui.pages.settings.section import Section, row


class ReleaseSection(Section):
    def __init__(self, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Version of the program"))
        self._page = ""
        self.line, self.open = self.add_remark(""), QPushButton(self.tr("Open its page"))
        self.open.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page, QUrl.ParsingMode.StrictMode)))
        self.body.addLayout(row(self.open, stretch=True))
        self.check = self.add_switch(
            self.tr("Look for a new version once a day; it is never installed by itself"),
            lambda settings: settings.release_check,
            lambda settings, on: settings.model_copy(update={"release_check": on}),
        )

    def show_view(self, view: View) -> None:
        newer = view.release.newer if view.release else None
        self._page = safe_link(newer.page) if newer else ""
        self.open.setVisible(bool(self._page))
        self.check.setEnabled(view.release is not None)
        self.line.setText(_said(view.release, on=view.settings.release_check))


def _said(standing: ReleaseStanding | None, *, on: bool) -> str:
    this = translate("settings", "This is version {0}.").format(VERSION)
    return f"{this} {_of_others(standing, on=on)}".strip()


def _of_others(standing: ReleaseStanding | None, *, on: bool) -> str:
    if standing is None:
        return translate("settings", "Looking for new versions is not set up in this build.")
    if standing.newer is not None:
        return translate("settings", "Version {0} is out.").format(standing.newer.version)
    if not on or standing.asked_at is None:
        return ""
    if standing.failed:
        return translate(
            "settings", "Whether there is a newer one could not be found out; it is tried again by itself."
        )
    return translate("settings", "There is no newer one, as of {0}.").format(ago(standing.asked_at, now()))
