"""The schedule's pause."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from backend.client.api import ApiClient
from backend.contract.schedule import SchedulePause
from desktop.state.app_state import View
from desktop.ui.formatting import now, translate
from desktop.ui.page_context import Desk, PageName
from desktop.ui.pages.settings.saving import Saver
from desktop.ui.pages.settings.section import Section, row
from desktop.ui.widgets.pause import PauseFor, PauseMenu, pause_end, pause_words
from desktop.ui.widgets.text import Plain


class ScheduleSection(Section):
    failed = Signal(object)
    """A Trouble."""

    def __init__(self, desk: Desk, saver: Saver) -> None:
        super().__init__(saver, translate("settings", "Schedule"))
        self._desk = desk
        self.words, self.pause = Plain(), QPushButton(self.tr("Pause"))
        self.resume, self.times = QPushButton(self.tr("Resume")), QPushButton(self.tr("Open the schedule"))
        menu = PauseMenu("", self.pause)
        menu.chosen.connect(self._pause_for)
        self.pause.setMenu(menu)
        self.resume.clicked.connect(lambda: self._ask(lambda client: client.resume_schedule()))
        self.times.clicked.connect(lambda: desk.open(PageName.SCHEDULE))
        self.body.addLayout(row(self.words, stretch=True))
        self.body.addLayout(row(self.pause, self.resume, self.times, stretch=True))

    def show_view(self, view: View) -> None:
        heard = view.snapshot is not None
        self._tell(view.snapshot.pause if view.snapshot else SchedulePause())
        self.pause.setEnabled(heard)
        self.resume.setEnabled(heard)

    def _tell(self, pause: SchedulePause) -> None:
        self.words.setText(pause_words(pause, now()) if pause.paused else self.tr("Updates run by themselves"))
        self.resume.setVisible(pause.paused)

    def _pause_for(self, choice: str) -> None:
        end = pause_end(PauseFor(choice), now())
        self._ask(lambda client: client.pause_schedule(end))

    def _ask(self, call: Callable[[ApiClient], SchedulePause]) -> None:
        self._desk.ask(call, self._tell, self.failed.emit, owner=self)
