"""Base class of the sections, and the saver that writes changes of settings one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QHBoxLayout, QLabel, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import UserSettings
from desktop.supervision.plan import CLEANER, UPDATER, affected_services
from desktop.ui.formatting import translate
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Muted

Edit = Callable[[UserSettings], UserSettings]
"""Returns changed settings; does not modify the given ones."""


class Saver(QObject):
    """Saves settings in the background. Changes made while saving are merged and saved next."""

    changed = Signal(object)
    """The UserSettings that the controls should show."""
    saved = Signal(str)
    """The consequence, as a sentence."""
    failed = Signal(object)
    """A Problem; nothing has changed."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._pending: UserSettings | None = None
        self._saving: UserSettings | None = None

    @property
    def settings(self) -> UserSettings:
        """The settings including changes that are not saved yet."""
        return self._pending or self._context.state.settings

    def change(self, edit: Edit) -> None:
        before = self.settings
        after = edit(before)
        if after != before:
            self._pending = after
            self.changed.emit(after)
            self._save_next()

    def _save_next(self) -> None:
        if self._saving is not None or self._pending is None:
            return
        settings, before = self._pending, self._context.state.settings
        self._saving = settings
        self._context.work(
            lambda: self._context.actions.save_settings(settings),
            lambda _: self._save_done(_consequence(before, settings)),
            self._refused,
            owner=self,
        )

    def _save_done(self, consequence: str) -> None:
        if self._pending is self._saving:
            self._pending = None
        self._saving = None
        self.saved.emit(consequence)
        self._save_next()

    def _refused(self, problem: Problem) -> None:
        """Drop later changes too, so that the controls show the saved settings."""
        self._pending = self._saving = None
        self.failed.emit(problem)
        self.changed.emit(self.settings)


def _consequence(before: UserSettings, after: UserSettings) -> str:
    if before.stack != after.stack:
        return translate("settings", "Saved. All services are restarting with the other database.")
    services = affected_services(before, after)
    if UPDATER in services:
        return translate("settings", "Saved. The update services are restarting.")
    if CLEANER in services:
        return translate("settings", "Saved. The cleanup service is restarting.")
    return translate("settings", "Saved")


class SettingsSection(Card):
    """A card with controls of settings."""

    def __init__(self, saver: Saver, title: str) -> None:
        super().__init__(title)
        self.saver = saver
        self._switches: list[Switch] = []

    def show_settings(self, settings: UserSettings) -> None:
        """Set the controls. Subclasses with controls other than switches extend it."""
        for switch in self._switches:
            switch.show_settings(settings)

    def add_switch(
        self, text: str, value_of: Callable[[UserSettings], bool], edit: Callable[[UserSettings, bool], UserSettings]
    ) -> Switch:
        """Add a check box at the end of the section. Arguments as of `make_switch`."""
        switch = self.make_switch(text, value_of, edit)
        self.body.addWidget(switch)
        return switch

    def make_switch(
        self, text: str, value_of: Callable[[UserSettings], bool], edit: Callable[[UserSettings, bool], UserSettings]
    ) -> Switch:
        """Make a check box of the section, which the caller places.

        Args:
            text: its label.
            value_of: returns whether it is on.
            edit: returns the settings with it on or off.
        """
        switch = Switch(text, value_of)
        switch.toggled.connect(lambda on: self.saver.change(lambda settings: edit(settings, on)))
        self._switches.append(switch)
        return switch

    def add_remark(self, text: str) -> Muted:
        remark = Muted(text)
        remark.setWordWrap(True)
        self.body.addWidget(remark)
        return remark

    def change(self, edit: Edit) -> None:
        self.saver.change(edit)

    def has_words(self, words: Sequence[str]) -> bool:
        """Whether all words, in lower case, occur in the texts of the section."""
        text = "\n".join(_texts_of(self)).casefold()
        return all(word in text for word in words)


def _texts_of(section: QWidget) -> Iterator[str]:
    yield from (label.text().replace("&", "") for label in section.findChildren(QLabel))
    yield from (button.text().replace("&", "") for button in section.findChildren(QAbstractButton))
    for box in section.findChildren(QComboBox):
        yield from (box.itemText(number) for number in range(box.count()))


class Switch(QCheckBox):
    def __init__(self, text: str, value_of: Callable[[UserSettings], bool]) -> None:
        super().__init__(text)
        self._value_of = value_of

    def show_settings(self, settings: UserSettings) -> None:
        """Set the check box without emitting `toggled`."""
        with QSignalBlocker(self):
            self.setChecked(self._value_of(settings))


def row(*widgets: QWidget, stretch: bool = False) -> QHBoxLayout:
    """Put widgets side by side; with `stretch`, the remaining room stays empty."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(Space.S)
    for widget in widgets:
        layout.addWidget(widget)
    if stretch:
        layout.addStretch(1)
    return layout
