"""The schedule in the tray's menu: paused for a while, or resumed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from backend.client.api import ApiClient
from backend.contract.problems import Trouble
from desktop.model.pausing import PauseFor, pause_end
from desktop.state.app_state import View
from desktop.ui.formatting import now
from desktop.ui.page_context import Desk
from desktop.ui.tray.sentences import pause_line
from desktop.ui.widgets.pausing import PauseMenu


class TrayPauseMenu(PauseMenu):
    def __init__(self, desk: Desk, failed: Callable[[Trouble], None], parent: QWidget) -> None:
        super().__init__(self.tr("Pause schedule"), parent)
        self._desk, self._failed = desk, failed
        self._resume = self.addAction(self.tr("Resume"), lambda: self._ask(ApiClient.resume_schedule))
        self.chosen.connect(self._pause)

    def show_view(self, view: View) -> None:
        paused = pause_line(view, now())
        self.setTitle(paused or self.tr("Pause schedule"))
        self._resume.setVisible(bool(paused))
        self.setEnabled(view.snapshot is not None and view.old is None)

    def _pause(self, choice: str) -> None:
        until = pause_end(PauseFor(choice), now())
        self._ask(lambda client: client.pause_schedule(until))

    def _ask(self, call: Callable[[ApiClient], object]) -> None:
        self._desk.ask(call, lambda _: None, self._failed, owner=self)
