"""What the program runs on, in two columns."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QGridLayout

from desktop.diagnostics.machine import Machine
from desktop.ui.formatting import number, plain, size
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Muted, Plain

_FACTS_A_ROW = 2


class MachineCard(Card):
    def __init__(self) -> None:
        super().__init__(self.tr("This machine"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.S)
        for pair in range(_FACTS_A_ROW):
            self._grid.setColumnStretch(2 * pair + 1, 1)
        self._values: dict[str, Plain] = {}
        self.body.addLayout(self._grid)

    def show_machine(self, machine: Machine) -> None:
        for place, (name, text) in enumerate(self._facts(machine).items()):
            if name not in self._values:
                self._add(name, *divmod(place, _FACTS_A_ROW))
            self._values[name].setText(plain(text))

    def _add(self, name: str, row: int, pair: int) -> None:
        value = self._values[name] = Plain()
        value.setAccessibleName(name)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(Muted(name), row, 2 * pair, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 2 * pair + 1, Qt.AlignmentFlag.AlignTop)

    def _facts(self, machine: Machine) -> dict[str, str]:
        of = self.tr("{0} of {1} free")
        origin = self.tr("{0}, installed") if machine.packaged else self.tr("{0}, from source")
        return {
            self.tr("OpenThreat"): origin.format(machine.version),
            self.tr("System"): machine.system,
            self.tr("Python and Qt"): f"{machine.python}, {qVersion()}",
            self.tr("Processors"): number(machine.processors),
            self.tr("Memory"): of.format(size(machine.free_memory), size(machine.memory)),
            self.tr("Disk"): of.format(size(machine.free_disk), size(machine.disk)),
            self.tr("Time zone"): machine.time_zone,
            self.tr("Data folder"): machine.home,
        }
