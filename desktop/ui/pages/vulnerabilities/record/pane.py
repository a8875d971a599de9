"""The pane beside the list: who, what and how bad at its head, the rest on tabs.

Fetches the record that is to be read, once whoever moves through the list has stopped for a moment.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QStackedLayout, QTabWidget, QVBoxLayout, QWidget

from backend.contract.problems import Problem
from desktop.ui.formatting import number
from desktop.ui.page_context import Memory, PageContext, Request
from desktop.ui.pages.vulnerabilities.record.content import Content, fetch
from desktop.ui.pages.vulnerabilities.record.lines import LineTable
from desktop.ui.pages.vulnerabilities.record.summary import Summary
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.layout import EmptyState, FlowLayout
from desktop.ui.widgets.problem_texts import problem_message, problem_title
from desktop.ui.widgets.text import Code, Plain


class Pane(QWidget):
    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.content: Content | None = None
        self._empty, self._inside = EmptyState(), QWidget()
        self._id, self._title, self._badges = Code(), Plain("", Size.LARGE, bold=True), FlowLayout()
        self._title.setWordWrap(True)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.summary, self.tabs = Summary(), QTabWidget()
        self.affected = LineTable(
            memory, "affected", (self.tr("Product"), self.tr("Versions"), self.tr("Source")), (17, 15, 6)
        )
        self.references = LineTable(
            memory, "references", (self.tr("Kind"), self.tr("Address"), self.tr("Source")), (11, 35, 6), links=1
        )
        titles = (self.tr("When"), self.tr("What"), self.tr("From"), self.tr("To"), self.tr("Source"))
        self.changes = LineTable(memory, "changes", titles, (10, 11, 14, 14, 6))
        self._lay_out()
        self.tell_nothing()

    def show_content(self, content: Content) -> None:
        """The same again changes nothing, so that a refresh cannot be seen."""
        self._stack.setCurrentWidget(self._inside)
        if content == self.content:
            return
        other = self.content is None or self.content.cve_id != content.cve_id
        self.content = content
        self._id.setText(content.cve_id)
        self._title.setText(content.title)
        self._title.setToolTip(content.title_tip)
        self._show_badges(content)
        self.summary.show_content(content)
        if other:
            self.summary.verticalScrollBar().setValue(0)
        self._show_lines(content)

    def tell_nothing(self) -> None:
        self._tell("cursor-default-click-outline", self.tr("Nothing is selected"), self.tr("Select a row to read it."))

    def tell_problem(self, title: str, message: str) -> None:
        self.content = None
        self._tell("shield-off-outline", title, message)

    def _tell(self, icon_name: str, title: str, sentence: str) -> None:
        self._empty.tell(icon_name, title, sentence)
        self._stack.setCurrentWidget(self._empty)

    def _show_badges(self, content: Content) -> None:
        while (item := self._badges.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for look in content.looks:
            self._badges.addWidget(Badge(look))

    def _show_lines(self, content: Content) -> None:
        for place, (table, lines, title, total) in enumerate(
            (
                (self.affected, content.affected, self.tr("Affected {0}"), len(content.affected)),
                (self.references, content.references, self.tr("Links {0}"), len(content.references)),
                (self.changes, content.changes, self.tr("History {0}"), content.changes_total),
            ),
            start=1,
        ):
            table.lines.show_lines(lines)
            self.tabs.setTabText(place, title.format(number(total)))

    def _lay_out(self) -> None:
        for table, name, nothing in (
            (self.affected, self.tr("Affected products"), self.tr("No product is named.")),
            (self.references, self.tr("References"), self.tr("There are no links.")),
            (self.changes, self.tr("Changes"), self.tr("Nothing has changed since it came in.")),
        ):
            table.setAccessibleName(name)
            table.say_when_empty(nothing)
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.addTab(self.summary, self.tr("Facts"))
        for table in (self.affected, self.references, self.changes):
            self.tabs.addTab(table, "")
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._id)
        column.addWidget(self._title)
        column.addLayout(self._badges)
        column.addWidget(self.tabs, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._inside)


_PAUSE_MS = 60


class Reader(QObject):
    def __init__(self, context: PageContext, pane: Pane) -> None:
        super().__init__(pane)
        self._context, self._pane = context, pane
        self._cve_id = ""
        self._request: Request | None = None
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.refresh)

    def read(self, cve_id: str) -> None:
        if cve_id != self._cve_id:
            self._cve_id = cve_id
            self._pause.start()

    def refresh(self) -> None:
        """The same record again: it may have changed."""
        if self._request is not None:
            self._request.forget()
        if cve_id := self._cve_id:
            self._request = self._context.ask(
                lambda client: fetch(client, cve_id), self._pane.show_content, self._failed, owner=self
            )

    def _failed(self, problem: Problem) -> None:
        """What is read already stays, whatever happens to the API."""
        shown = self._pane.content
        if shown is None or shown.cve_id != self._cve_id:
            self._pane.tell_problem(problem_title(problem), problem_message(problem))
            self._cve_id = ""  # so that choosing it again asks again
