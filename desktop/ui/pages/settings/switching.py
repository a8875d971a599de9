"""Asks before another stack is taken, in place, and says what stays where."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from backend.contract.settings import Stack
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.stack_choice import stack_place, stack_title
from desktop.ui.widgets.text import Plain


class SwitchQuestion(Card):
    """Hidden while nothing is asked."""

    agreed = Signal(str)
    """The Stack that is wanted."""
    declined = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asks: Stack | None = None
        self._words = Plain()
        self._words.setWordWrap(True)
        self.agree, self.decline = QPushButton(), QPushButton(self.tr("Leave it as it is"))
        self.agree.clicked.connect(self._agree)
        self.decline.clicked.connect(self._decline)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.agree)
        buttons.addWidget(self.decline)
        buttons.addStretch(1)
        self.body.addWidget(self._words)
        self.body.addLayout(buttons)
        self.setVisible(False)

    def ask(self, present: Stack, wanted: Stack, home: Path) -> None:
        self.asks = wanted
        stays = self.tr("The present data stay {0}, and are there again when you switch back.")
        begins = self.tr("The other database has data of its own: where it is empty, it is filled by a first update.")
        restarts = self.tr("All services start again; an update that runs is continued when you come back.")
        self._words.setText("\n".join((stays.format(stack_place(present, home)), begins, restarts)))
        self.agree.setText(self.tr("Switch to: {0}").format(stack_title(wanted)))
        self.setVisible(True)

    def withdraw(self) -> None:
        self.asks = None
        self.setVisible(False)

    def _agree(self) -> None:
        wanted = self.asks
        self.withdraw()
        if wanted is not None:
            self.agreed.emit(wanted)

    def _decline(self) -> None:
        self.withdraw()
        self.declined.emit()
