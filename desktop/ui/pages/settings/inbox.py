"""What becomes an event of the inbox."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLabel, QSpinBox, QWidget

from backend.contract.settings import InboxThresholds, UserSettings
from desktop.ui.formatting import translate
from desktop.ui.pages.settings.section import Saver, SettingsSection, row

_PERCENT = 100
_MAX_DAYS = 365


class InboxSection(SettingsSection):
    def __init__(self, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Inbox"))
        self.add_remark(self.tr("An event is written when:"))
        self.add_switch(
            self.tr("A vulnerability becomes known as exploited"),
            lambda settings: settings.inbox.exploited,
            lambda settings, on: _with(settings, exploited=on),
        )
        self.add_switch(
            self.tr("A vulnerability is new and critical"),
            lambda settings: settings.inbox.critical,
            lambda settings, on: _with(settings, critical=on),
        )
        self.above = _field(self.tr("EPSS score that is an event when it is reached"), 0, _PERCENT, " %")
        self.rise = _field(self.tr("Rise of the EPSS score in a day that is an event"), 1, _PERCENT, " %")
        self.days = _field(self.tr("Days before CISA's due date"), 0, _MAX_DAYS, self.tr(" days"))
        self._add_line(self.tr("The EPSS score reaches"), self.above)
        self._add_line(self.tr("The EPSS score rises in a day by"), self.rise)
        self._add_line(self.tr("CISA's due date is as near as"), self.days)
        self.above.editingFinished.connect(lambda: self._set("epss_above", self.above.value() / _PERCENT))
        self.rise.editingFinished.connect(lambda: self._set("epss_rise", self.rise.value() / _PERCENT))
        self.days.editingFinished.connect(lambda: self._set("due_days", self.days.value()))
        self.add_remark(self.tr("EPSS estimates how likely a vulnerability is to be exploited in the next 30 days."))

    def show_settings(self, settings: UserSettings) -> None:
        super().show_settings(settings)
        inbox = settings.inbox
        _show(self.above, round(inbox.epss_above * _PERCENT))
        _show(self.rise, round(inbox.epss_rise * _PERCENT))
        _show(self.days, inbox.due_days)

    def _set(self, name: str, value: float) -> None:
        """Save a threshold, unless the field shows it already: a file may have more digits."""
        present = getattr(self.saver.settings.inbox, name)
        if round(present * _PERCENT) != round(value * _PERCENT):
            self.change(lambda settings: _with(settings, **{name: value}))

    def _add_line(self, text: str, field: QSpinBox) -> None:
        label, line = QLabel(text), QWidget()
        label.setBuddy(field)
        line.setLayout(row(label, field, stretch=True))
        self.body.addWidget(line)


def _field(name: str, least: int, most: int, unit: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, most)
    field.setSuffix(unit)
    field.setAccessibleName(name)
    return field


def _show(field: QSpinBox, value: int) -> None:
    if not field.hasFocus():
        with QSignalBlocker(field):
            field.setValue(value)


def _with(settings: UserSettings, **changes: float) -> UserSettings:
    inbox: InboxThresholds = settings.inbox.model_copy(update=changes)
    return settings.model_copy(update={"inbox": inbox})
