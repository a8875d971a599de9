"""The bar above the list: search field, filters, and a chip for each filter that removes it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from backend.contract.searches import VulnerabilityFilters
from backend.contract.vulnerability_ids import ids_in
from desktop.ui.page_context import Memory, PageContext
from desktop.ui.pages.vulnerabilities.filter_panel import FilterPanel
from desktop.ui.pages.vulnerabilities.filter_words import chip_words
from desktop.ui.pages.vulnerabilities.search import (
    NOTHING,
    FilterFacet,
    changed,
    facets_of,
    remembered,
    remembered_text,
    without,
)
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.layout import FlowLayout


class Chips(QWidget):
    """A button for each filter; hidden while there is none."""

    removed = Signal(str)
    """A FilterFacet."""
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self)
        self.hide()

    def show_search(self, search: VulnerabilityFilters) -> None:
        """Show the filters of a search; its text is in the search field."""
        while (item := self._flow.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        facets = [facet for facet in facets_of(search) if facet is not FilterFacet.TEXT]
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


class SearchField(QLineEdit):
    """Takes pasted text with several ids as these ids, whatever separates them."""

    left = Signal()
    """The Down key leads to what was found."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(self.tr("Search IDs, titles, descriptions, vendors and products"))
        self.setAccessibleName(self.tr("Search"))
        self.setToolTip(self.tr("Paste several IDs in any form to list these vulnerabilities."))
        self.setClearButtonEnabled(True)
        lens = self.addAction(icon("magnify"), QLineEdit.ActionPosition.LeadingPosition)
        lens.setText(self.tr("Search"))
        self._length = 0
        self.textEdited.connect(self._tidy)
        self.textChanged.connect(self._remember_length)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Down:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _tidy(self, text: str) -> None:
        """Reduce what was pasted or dropped to its ids; what is typed comes letter by letter and stays as it is."""
        ids = ids_in(text)
        if len(ids) > 1 and len(text) - self._length > 1:
            tidied = " ".join(ids).upper()
            QTimer.singleShot(0, self, lambda: self.setText(tidied))  # Qt still emits the text as it was pasted

    def _remember_length(self, text: str) -> None:
        self._length = len(text)


_TYPING_MS = 150
_KEY = "vulnerabilities/filters"


class FilterBar(QWidget):
    """Remembers the filters, but not the text, between starts."""

    changed = Signal(object)
    """The new VulnerabilityFilters, once the user has stopped typing for a moment."""

    def __init__(self, context: PageContext, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._emitted = self._search = remembered(memory.text(_KEY))
        self.field, self._chips, self.panel = SearchField(), Chips(), FilterPanel(context, self)
        self._mine = QPushButton(icon("account-outline"), self.tr("Mine"))
        self._exploited = QPushButton(icon("fire"), self.tr("Exploited"))
        self._filters = QPushButton(icon("filter-variant"), self.tr("Filters"))
        self._pause = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._row = QHBoxLayout()
        self._lay_out()
        self._show()
        self._listen()

    @property
    def search(self) -> VulnerabilityFilters:
        return self._search

    def add_control(self, control: QWidget) -> None:
        """Add a control to the right of the filters."""
        self._row.addWidget(control)

    def set_search(self, search: VulnerabilityFilters) -> None:
        """Apply a search that comes from another page, without delay."""
        self._take(search)
        self._emit_search()

    def clear(self) -> None:
        self.set_search(NOTHING)

    def _listen(self) -> None:
        self.field.textChanged.connect(lambda text: self._take(changed(self._search, search=text)))
        self.field.returnPressed.connect(self._emit_search)
        self._mine.toggled.connect(lambda wanted: self._take(changed(self._search, mine=wanted)))
        self._exploited.toggled.connect(self._show_exploited)
        self._filters.clicked.connect(self._open_panel)
        self.panel.changed.connect(lambda given: self._take(changed(given, search=self._search.search)))
        self._chips.removed.connect(lambda facet: self.set_search(without(self._search, FilterFacet(facet))))
        self._chips.cleared.connect(lambda: self.set_search(changed(NOTHING, search=self._search.search)))
        self._pause.timeout.connect(self._emit_search)

    def _show_exploited(self, wanted: bool) -> None:
        """Pressing the button finds only exploited ones; a filter for the others stays where it was not pressed."""
        if wanted is not (self._search.exploited is True):
            self._take(changed(self._search, exploited=wanted or None))

    def _take(self, search: VulnerabilityFilters) -> None:
        if search != self._search:
            self._search = search
            self._show()
            self._pause.start()

    def _show(self) -> None:
        search = self._search
        if self.field.text() != search.search:
            self.field.setText(search.search)
        self._mine.setChecked(search.mine)
        self._exploited.setChecked(search.exploited is True)
        self.panel.show_search(search)
        self._chips.show_search(search)

    def _emit_search(self) -> None:
        self._pause.stop()
        if self._search != self._emitted:
            self._emitted = self._search
            self._memory.save(_KEY, remembered_text(without(self._search, FilterFacet.TEXT)))
            self.changed.emit(self._search)

    def _open_panel(self) -> None:
        self.panel.adjustSize()
        corner = self._filters.mapToGlobal(QPoint(self._filters.width() - self.panel.width(), self._filters.height()))
        room = self.screen().availableGeometry()
        left = max(room.left(), min(corner.x(), room.right() - self.panel.width()))
        top = max(room.top(), min(corner.y(), room.bottom() - self.panel.height()))
        self.panel.move(left, top)
        self.panel.open()

    def _lay_out(self) -> None:
        self._mine.setCheckable(True)
        self._mine.setToolTip(self.tr("Show only what is installed on a known PC or watched"))
        self._exploited.setCheckable(True)
        self._exploited.setToolTip(self.tr("Show only exploited vulnerabilities"))
        self._row.setSpacing(Space.S)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self._mine)
        self._row.addWidget(self._exploited)
        self._row.addWidget(self._filters)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(self._row)
        column.addWidget(self._chips)
