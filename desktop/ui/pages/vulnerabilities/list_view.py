"""The list: sorting by its header is the API's work, rows come as they are scrolled to."""

from __future__ import annotations

from itertools import chain, islice

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent

from desktop.ui.page_context import Memory
from desktop.ui.pages.vulnerabilities.model import VulnerabilityModel
from desktop.ui.pages.vulnerabilities.rows import LEAST_TITLE, OPTIONAL, WIDTHS, VulnerabilityColumn, order_of
from desktop.ui.pages.vulnerabilities.search import Order
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.table import RecordTable

MOST_ROWS = 1000
_SORTED = "vulnerabilities/sorted"
_SETTLED_MS = 30
"""A scroll bar that is dragged passes by thousands of rows that nobody looks at."""


class ListView(RecordTable):
    looked_at = Signal(int, int)
    """The numbers of the first and the last visible row."""
    ordered = Signal(object)
    """Another Order."""

    def __init__(self, memory: Memory, model: VulnerabilityModel) -> None:
        super().__init__(memory, "vulnerabilities")
        self._rows = model
        self.setAccessibleName(self.tr("Vulnerabilities"))
        self.set_model(model, [WIDTHS[column] for column in VulnerabilityColumn])
        ColumnFit(self, memory, VulnerabilityColumn.TITLE, LEAST_TITLE, OPTIONAL)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSelectionModel(QItemSelectionModel(model, header))  # else it looks through all selected rows to paint
        header.setSortIndicatorShown(True)
        remembered = order_of(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self.order = remembered if remembered and memory.text(_SORTED) else Order()
        self._show_order()
        header.sortIndicatorChanged.connect(self._sort)
        self._settling = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._settling.timeout.connect(lambda: self.looked_at.emit(*self.visible_rows()))
        self.verticalScrollBar().valueChanged.connect(self._moved)

    def visible_rows(self) -> tuple[int, int]:
        """First and last; the last is before the first where there is none."""
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        return max(first, 0), self.model().rowCount() - 1 if last < 0 else last

    def selected_ranges(self) -> tuple[range, ...]:
        """From top to bottom; cheap, however much is selected."""
        chunks = self.selectionModel().selection().toList()
        return tuple(sorted((range(one.top(), one.bottom() + 1) for one in chunks), key=lambda part: part.start))

    def selected_rows(self) -> list[int]:
        """At most MOST_ROWS: of a selection of everything nobody wants a list."""
        return list(islice(chain.from_iterable(self.selected_ranges()), MOST_ROWS))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._moved()

    def _moved(self) -> None:
        if not self._settling.isActive():
            self._settling.start()

    def _sort(self, column: int, direction: Qt.SortOrder) -> None:
        order = order_of(column, direction)
        if order is None:
            self._show_order()
        elif order != self.order:
            self.order, self._rows.sorted_by = order, column
            self._memory.keep(_SORTED, order.by)
            self.ordered.emit(order)

    def _show_order(self) -> None:
        """The header marks the order that holds, also after a click on a column that nothing is sorted by."""
        direction = Qt.SortOrder.DescendingOrder if self.order.descending else Qt.SortOrder.AscendingOrder
        holding = next(column for column in VulnerabilityColumn if order_of(column, direction) == self.order)
        self._rows.sorted_by = holding
        self.horizontalHeader().setSortIndicator(holding, direction)
