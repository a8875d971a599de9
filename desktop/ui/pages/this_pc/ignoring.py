"""The form with which findings are ignored: a reason, and until when."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from backend.contract.exposure import MAX_NOTE
from backend.contract.wire import utc_now
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.ignore_until import IgnoreUntil
from desktop.ui.widgets.layout import FlowLayout


class IgnoreForm(QWidget):
    """Hidden until it is opened."""

    saved = Signal(str, object)
    """The reason, and until when (datetime in UTC; None: until it is changed)."""

    def __init__(self) -> None:
        super().__init__()
        self.reason, self.until = QLineEdit(), IgnoreUntil()
        self.save, self.cancel = QPushButton(self.tr("Ignore")), QPushButton(self.tr("Cancel"))
        self.reason.setMaxLength(MAX_NOTE)
        self.reason.setPlaceholderText(self.tr("For example: not reachable from the network"))
        self.save.setEnabled(False)
        self.reason.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.hide)
        self.reason.returnPressed.connect(self._save)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.hide)
        self._lay_out()
        self.setVisible(False)

    def open(self) -> None:
        self.reason.clear()
        self.setVisible(True)
        self.reason.setFocus()

    def _save(self) -> None:
        if not self.save.isEnabled():
            return
        self.hide()
        self.saved.emit(self.reason.text().strip(), self.until.end(utc_now()))

    def _lay_out(self) -> None:
        why, how_long = QLabel(self.tr("&Reason")), QLabel(self.tr("Un&til"))
        why.setBuddy(self.reason)
        how_long.setBuddy(self.until)
        buttons = FlowLayout()
        buttons.addWidget(self.save)
        buttons.addWidget(self.cancel)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Space.S)
        for row, (label, field) in enumerate(((why, self.reason), (how_long, self.until))):
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        grid.addLayout(buttons, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
