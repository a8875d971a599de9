"""Which events lead to notifications, quiet hours, and the watched vendors."""

from __future__ import annotations

from datetime import time

from PySide6.QtCore import QSignalBlocker, QStringListModel, Qt, QTime, Signal
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from backend.contract.settings import Notifications, QuietHours, UserSettings
from desktop.state.app_state import AppState
from desktop.ui.formatting import one_line, translate
from desktop.ui.pages.settings.section import Saver, Section, row
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Option

_MAX_LENGTH = 100
_ROWS = 4


class VendorList(QWidget):
    changed = Signal(tuple)
    """All names after the change."""

    def __init__(self) -> None:
        super().__init__()
        self._vendors: tuple[str, ...] = ()
        self._suggestions = QStringListModel(self)
        self.field, self.list = QLineEdit(), QListWidget()
        self.add, self.remove = QPushButton(self.tr("Add")), QPushButton(self.tr("Remove"))
        self._label = QLabel(self.tr("&Watched vendors"))
        self._set_up_fields()
        self._connect()
        self._lay_out()
        self._update_buttons()

    def show_vendors(self, vendors: tuple[str, ...]) -> None:
        if vendors != self._vendors:
            self._vendors = vendors
            chosen = self.list.currentRow()
            self.list.clear()
            self.list.addItems([one_line(name, _MAX_LENGTH) for name in vendors])
            self.list.setCurrentRow(min(chosen, len(vendors) - 1))
        self.list.setVisible(bool(vendors))
        self._update_buttons()

    def suggest(self, names: tuple[str, ...]) -> None:
        if list(names) != self._suggestions.stringList():
            self._suggestions.setStringList(list(names))

    def _add(self) -> None:
        """Add a vendor, with the spelling of the database: lower case, single spaces."""
        name = " ".join(self.field.text().lower().split())
        self.field.clear()
        if name and name not in self._vendors:
            self.changed.emit(tuple(sorted((*self._vendors, name))))

    def _remove(self) -> None:
        row_number = self.list.currentRow()
        if row_number >= 0:
            self.changed.emit(self._vendors[:row_number] + self._vendors[row_number + 1 :])

    def _update_buttons(self) -> None:
        self.add.setEnabled(bool(self.field.text().strip()))
        self.remove.setEnabled(self.list.currentRow() >= 0)
        self.remove.setVisible(bool(self._vendors))

    def _set_up_fields(self) -> None:
        self.field.setPlaceholderText(self.tr("Vendor, for example microsoft"))
        self.field.setAccessibleName(self.tr("Vendor to watch"))
        self.field.setMaxLength(_MAX_LENGTH)
        completer = QCompleter(self._suggestions, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.list.setAccessibleName(self.tr("Watched vendors"))
        self.list.setFixedHeight((self.fontMetrics().height() + Space.XS) * _ROWS + Space.S)
        self._label.setBuddy(self.field)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._update_buttons)
        self.field.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.list.currentRowChanged.connect(self._update_buttons)

    def _lay_out(self) -> None:
        entry, below = QHBoxLayout(), QHBoxLayout()
        for line in (entry, below):
            line.setSpacing(Space.S)
        entry.addWidget(self.field, 1)
        entry.addWidget(self.add)
        below.addWidget(self.list, 1)
        below.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._label)
        column.addLayout(entry)
        column.addLayout(below)


class NotificationsSection(Section):
    def __init__(self, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Notifications"))
        self._toggle("failures", self.tr("An update or another run fails or recovers"))
        self._toggle("services", self.tr("A service fails"))
        self._toggle("exploited", self.tr("A vulnerability of a watched vendor is being exploited"))
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

    def show_state(self, state: AppState) -> None:
        stats = state.snapshot.stats if state.snapshot else None
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
