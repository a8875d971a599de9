"""A choice, and below its words what it means."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStyle, QVBoxLayout, QWidget

from desktop.ui.theme.tokens import Space


class Choice(QWidget):
    """button: a check box or radio button. details: stand in line with its words."""

    def __init__(self, button: QAbstractButton, *details: QWidget) -> None:
        super().__init__()
        style = button.style()
        mark = style.pixelMetric(QStyle.PixelMetric.PM_ExclusiveIndicatorWidth, None, button)
        gap = style.pixelMetric(QStyle.PixelMetric.PM_RadioButtonLabelSpacing, None, button)
        below = QVBoxLayout()
        below.setContentsMargins(mark + gap, 0, 0, 0)
        below.setSpacing(Space.XS)
        for detail in details:
            below.addWidget(detail)
        words = QHBoxLayout()
        words.addWidget(button)
        words.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(words)
        column.addLayout(below)
