"""The list of results: the API sorts it, and rows are loaded as they are scrolled to."""

from __future__ import annotations

from itertools import chain, islice

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton

from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import (
    LEAST_TITLE,
    LEAST_WIDTH,
    OPTIONAL,
    WIDTHS,
    VulnerabilityColumn,
    order_of,
)
from desktop.ui.pages.vulnerabilities.search import Order
from desktop.ui.theme.apply import text_width
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.table import RecordTable

MAX_ROWS = 1000
_SORTED = "vulnerabilities/sorted"
_SETTLED_MS = 30
"""Dragging the scroll bar passes thousands of rows that need not be loaded."""


class ListView(RecordTable):
    view_settled = Signal(int, int)
    """The numbers of the first and the last visible row."""
    order_changed = Signal(object)
    """The new Order."""

    def __init__(self, memory: Memory, model: VulnerabilityModel) -> None:
        super().__init__(memory, "vulnerabilities")
        self._rows = model
        self.setAccessibleName(self.tr("Vulnerabilities"))
        self.set_model(model, [WIDTHS[column] for column in VulnerabilityColumn])
        header = self.horizontalHeader()
        header.setMinimumSectionSize(text_width(self.font(), LEAST_WIDTH) + Space.L)
        self.fit = ColumnFit(self, memory, VulnerabilityColumn.TITLE, LEAST_TITLE, OPTIONAL)
        header.setSectionsClickable(True)
        header.setSelectionModel(
            QItemSelectionModel(model, header)
        )  # by default the header scans all selected rows to paint
        header.setSortIndicatorShown(True)
        remembered = order_of(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self.order = remembered if remembered and memory.text(_SORTED) else Order()
        self._show_order()
        header.sortIndicatorChanged.connect(self._sort)
        self._settling = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._settling.timeout.connect(lambda: self.view_settled.emit(*self.visible_rows()))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    @property
    def shown_columns(self) -> list[VulnerabilityColumn]:
        """The columns that are shown, from left to right."""
        header = self.horizontalHeader()
        ordered = [VulnerabilityColumn(header.logicalIndex(place)) for place in range(header.count())]
        return [column for column in ordered if not self.isColumnHidden(column)]

    def visible_rows(self) -> tuple[int, int]:
        """Numbers of the first and last visible row; the last is less than the first if there is none."""
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        return max(first, 0), self.model().rowCount() - 1 if last < 0 else last

    def selected_ranges(self) -> tuple[range, ...]:
        """Ranges of selected rows from top to bottom; cheap for any number of rows."""
        chunks = self.selectionModel().selection().toList()
        return tuple(sorted((range(part.top(), part.bottom() + 1) for part in chunks), key=lambda rows: rows.start))

    def selected_rows(self) -> list[int]:
        """Numbers of the selected rows, at most MAX_ROWS."""
        return list(islice(chain.from_iterable(self.selected_ranges()), MAX_ROWS))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._scrolled()

    def _scrolled(self) -> None:
        if not self._settling.isActive():
            self._settling.start()

    def _sort(self, column: int, direction: Qt.SortOrder) -> None:
        order = order_of(column, direction)
        if order is not None and order != self.order:
            self.order, self._rows.sorted_by = order, column
            self._memory.save(_SORTED, order.by)
            self.order_changed.emit(order)

    def _show_order(self) -> None:
        """Mark the current order in the header."""
        direction = Qt.SortOrder.DescendingOrder if self.order.descending else Qt.SortOrder.AscendingOrder
        sorted_column = next(column for column in VulnerabilityColumn if order_of(column, direction) == self.order)
        self._rows.sorted_by = sorted_column
        self.horizontalHeader().setSortIndicator(sorted_column, direction)


class ColumnButton(QPushButton):
    """Opens the menu of columns, and says how many have no room."""

    def __init__(self, view: ListView) -> None:
        super().__init__()
        self._view = view
        self.setIcon(icon("view-column-outline"))
        self.clicked.connect(lambda: view.show_column_menu(self.mapToGlobal(QPoint(0, self.height()))))
        view.fit.fitted.connect(self._show_room)
        self._show_room()

    def _show_room(self) -> None:
        left_out = self._view.fit.without_room
        self.setText(f"+{len(left_out)}" if left_out else "")
        words = self.tr("Columns")
        if left_out:
            names = ", ".join(map(self._view.column_title, left_out))
            words = self.tr("Columns. There is no room for: {0}").format(names)
        self.setToolTip(words)
        self.setAccessibleName(words)
