"""Vulnerabilities: what is looked for, what was found, and one of them in full."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit

from desktop.model.search import Search
from desktop.model.view import View
from desktop.ui.desk import Desk
from desktop.ui.memory import Memory
from desktop.ui.page import Page
from desktop.ui.pages.vulnerabilities.feeder import Feeder
from desktop.ui.pages.vulnerabilities.list_view import ListView
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import Found, Question

_TYPING_MS = 150


class VulnerabilitiesPage(Page):
    def __init__(self, desk: Desk, memory: Memory, title: str) -> None:
        super().__init__(desk, memory, title)
        self._model = VulnerabilityModel(self)
        self.list = ListView(memory, self._model)
        self._feeder = Feeder(desk, self._model, self)
        field = QLineEdit()
        field.setPlaceholderText(self.tr("Search ids, titles, descriptions, vendors and products"))
        self.search_field = field
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        field.textChanged.connect(lambda: self._typing.start())
        self._typing.timeout.connect(lambda: self._feeder.ask(Question(Search(text=field.text()), self.list.order)))
        self.list.looked_at.connect(self._feeder.look_at)
        self.list.ordered.connect(lambda order: self._feeder.ask(Question(self._feeder.question.search, order)))
        self._feeder.found.connect(self._found)
        self.body.addWidget(field)
        self.body.addWidget(self.list, 1)

    def show_view(self, view: View) -> None:
        pass

    def refresh(self) -> None:
        self._feeder.ask(Question(Search(), self.list.order))

    def _found(self, found: Found) -> None:
        self.say(self.tr("%Ln vulnerabilities", "", found.total))
