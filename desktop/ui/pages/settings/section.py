"""The parts of which the sections of the page are made."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from backend.contract.settings import UserSettings
from desktop.ui.pages.settings.saving import Edit, Saver
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Muted


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
