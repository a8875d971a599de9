"""The list, and beside or below it the record of the selected row as long as there is one."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from desktop.ui.page_context import Memory
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space

_KEY, _BELOW = "vulnerabilities/record", "below"
_SHARES = (3, 2)


class SidePane(QWidget):
    """The record below a row with the buttons that arrange and close it. Hidden while it has nothing to show."""

    closed = Signal()
    """The person closed it."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.turn, self.close_button = _small_button(), _small_button()
        words = self.tr("Close details (Esc)")
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip(words)
        self.close_button.setAccessibleName(words)
        self.close_button.clicked.connect(self.close_pane)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addStretch(1)
        head.addWidget(self.turn)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(content, 1)
        self.hide()

    def close_pane(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()


def _small_button() -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class Split(QSplitter):
    """List and pane beside or below each other; arrangement and sizes are remembered."""

    def __init__(self, memory: Memory, first: QWidget, pane: SidePane) -> None:
        super().__init__()
        self._memory, self._pane = memory, pane
        self.addWidget(first)
        self.addWidget(pane)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(Space.M)
        for place, share in enumerate(_SHARES):
            self.setStretchFactor(place, share)
        self._arrange(below=memory.text(_KEY) == _BELOW)
        self.splitterMoved.connect(lambda: memory.save(self._sizes_key, self.saveState()))
        pane.turn.clicked.connect(lambda: self._arrange(below=not self.below))
        escape = QShortcut(QKeySequence("Esc"), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(pane.close_pane)

    @property
    def below(self) -> bool:
        return self.orientation() is Qt.Orientation.Vertical

    def _arrange(self, *, below: bool) -> None:
        self.setOrientation(Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal)
        self._memory.save(_KEY, _BELOW if below else "")
        remembered: QByteArray = self._memory.state(self._sizes_key)
        if not remembered.isEmpty():
            self.restoreState(remembered)
        other = self.tr("Show details beside the list") if below else self.tr("Show details below the list")
        self._pane.turn.setIcon(icon("dock-right" if below else "dock-bottom"))
        self._pane.turn.setToolTip(other)
        self._pane.turn.setAccessibleName(other)

    @property
    def _sizes_key(self) -> str:
        return f"{_KEY}/{'high' if self.below else 'wide'}"
