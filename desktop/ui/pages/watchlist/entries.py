"""The table of what is watched, with what each entry would have shown."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView

from backend.contract.exposure import Watched
from backend.contract.watching import WatchedKind
from desktop.ui.formatting import number, one_line, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.watchlist.words import Previews, count_of, preview_words
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.record_model import RecordColumn, RecordModel
from desktop.ui.widgets.table import RecordTable


class WatchedColumn(IntEnum):
    VENDOR = 0
    PRODUCT = 1
    VERSION = 2
    RECORDS = 3
    EXPLOITED = 4
    CRITICAL = 5


_WIDTHS = {
    WatchedColumn.VENDOR: 16,
    WatchedColumn.PRODUCT: 18,
    WatchedColumn.VERSION: 10,
    WatchedColumn.RECORDS: 14,
    WatchedColumn.EXPLOITED: 10,
    WatchedColumn.CRITICAL: 8,
}


class _Columns:
    """The columns, which also show what is known of each entry."""

    def __init__(self) -> None:
        self.previews: Previews = {}

    def all(self) -> tuple[RecordColumn[Watched], ...]:
        """In the order of WatchedColumn."""
        every = translate("watchlist", "all")
        return (
            self._text(translate("watchlist", "Vendor"), lambda watched: one_line(watched.vendor or watched.search)),
            self._text(translate("watchlist", "Product"), lambda watched: one_line(watched.product) or every),
            self._text(translate("watchlist", "Version"), lambda watched: one_line(watched.version) or every),
            RecordColumn(
                translate("watchlist", "Vulnerabilities"), self._total, self._nothing, self._tip, is_number=True
            ),
            self._count(translate("watchlist", "Exploited"), WatchedKind.EXPLOITED),
            self._count(translate("watchlist", "Critical"), WatchedKind.CRITICAL),
        )

    def _text(self, title: str, text: Callable[[Watched], str]) -> RecordColumn[Watched]:
        return RecordColumn(title, text, tooltip=self._tip)

    def _count(self, title: str, kind: WatchedKind) -> RecordColumn[Watched]:
        def text(watched: Watched) -> str:
            preview = self.previews.get(watched)
            return number(count_of(preview, kind)) if preview else ""

        hint = translate("watchlist", "In the last 30 days")
        return RecordColumn(title, text, tooltip=self._tip, is_number=True, hint=hint)

    def _total(self, watched: Watched) -> str:
        preview = self.previews.get(watched)
        return number(preview.total) if preview else ""

    def _nothing(self, watched: Watched) -> Look | None:
        preview = self.previews.get(watched)
        if preview is None or preview.total:
            return None
        return Look("help", translate("watchlist", "None"), Tone.NOTICE)

    def _tip(self, watched: Watched) -> str:
        preview = self.previews.get(watched)
        return preview_words(watched, preview) if preview else ""


class WatchedTable(RecordTable):
    chosen_item = Signal(object)
    """The Watched that is selected; None where none is."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory, "watchlist/entries")
        self._columns = _Columns()
        self.rows = RecordModel[Watched](self._columns.all(), lambda watched: watched, self)
        self.set_model(self.rows, tuple(_WIDTHS[column] for column in WatchedColumn))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(self.tr("What is watched"))
        ColumnFit(self, memory, elastic=WatchedColumn.PRODUCT, least=12, optional=(WatchedColumn.RECORDS,))
        self.selectionModel().currentRowChanged.connect(lambda *_: self.chosen_item.emit(self.current_item))

    @property
    def current_item(self) -> Watched | None:
        row = self.currentIndex().row()
        return self.rows.records[row] if 0 <= row < len(self.rows.records) else None

    def show_items(self, items: tuple[Watched, ...], previews: Previews) -> None:
        """Show the entries; the selected one stays selected."""
        before = self.current_item
        self._columns.previews = previews
        if items == self.rows.records:
            self.rows.show_again()
        else:
            self.rows.replace(items)
        if items and self.current_item is None:
            self.selectRow(items.index(before) if before in items else 0)
        self.chosen_item.emit(self.current_item)
