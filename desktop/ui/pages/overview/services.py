"""The services in brief."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from desktop.model.services import Supervision
from desktop.ui.desk import Desk, PageName
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
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)

    def show_services(self, supervision: Supervision) -> None:
        for one in supervision.services:
            title, badge = self._badges.get(one.name) or self._add(one.name)
            title.setText(one.service.title)
            badge.show_look(phase_look(one.phase))
            badge.setToolTip(str(one.trouble) if one.trouble else "")

    def _add(self, name: str) -> tuple[Plain, Badge]:
        row, made = len(self._badges), (Plain(), Badge())
        held = QHBoxLayout()
        held.addStretch(1)
        held.addWidget(made[1])
        self._grid.addWidget(made[0], row, 0)
        self._grid.addLayout(held, row, 1)
        self._badges[name] = made
        return made
