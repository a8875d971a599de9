"""The bar above the list: search field, filters, and a chip for each filter that removes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.ui.formatting import number, one_line, timestamp, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.filter_panel import FilterPanel
from desktop.ui.pages.vulnerabilities.search import FilterFacet, Search, remembered, remembered_text
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.looks import severity_look

_MAX_LENGTH = 60


def chip_words(search: Search, facet: FilterFacet) -> str:
    """Describe a part of a search, such as "Severity: Critical, High"."""
    return _pattern(facet).format(one_line(_value(search, facet), _MAX_LENGTH))


def _pattern(facet: FilterFacet) -> str:
    return {
        FilterFacet.TEXT: translate("vulnerabilities", "Text: {0}"),
        FilterFacet.SEVERITIES: translate("vulnerabilities", "Severity: {0}"),
        FilterFacet.EXPLOITED: translate("vulnerabilities", "Exploited"),
        FilterFacet.EXPLOITED_AFTER: translate("vulnerabilities", "Newly exploited since {0}"),
        FilterFacet.SOURCE: translate("vulnerabilities", "Source: {0}"),
        FilterFacet.VENDOR: translate("vulnerabilities", "Vendor: {0}"),
        FilterFacet.PRODUCT: translate("vulnerabilities", "Product: {0}"),
        FilterFacet.CWE: translate("vulnerabilities", "Weakness: {0}"),
        FilterFacet.PUBLISHED_FROM: translate("vulnerabilities", "Published on or after {0}"),
        FilterFacet.PUBLISHED_TO: translate("vulnerabilities", "Published on or before {0}"),
        FilterFacet.MIN_CVSS: translate("vulnerabilities", "CVSS {0} or higher"),
        FilterFacet.MIN_PRIORITY: translate("vulnerabilities", "Priority {0} or higher"),
    }[facet]


def _value(search: Search, facet: FilterFacet) -> str:
    value = getattr(search, facet)
    match facet:
        case FilterFacet.SEVERITIES:
            return ", ".join(severity_look(severity).word for severity in search.severities)
        case FilterFacet.EXPLOITED_AFTER if search.exploited_after:
            return timestamp(search.exploited_after)
        case FilterFacet.SOURCE:
            return str(value).upper()
        case FilterFacet.MIN_CVSS:
            return number(value, 1)
        case FilterFacet.MIN_PRIORITY:
            return number(value, 2)
    return value.isoformat() if isinstance(value, date) else str(value)


class Chips(QWidget):
    """A button for each filter; hidden while there is none."""

    removed = Signal(str)
    """A FilterFacet."""
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self)
        self.hide()

    def show_search(self, search: Search) -> None:
        """Show the filters of a search; its text is in the search field."""
        while (item := self._flow.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        facets = [facet for facet in search.facets if facet is not FilterFacet.TEXT]
        for facet in facets:
            self._flow.addWidget(self._chip(chip_words(search, facet), facet))
        if facets:
            self._flow.addWidget(self._clear_all())
        self.setVisible(bool(facets))

    def _chip(self, words: str, facet: FilterFacet) -> QToolButton:
        chip = QToolButton()
        chip.setText(words.replace("&", "&&"))
        chip.setIcon(icon("close"))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setToolTip(self.tr("Remove filter"))
        chip.setAccessibleName(self.tr("Remove filter: {0}").format(words))
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.clicked.connect(lambda: self.removed.emit(facet))
        return chip

    def _clear_all(self) -> QPushButton:
        button = QPushButton(self.tr("Clear all"))
        button.setFlat(True)
        button.clicked.connect(self.cleared)
        return button


_TYPING_MS = 150
_KEY = "vulnerabilities/filters"


class FilterBar(QWidget):
    """Remembers the filters, but not the text, between starts."""

    changed = Signal(object)
    """The new Search, once the user has stopped typing for a moment."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._emitted = self._search = remembered(memory.text(_KEY))
        self.field, self._chips, self._panel = QLineEdit(), Chips(), FilterPanel(self)
        self._exploited = QPushButton(icon("fire"), self.tr("Exploited"))
        self._filters = QPushButton(icon("filter-variant"), self.tr("Filters"))
        self._pause = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._lay_out()
        self._show()
        self._listen()

    @property
    def search(self) -> Search:
        return self._search

    def set_search(self, search: Search) -> None:
        """Apply a search that comes from another page, without delay."""
        self._take(search)
        self._emit_search()

    def clear(self) -> None:
        self.set_search(Search())

    def _listen(self) -> None:
        self.field.textChanged.connect(lambda text: self._take(replace(self._search, text=text)))
        self.field.returnPressed.connect(self._emit_search)
        self._exploited.toggled.connect(lambda on: self._take(replace(self._search, exploited=on)))
        self._filters.clicked.connect(self._open_panel)
        self._panel.changed.connect(lambda given: self._take(replace(given, text=self._search.text)))
        self._chips.removed.connect(lambda facet: self.set_search(self._search.without(FilterFacet(facet))))
        self._chips.cleared.connect(lambda: self.set_search(Search(text=self._search.text)))
        self._pause.timeout.connect(self._emit_search)

    def _take(self, search: Search) -> None:
        if search != self._search:
            self._search = search
            self._show()
            self._pause.start()

    def _show(self) -> None:
        search = self._search
        if self.field.text() != search.text:
            self.field.setText(search.text)
        self._exploited.setChecked(search.exploited)
        self._panel.show_search(search)
        self._chips.show_search(search)

    def _emit_search(self) -> None:
        self._pause.stop()
        if self._search != self._emitted:
            self._emitted = self._search
            self._memory.save(_KEY, remembered_text(self._search.without(FilterFacet.TEXT)))
            self.changed.emit(self._search)

    def _open_panel(self) -> None:
        self._panel.adjustSize()
        corner = self._filters.mapToGlobal(QPoint(self._filters.width() - self._panel.width(), self._filters.height()))
        self._panel.move(corner)
        self._panel.show()

    def _lay_out(self) -> None:
        self.field.setPlaceholderText(self.tr("Search IDs, titles, descriptions, vendors and products"))
        self.field.setAccessibleName(self.tr("Search"))
        self.field.setClearButtonEnabled(True)
        lens = self.field.addAction(icon("magnify"), QLineEdit.ActionPosition.LeadingPosition)
        lens.setText(self.tr("Search"))
        self._exploited.setCheckable(True)
        self._exploited.setToolTip(self.tr("Show only exploited vulnerabilities"))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.field, 1)
        row.addWidget(self._exploited)
        row.addWidget(self._filters)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(row)
        column.addWidget(self._chips)
