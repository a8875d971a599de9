"""What is notified, and when: the events of runs, services and the inbox, and quiet hours."""

from __future__ import annotations

from datetime import time

from PySide6.QtCore import QSignalBlocker, QTime
from PySide6.QtWidgets import QLabel, QPushButton, QTimeEdit, QWidget

from backend.contract.settings import Notifications, QuietHours, UserSettings
from desktop.ui.formatting import time_format, translate
from desktop.ui.page_context import PageContext
from desktop.ui.pages.settings.section import Saver, SettingsSection, row
from desktop.ui.widgets.layout import Option


class NotificationsSection(SettingsSection):
    def __init__(self, context: PageContext, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Notifications"))
        self._context = context
        self._toggle("failures", self.tr("An update or another run fails or recovers"))
        self._toggle("services", self.tr("A service fails"))
        self._toggle("events", self.tr("Something new concerns this PC or the watchlist"))
        self._toggle("successes", self.tr("An update is completed"))
        self.quiet = self.add_switch(
            self.tr("Quiet hours (no notifications)"),
            lambda settings: settings.notifications.quiet_hours.enabled,
            lambda settings, on: _with_quiet(settings, enabled=on),
        )
        self.start, self.end = (
            self._time_field(self.tr("Start of quiet hours")),
            self._time_field(self.tr("End of quiet hours")),
        )
        self.start.editingFinished.connect(lambda: self._time_set(self.start, "start"))
        self.end.editingFinished.connect(lambda: self._time_set(self.end, "end"))
        hours = QWidget()
        parts = (QLabel(self.tr("From")), self.start, QLabel(self.tr("to")), self.end)
        hours.setLayout(row(*parts, stretch=True))
        self.body.addWidget(Option(self.quiet, hours))
        self.test, self._remark = QPushButton(self.tr("Show a test notification")), self.add_remark("")
        self._remark.setVisible(False)
        self.test.clicked.connect(self._show_test)
        self.body.addLayout(row(self.test, stretch=True))

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        quiet = settings.notifications.quiet_hours
        for field, at in ((self.start, quiet.start), (self.end, quiet.end)):
            field.setEnabled(quiet.enabled)
            if not field.hasFocus():
                with QSignalBlocker(field):
                    field.setTime(QTime(at.hour, at.minute))

    def _show_test(self) -> None:
        self._context.announced.emit(
            self.tr("This is a test notification"), self.tr("Notifications of OpenThreat look like this.")
        )
        self._remark.setText(
            self.tr(
                "If nothing appeared: allow notifications of OpenThreat in the system, and turn off Do not disturb."
            )
        )
        self._remark.setVisible(True)

    def _toggle(self, name: str, text: str) -> None:
        self.add_switch(
            text,
            lambda settings: bool(getattr(settings.notifications, name)),
            lambda settings, on: _with(settings, **{name: on}),
        )

    def _time_field(self, name: str) -> QTimeEdit:
        field = QTimeEdit()
        field.setDisplayFormat(time_format())
        field.setAccessibleName(name)
        return field

    def _time_set(self, field: QTimeEdit, name: str) -> None:
        at = time(field.time().hour(), field.time().minute())
        self.change(lambda settings: _with_quiet(settings, **{name: at}))


def _with(settings: UserSettings, **changes: bool | QuietHours) -> UserSettings:
    notifications: Notifications = settings.notifications.model_copy(update=changes)
    return settings.model_copy(update={"notifications": notifications})


def _with_quiet(settings: UserSettings, **changes: bool | time) -> UserSettings:
    return _with(settings, quiet_hours=settings.notifications.quiet_hours.model_copy(update=changes))
