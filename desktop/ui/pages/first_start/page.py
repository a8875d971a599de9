"""The first start: where the data shall live is asked, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from backend.contract.settings import Stack
from desktop.ui.desk import Desk


class FirstStartPage(QWidget):
    chosen = Signal(str)
    """A Stack."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        start = QPushButton(self.tr("Start"))
        start.clicked.connect(lambda: self.chosen.emit(Stack.EMBEDDED))
        QVBoxLayout(self).addWidget(start)
