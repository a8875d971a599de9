"""What is worth a notification, when none is wanted, and whose vulnerabilities matter."""

from __future__ import annotations

from datetime import time

from PySide6.QtCore import QSignalBlocker, QTime
from PySide6.QtWidgets import QLabel, QTimeEdit, QWidget

from backend.contract.settings import Notifications, QuietHours, UserSettings
from desktop.state.app_state import View
from desktop.ui.formatting import translate
from desktop.ui.pages.settings.saving import Saver
from desktop.ui.pages.settings.section import Section, row
from desktop.ui.pages.settings.vendors import VendorList
from desktop.ui.widgets.layout import Choice


class NotificationsSection(Section):
    def __init__(self, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Notifications"))
        self._toggle("failures", self.tr("An update or another run failed, or works again"))
        self._toggle("services", self.tr("A service gave up"))
        self._toggle("exploited", self.tr("A vulnerability of a watched vendor became known as exploited"))
        self._toggle("successes", self.tr("Every update that succeeded"))
        self.quiet = self.add_switch(
            self.tr("Quiet hours: no notifications"),
            lambda settings: settings.notifications.quiet_hours.enabled,
            lambda settings, on: _with_quiet(settings, enabled=on),
        )
        self.start, self.end = self._time_field(self.tr("Quiet from")), self._time_field(self.tr("Quiet until"))
        self.start.editingFinished.connect(lambda: self._time_set(self.start, "start"))
        self.end.editingFinished.connect(lambda: self._time_set(self.end, "end"))
        hours = QWidget()
        parts = (QLabel(self.tr("From")), self.start, QLabel(self.tr("to")), self.end)
        hours.setLayout(row(*parts, stretch=True))
        self.body.addWidget(Choice(self.quiet, hours))
        self.vendors = VendorList()
        self.vendors.changed.connect(self._watch)
        self.body.addWidget(self.vendors)

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        quiet = settings.notifications.quiet_hours
        for field, at in ((self.start, quiet.start), (self.end, quiet.end)):
            field.setEnabled(quiet.enabled)
            if not field.hasFocus():
                with QSignalBlocker(field):
                    field.setTime(QTime(at.hour, at.minute))
        self.vendors.show_vendors(settings.watched_vendors)

    def show_view(self, view: View) -> None:
        stats = view.snapshot.stats if view.snapshot else None
        self.vendors.suggest(tuple(vendor.name for vendor in stats.top_vendors) if stats else ())

    def _toggle(self, name: str, text: str) -> None:
        self.add_switch(
            text,
            lambda settings: bool(getattr(settings.notifications, name)),
            lambda settings, on: _with(settings, **{name: on}),
        )

    def _time_field(self, name: str) -> QTimeEdit:
        field = QTimeEdit()
        field.setAccessibleName(name)
        return field

    def _time_set(self, field: QTimeEdit, name: str) -> None:
        at = time(field.time().hour(), field.time().minute())
        self.change(lambda settings: _with_quiet(settings, **{name: at}))

    def _watch(self, vendors: tuple[str, ...]) -> None:
        self.change(lambda settings: settings.model_copy(update={"watched_vendors": vendors}))


def _with(settings: UserSettings, **changes: bool | QuietHours) -> UserSettings:
    notifications: Notifications = settings.notifications.model_copy(update=changes)
    return settings.model_copy(update={"notifications": notifications})


def _with_quiet(settings: UserSettings, **changes: bool | time) -> UserSettings:
    return _with(settings, quiet_hours=settings.notifications.quiet_hours.model_copy(update=changes))
