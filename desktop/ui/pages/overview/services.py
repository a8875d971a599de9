"""The services in brief."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from backend.contract.names import Queue
from desktop.supervision.plan import API, BEAT, STACK
from desktop.supervision.services import Service, Supervision
from desktop.ui.formatting import tip, translate
from desktop.ui.page_context import Desk, PageName
from desktop.ui.pages.overview.linked import LinkedCard
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.looks import phase_look
from desktop.ui.widgets.text import Plain


class ServicesCard(LinkedCard):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, self.tr("Services"), PageName.SERVICES)
        self._badges: dict[str, tuple[Plain, Badge]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)

    def show_services(self, supervision: Supervision) -> None:
        for one in supervision.services:
            title, badge = self._badges.get(one.name) or self._add(one.name)
            title.setText(_word(one.service))
            title.setToolTip(one.service.title)
            badge.show_look(phase_look(one.phase))
            badge.setToolTip(tip(str(one.trouble)) if one.trouble else "")

    def _add(self, name: str) -> tuple[Plain, Badge]:
        row, made = len(self._badges), (Plain(), Badge())
        held = QHBoxLayout()
        held.addStretch(1)
        held.addWidget(made[1])
        self._grid.addWidget(made[0], row, 0)
        self._grid.addLayout(held, row, 1)
        self._badges[name] = made
        return made


def _word(service: Service) -> str:
    """What it is for; how it is called stands on its own page."""
    by_queue = {
        Queue.SLOW.value: translate("overview", "Updates"),
        Queue.FAST.value: translate("overview", "Jobs"),
    }
    by_name = {
        STACK: translate("overview", "Database"),
        API: translate("overview", "API"),
        BEAT: translate("overview", "Schedule"),
    }
    return by_queue.get(service.queue) or by_name.get(service.name) or service.title
