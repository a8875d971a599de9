"""Figures of a service, each under its name, in columns that stand under one another from card to card."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.text import Muted, Plain


class Facts(QWidget):
    """names: by key, from left to right."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._values: dict[str, Plain] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(0)
        for column, (key, name) in enumerate(names.items()):
            caption, value = Muted(name, Size.SMALL), Plain()
            value.setAccessibleName(name)
            grid.addWidget(caption, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 1)
            grid.setColumnMinimumWidth(column, 1)
            self._values[key] = value

    def tell(self, key: str, text: str) -> None:
        if self._values[key].text() != text:
            self._values[key].setText(text)

    def text(self, key: str) -> str:
        return self._values[key].text()
