"""The choice of the machine to show, where several are stored."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox

from backend.contract.exposure import Machine
from desktop.ui.pages.this_pc.words import machine_words


class MachineChoice(QComboBox):
    """Hidden while there is nothing to choose. Its data are the ids of the machines."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Machine"))

    def show_machines(self, machines: Sequence[Machine], own: str, shown: str) -> None:
        """Offer machines. own, shown: the ids of this PC and of the machine that is shown; "" for none."""
        names = [machine_words(machine, own) for machine in machines]
        if names != [self.itemText(index) for index in range(self.count())]:
            self.clear()
            for machine, name in zip(machines, names, strict=True):
                self.addItem(name, machine.id)
        self.setCurrentIndex(self.findData(shown) if shown else -1)
        self.setVisible(len(machines) > 1)
