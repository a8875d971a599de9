"""List and record beside or below each other, as somebody arranged them the last time."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QPushButton, QSplitter, QWidget

from desktop.ui.page_context import Memory
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space

_KEY, _BELOW = "vulnerabilities/record", "below"
_SHARES = (3, 2)


class Split(QSplitter):
    def __init__(self, memory: Memory, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._memory = memory
        self.addWidget(first)
        self.addWidget(second)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(Space.M)
        for place, share in enumerate(_SHARES):
            self.setStretchFactor(place, share)
        self._place(below=memory.text(_KEY) == _BELOW)
        self.splitterMoved.connect(lambda: memory.keep(self._sizes_key, self.saveState()))

    @property
    def below(self) -> bool:
        return self.orientation() is Qt.Orientation.Vertical

    def turned_by(self, button: QPushButton) -> None:
        button.clicked.connect(lambda: self._turn(button))
        self._offer(button)

    def _turn(self, button: QPushButton) -> None:
        self._place(below=not self.below)
        self._offer(button)

    def _offer(self, button: QPushButton) -> None:
        other = self.tr("Record beside the list") if self.below else self.tr("Record below the list")
        button.setIcon(icon("dock-right" if self.below else "dock-bottom"))
        button.setToolTip(other)
        button.setAccessibleName(other)

    def _place(self, *, below: bool) -> None:
        self.setOrientation(Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal)
        self._memory.keep(_KEY, _BELOW if below else "")
        remembered: QByteArray = self._memory.state(self._sizes_key)
        if not remembered.isEmpty():
            self.restoreState(remembered)

    @property
    def _sizes_key(self) -> str:
        return f"{_KEY}/{'high' if self.below else 'wide'}"
