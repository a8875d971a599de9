"""The parts of which the sections of the page are made.

Settings are saved as soon as they are changed, one change after the other, and none forgets another.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from backend.contract.problems import Problem
from backend.contract.settings import UserSettings
from desktop.supervision.plan import CLEANER, UPDATER, concerned
from desktop.ui.formatting import translate
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Muted

Edit = Callable[[UserSettings], UserSettings]
"""Gives changed settings, and leaves the given ones as they are."""


class Saver(QObject):
    """While one state is being written, later changes add up and are written next."""

    changed = Signal(object)
    """The UserSettings that the controls are to show."""
    saved = Signal(str)
    """What has come of it, in a sentence."""
    failed = Signal(object)
    """A Problem; nothing has changed."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._wanted: UserSettings | None = None
        self._writing: UserSettings | None = None

    @property
    def settings(self) -> UserSettings:
        """With all that is still to be written."""
        return self._wanted or self._context.state.settings

    def change(self, edit: Edit) -> None:
        before = self.settings
        after = edit(before)
        if after != before:
            self._wanted = after
            self.changed.emit(after)
            self._write_next()

    def _write_next(self) -> None:
        if self._writing is not None or self._wanted is None:
            return
        settings, before = self._wanted, self._context.state.settings
        self._writing = settings
        self._context.work(
            lambda: self._context.actions.save_settings(settings),
            lambda _: self._written(_consequence(before, settings)),
            self._refused,
            owner=self,
        )

    def _written(self, consequence: str) -> None:
        if self._wanted is self._writing:
            self._wanted = None
        self._writing = None
        self.saved.emit(consequence)
        self._write_next()

    def _refused(self, problem: Problem) -> None:
        """What was wanted on top of it goes back too: the controls show what is true."""
        self._wanted = self._writing = None
        self.failed.emit(problem)
        self.changed.emit(self.settings)


def _consequence(before: UserSettings, after: UserSettings) -> str:
    if before.stack != after.stack:
        return translate("settings", "Saved. Everything starts again with the other database.")
    services = concerned(before, after)
    if UPDATER in services:
        return translate("settings", "Saved. The services that read the sources start again.")
    if CLEANER in services:
        return translate("settings", "Saved. The service that cleans up starts again.")
    return translate("settings", "Saved")


class Section(Card):
    """One card of the page."""

    def __init__(self, saver: Saver, title: str) -> None:
        super().__init__(title)
        self.saver = saver
        self._switches: list[Switch] = []

    def show_settings(self, settings: UserSettings) -> None:
        """Puts the controls to what holds. Subclasses that have others than switches add to it."""
        for switch in self._switches:
            switch.put(settings)

    def add_switch(
        self, text: str, of: Callable[[UserSettings], bool], edit: Callable[[UserSettings, bool], UserSettings]
    ) -> Switch:
        """of: whether it is on; edit: the settings with it on or off."""
        switch = Switch(text, of)
        switch.toggled.connect(lambda on: self.saver.change(lambda settings: edit(settings, on)))
        self._switches.append(switch)
        self.body.addWidget(switch)
        return switch

    def add_remark(self, text: str) -> Muted:
        remark = Muted(text)
        remark.setWordWrap(True)
        self.body.addWidget(remark)
        return remark

    def change(self, edit: Edit) -> None:
        self.saver.change(edit)


class Switch(QCheckBox):
    def __init__(self, text: str, of: Callable[[UserSettings], bool]) -> None:
        super().__init__(text)
        self._of = of

    def put(self, settings: UserSettings) -> None:
        """Without anybody taking it for the user's wish."""
        with QSignalBlocker(self):
            self.setChecked(self._of(settings))


def row(*widgets: QWidget, stretch: bool = False) -> QHBoxLayout:
    """Side by side; stretch: what room is left stays empty."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(Space.S)
    for widget in widgets:
        made.addWidget(widget)
    if stretch:
        made.addStretch(1)
    return made
