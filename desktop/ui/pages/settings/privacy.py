"""Whether the program looks at what is installed on this PC."""

from __future__ import annotations

from desktop.state.app_state import AppState
from desktop.ui.formatting import translate
from desktop.ui.pages.settings.section import Saver, SettingsSection


class PrivacySection(SettingsSection):
    def __init__(self, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Privacy"))
        self.scan = self.add_switch(
            self.tr("Look at what is installed on this PC"),
            lambda settings: settings.scan_installed,
            lambda settings, on: settings.model_copy(update={"scan_installed": on}),
        )
        self.remark = self.add_remark("")

    def show_state(self, state: AppState) -> None:
        self.scan.setEnabled(not state.scan.unavailable)
        self.remark.setText(
            self.tr("On this system only lists from files can be shown; nothing is collected.")
            if state.scan.unavailable
            else self.tr(
                "The list is stored in the database of this program. Nothing of it is sent unless you set that up."
            )
        )
