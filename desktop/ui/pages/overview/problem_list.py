"""Troubles that need attention, one below the other, each leading to where there is more of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.problems.problems import Concern
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.banner import Banner


class ConcernList(QWidget):
    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._lines: list[_Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.S)

    def tell(self, concerns: Sequence[Concern]) -> None:
        while len(self._lines) < len(concerns):
            line = _Line(self._context)
            self._lines.append(line)
            self._column.addWidget(line)
        for place, line in enumerate(self._lines):
            line.tell(concerns[place] if place < len(concerns) else None)
        self.setVisible(bool(concerns))

    def buttons(self) -> list[QPushButton]:
        """Those that lead on, from top to bottom."""
        return [line.more for line in self._lines if not line.isHidden()]


class _Line(QWidget):
    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._concern: Concern | None = None
        self._banner, self.more = Banner(), QPushButton(self.tr("Show"))
        self.more.clicked.connect(self._open)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._banner, 1)
        row.addWidget(self.more)

    def tell(self, concern: Concern | None) -> None:
        self._concern = concern
        if concern is not None:
            self._banner.tell(concern.problem, concern.tone)
        self.setVisible(concern is not None)

    def _open(self) -> None:
        if self._concern is not None:
            self._context.open(self._concern.page, self._concern.key)
