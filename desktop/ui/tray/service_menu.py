"""The services in the tray's menu: each with its state in a word, to start, stop and start again."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from desktop.supervision.services import Phase, ServiceState, Supervision
from desktop.ui.page_context import Desk
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.looks import phase_look


class ServicesMenu(QMenu):
    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.setTitle(self.tr("Services"))
        self._services: dict[str, ServiceMenu] = {}

    def show_supervision(self, supervision: Supervision) -> None:
        names = [one.name for one in supervision.services]
        if names != list(self._services):
            self.clear()
            self._services = {name: ServiceMenu(name, self._desk, self) for name in names}
            for menu in self._services.values():
                self.addMenu(menu)
        for one in supervision.services:
            self._services[one.name].show_state(one)


class ServiceMenu(QMenu):
    def __init__(self, name: str, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._phase: Phase | None = None
        self._start = self.addAction(self.tr("Start"), lambda: desk.actions.start_service(name))
        self._stop = self.addAction(self.tr("Stop"), lambda: desk.actions.stop_service(name))
        self._restart = self.addAction(self.tr("Restart"), lambda: desk.actions.restart_service(name))

    def show_state(self, one: ServiceState) -> None:
        if one.phase is not self._phase:
            self._phase = one.phase
            look = phase_look(one.phase)
            self.setTitle(self.tr("{0}: {1}").format(one.service.title, look.word))
            self.setIcon(icon(look.icon, look.tone))
        foreign = one.phase is Phase.FOREIGN
        self._start.setEnabled(not one.wanted or one.phase in (Phase.GAVE_UP, Phase.BACKOFF))
        self._stop.setEnabled(one.wanted and not foreign)
        self._restart.setEnabled(one.wanted and one.service.has_process and not foreign)
