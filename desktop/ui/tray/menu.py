"""The tray's menu. It changes in place, also while it is open."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue
from PySide6.QtWidgets import QMenu

from backend.contract.names import TaskName
from backend.contract.problems import Trouble
from desktop.problems.overall_status import Standing
from desktop.state.app_state import View
from desktop.ui.page_context import Desk
from desktop.ui.tray.pause_menu import TrayPauseMenu
from desktop.ui.tray.sentences import status_line, updating
from desktop.ui.tray.service_menu import ServicesMenu


class TrayMenu(QMenu):
    """open_window: when somebody wants it; failed: told why something that was asked for was not done."""

    def __init__(self, desk: Desk, open_window: Callable[[], None], failed: Callable[[Trouble], None]) -> None:
        super().__init__()
        self._desk, self._failed = desk, failed
        self._status = self.addAction("")
        self._status.setEnabled(False)
        self.addSeparator()
        self._update = self.addAction(self.tr("Update now"), self._update_now)
        self._cancel = self.addAction(self.tr("Cancel the update"), self._cancel_update)
        self._pause = TrayPauseMenu(desk, failed, self)
        self.addMenu(self._pause)
        self.addSeparator()
        self.setDefaultAction(self.addAction(self.tr("Open OpenThreat"), open_window))
        self._services = ServicesMenu(desk, self)
        self.addMenu(self._services)
        self._login = self.addAction(self.tr("Start at login"))
        self._login.setCheckable(True)
        self._login.triggered.connect(self._start_at_login)
        self.addSeparator()
        self._quit = self.addAction(self.tr("Quit"), desk.actions.quit)
        self.aboutToShow.connect(self._look_at_login)

    def show_view(self, view: View, standing: Standing) -> None:
        self._status.setText(status_line(standing))
        running = view.update if view.old is None else None
        self._update.setText(updating(standing.share) if running else self.tr("Update now"))
        self._update.setEnabled(running is None and view.snapshot is not None and view.old is None)
        self._cancel.setVisible(running is not None)
        self._cancel.setEnabled(running is not None and not running.cancel_requested)
        self._pause.show_view(view)
        self._services.show_supervision(view.supervision)

    def places(self) -> dict[str, JsonValue]:
        """Where each entry stands on the screen, while the menu is open; for who cannot see it."""
        entries = [action for action in self.actions() if self.isVisible() and action.isVisible() and action.text()]
        middles = [(one.text(), self.mapToGlobal(self.actionGeometry(one).center())) for one in entries]
        return {text: [place.x(), place.y()] for text, place in middles}

    def _update_now(self) -> None:
        self._desk.ask(lambda client: client.request_run(TaskName.UPDATE), lambda _: None, self._failed, owner=self)

    def _cancel_update(self) -> None:
        if running := self._desk.view.update:
            self._desk.ask(lambda client: client.cancel(running.task_id), lambda _: None, self._failed, owner=self)

    def _look_at_login(self) -> None:
        self._desk.work(self._desk.actions.starts_at_login, self._login.setChecked, self._failed, owner=self)

    def _start_at_login(self, on: bool) -> None:
        def not_done(trouble: Trouble) -> None:
            self._login.setChecked(not on)
            self._failed(trouble)

        self._desk.work(lambda: self._desk.actions.start_at_login(on), lambda _: None, not_done, owner=self)
