"""The pane of a record: ID, title and badges above, everything else on tabs; and the loader that fills it."""

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


class RecordPane(QWidget):
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
            memory, "references", (self.tr("Type"), self.tr("URL"), self.tr("Source")), (11, 35, 6), link_column=1
        )
        titles = (self.tr("Date"), self.tr("Field"), self.tr("From"), self.tr("To"), self.tr("Source"))
        self.changes = LineTable(memory, "changes", titles, (10, 11, 14, 14, 6))
        self._lay_out()
        self.show_nothing()

    def show_content(self, content: Content) -> None:
        """Show a record; an unchanged one is not touched, so that a refresh causes no flicker."""
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

    def show_nothing(self) -> None:
        self._show_empty(
            "cursor-default-click-outline",
            self.tr("No vulnerability selected"),
            self.tr("Select a vulnerability to see its details."),
        )

    def show_problem(self, title: str, message: str) -> None:
        self.content = None
        self._show_empty("shield-off-outline", title, message)

    def _show_empty(self, icon_name: str, title: str, sentence: str) -> None:
        self._empty.show_message(icon_name, title, sentence)
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
                (self.references, content.references, self.tr("References {0}"), len(content.references)),
                (self.changes, content.changes, self.tr("Changes {0}"), content.changes_total),
            ),
            start=1,
        ):
            table.lines.show_lines(lines)
            self.tabs.setTabText(place, title.format(number(total)))

    def _lay_out(self) -> None:
        for table, name, nothing in (
            (self.affected, self.tr("Affected products"), self.tr("No affected products are listed.")),
            (self.references, self.tr("References"), self.tr("No references.")),
            (self.changes, self.tr("Changes"), self.tr("No changes since it was first seen.")),
        ):
            table.setAccessibleName(name)
            table.set_empty_text(nothing)
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.addTab(self.summary, self.tr("Details"))
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


_DELAY_MS = 60


class RecordLoader(QObject):
    """Loads the selected record once the selection has not changed for a moment."""

    def __init__(self, context: PageContext, pane: RecordPane) -> None:
        super().__init__(pane)
        self._context, self._pane = context, pane
        self._cve_id = ""
        self._request: Request | None = None
        self._delay = QTimer(self, interval=_DELAY_MS, singleShot=True)
        self._delay.timeout.connect(self.refresh)

    def load(self, cve_id: str) -> None:
        if cve_id != self._cve_id:
            self._cve_id = cve_id
            self._delay.start()

    def refresh(self) -> None:
        """Load the record again, since it may have changed."""
        if self._request is not None:
            self._request.forget()
        if cve_id := self._cve_id:
            self._request = self._context.ask(
                lambda client: fetch(client, cve_id), self._pane.show_content, self._failed, owner=self
            )

    def _failed(self, problem: Problem) -> None:
        """Show the error, unless the record is shown already."""
        shown = self._pane.content
        if shown is None or shown.cve_id != self._cve_id:
            self._pane.show_problem(problem_title(problem), problem_message(problem))
            self._cve_id = ""  # so that selecting it again loads it again
