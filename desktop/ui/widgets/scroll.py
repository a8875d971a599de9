"""Content that may be higher than its page: scrolls up and down, never sideways, on the page's own ground."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.theme.tokens import Space


class Scroll(QScrollArea):
    """Content goes into `content`, from the top."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        inside = QWidget()
        self._whole = whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.content = QVBoxLayout()
        self.content.setSpacing(Space.M)
        whole.addLayout(self.content)
        whole.addStretch(1)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)  # setWidget turns it on
        self.verticalScrollBar().rangeChanged.connect(self._keep_off)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """What a page fills in while it comes up is measured once more, for Qt does not."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._measure)

    def _measure(self) -> None:
        self.setWidgetResizable(True)

    def _keep_off(self, _least: int, most: int) -> None:
        """The bar does not touch the content; without one the content is as wide as the page."""
        self._whole.setContentsMargins(0, 0, Space.S if most else 0, 0)
