"""The pane of a record: its head above, everything else on tabs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout, QTabWidget, QVBoxLayout, QWidget

from desktop.ui.formatting import number
from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.record.comparison import SourceComparisonView
from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.head import RecordHead
from desktop.ui.pages.vulnerabilities.record.lines import LineTable
from desktop.ui.pages.vulnerabilities.record.summary import Summary
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import EmptyState

_STEPS = (("Alt+Up", -1), ("Alt+Down", 1))


class RecordPane(QWidget):
    stepped = Signal(int)
    """1: the next record of the list is wanted, -1: the one before."""
    window_wanted = Signal(str)
    """The id of a record to open in a window of its own."""
    trend_wanted = Signal(str)
    """The id of the record of which FIRST's scores are wanted."""
    shown = Signal(object)
    """The Content that is shown now."""
    comparison_wanted = Signal(str)
    """The id of the record of which each source's word is wanted."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.content: Content | None = None
        self._empty, self._inside = EmptyState(), QWidget()
        self.head, self.summary, self.tabs = RecordHead(), Summary(), QTabWidget()
        self.affected = LineTable(
            memory, "record/affected", (self.tr("Product"), self.tr("Versions"), self.tr("Source"))
        )
        self.references = LineTable(
            memory, "record/links", (self.tr("Type"), self.tr("URL"), self.tr("Source")), link_column=1
        )
        self.events = LineTable(memory, "record/timeline", (self.tr("Date"), self.tr("Event"), self.tr("Source")))
        self.comparison = SourceComparisonView(memory)
        self._lay_out()
        self._listen()
        self.show_nothing()

    def show_content(self, content: Content) -> None:
        """Show a record; an unchanged one is not touched, so that a refresh causes no flicker."""
        self._stack.setCurrentWidget(self._inside)
        if content == self.content:
            return
        other = self.content is None or self.content.cve_id != content.cve_id
        self.content = content
        self.head.show_content(content)
        self.summary.show_content(content)
        if other:
            self.summary.verticalScrollBar().setValue(0)
        self._show_lines(content)
        self.comparison.forget()
        self.shown.emit(content)

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

    def _show_lines(self, content: Content) -> None:
        for place, (table, lines, title, total) in enumerate(
            (
                (self.affected, content.affected, self.tr("Affected {0}"), len(content.affected)),
                (self.references, content.references, self.tr("Links {0}"), len(content.references)),
                (self.events, content.events, self.tr("Timeline"), content.events_total),
            ),
            start=1,
        ):
            table.show_lines(lines)
            self.tabs.setTabText(place, title.format(number(total)))

    def _listen(self) -> None:
        self.head.stepped.connect(self.stepped)
        self.head.window_wanted.connect(lambda: self._emit_id(self.window_wanted))
        self.summary.trend.wanted.connect(lambda: self._emit_id(self.trend_wanted))
        self.comparison.wanted.connect(lambda: self._emit_id(self.comparison_wanted))
        for keys, step in _STEPS:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self.stepped.emit(step))

    def _emit_id(self, signal: SignalInstance) -> None:
        if self.content is not None:
            signal.emit(self.content.cve_id)

    def _lay_out(self) -> None:
        for table, name, nothing in (
            (self.affected, self.tr("Affected products"), self.tr("No affected products are listed.")),
            (self.references, self.tr("Links"), self.tr("No links.")),
            (self.events, self.tr("Timeline"), self.tr("Nothing is known yet.")),
        ):
            table.setAccessibleName(name)
            table.set_empty_text(nothing)
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.addTab(self.summary, self.tr("Details"))
        for table in (self.affected, self.references, self.events):
            self.tabs.addTab(table, "")
        self.tabs.addTab(self.comparison, self.tr("Sources"))
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.head)
        column.addWidget(self.tabs, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._inside)
