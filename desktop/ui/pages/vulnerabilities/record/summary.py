"""The record's description and facts, one below the other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton

from desktop.ui.formatting import number
from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.facts import Fact
from desktop.ui.pages.vulnerabilities.record.wrapped import Wrapped
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import Scroll
from desktop.ui.widgets.text import Muted


class Summary(Scroll):
    def __init__(self) -> None:
        super().__init__()
        self._whole_text = ""
        self.description, self._show_all = Wrapped(), QPushButton()
        self.description.setAccessibleName(self.tr("Description"))
        self._show_all.clicked.connect(self._unfold)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[Muted] = []
        self._values: list[Wrapped] = []
        self.content.setContentsMargins(0, Space.M, 0, Space.M)
        self.content.addWidget(self.description)
        self.content.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignLeft)
        self.content.addLayout(self._grid)

    def show_content(self, content: Content) -> None:
        self._whole_text = content.whole_description
        self.description.show_text(content.description or self.tr("Nobody has described it yet."))
        self.description.setToolTip(content.description_tip)
        self._show_all.setText(self.tr("Show all ({0} letters)").format(number(len(content.whole_description))))
        self._show_all.setVisible(content.whole_description != content.description)
        for place, fact in enumerate(content.facts):
            self._show_fact(place, fact)
        for place in range(len(content.facts), len(self._values)):
            self._labels[place].hide()
            self._values[place].hide()

    def _show_fact(self, place: int, fact: Fact) -> None:
        if place == len(self._values):
            self._add_line(place)
        label, value = self._labels[place], self._values[place]
        label.setText(fact.label)
        value.set_code(fact.code)
        value.show_text(fact.text)
        value.setToolTip(fact.tip)
        value.setAccessibleName(fact.label or self.tr("Vector"))
        label.show()
        value.show()

    def _add_line(self, place: int) -> None:
        label, value = Muted(), Wrapped()
        self._labels.append(label)
        self._values.append(value)
        self._grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)

    def _unfold(self) -> None:
        self._show_all.hide()
        self.description.show_long(self._whole_text)
