"""The table of what is watched, with what each entry would have shown."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView

from backend.contract.exposure import Watched
from backend.contract.watching import WatchedKind, WatchedPreview
from desktop.ui.formatting import number, one_line, tip, translate
from desktop.ui.page_context import Memory
from desktop.ui.pages.watchlist.words import Previews, count_of, preview_words
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.badge import LOOK_ROLE
from desktop.ui.widgets.column_fit import ColumnFit
from desktop.ui.widgets.looks import Look
from desktop.ui.widgets.table import RecordTable, spoken

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


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
_COUNTS = {WatchedColumn.EXPLOITED: WatchedKind.EXPLOITED, WatchedColumn.CRITICAL: WatchedKind.CRITICAL}


class WatchedModel(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: tuple[Watched, ...] = ()
        self._previews: Previews = {}
        self._titles = {
            WatchedColumn.VENDOR: self.tr("Vendor"),
            WatchedColumn.PRODUCT: self.tr("Product"),
            WatchedColumn.VERSION: self.tr("Version"),
            WatchedColumn.RECORDS: self.tr("Vulnerabilities"),
            WatchedColumn.EXPLOITED: self.tr("Exploited"),
            WatchedColumn.CRITICAL: self.tr("Critical"),
        }

    def show_items(self, items: tuple[Watched, ...], previews: Previews) -> None:
        if items != self.items:
            self.beginResetModel()
            self.items, self._previews = items, previews
            self.endResetModel()
        else:
            self._previews = previews
            if items:
                self.dataChanged.emit(self.index(0, 0), self.index(len(items) - 1, len(WatchedColumn) - 1))

    # ---- Qt's names

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.items)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(WatchedColumn)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section in _COUNTS:
            return self.tr("In the last 30 days")
        return self._titles[WatchedColumn(section)] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        watched, column = self.items[index.row()], WatchedColumn(index.column())
        preview = self._previews.get(watched)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(watched, preview, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(self, index)
            case Qt.ItemDataRole.ToolTipRole if preview is not None:
                return tip(preview_words(watched, preview))
            case Qt.ItemDataRole.TextAlignmentRole if column >= WatchedColumn.RECORDS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return _nothing_look(preview) if role == LOOK_ROLE and column is WatchedColumn.RECORDS else None


def _nothing_look(preview: WatchedPreview | None) -> Look | None:
    if preview is None or preview.total:
        return None
    return Look("help", translate("watchlist", "None"), Tone.NOTICE)


def _text(watched: Watched, preview: WatchedPreview | None, column: WatchedColumn) -> str:
    if column in _COUNTS:
        return number(count_of(preview, _COUNTS[column])) if preview else ""
    match column:
        case WatchedColumn.VENDOR:
            return one_line(watched.vendor or watched.search)
        case WatchedColumn.PRODUCT:
            return one_line(watched.product) or translate("watchlist", "all")
        case WatchedColumn.VERSION:
            return one_line(watched.version) or translate("watchlist", "all")
    return number(preview.total) if preview else ""


class WatchedTable(RecordTable):
    chosen_item = Signal(object)
    """The Watched that is selected; None where none is."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory, "watchlist/entries")
        self.rows = WatchedModel(self)
        self.set_model(self.rows, tuple(_WIDTHS[column] for column in WatchedColumn))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(self.tr("What is watched"))
        ColumnFit(self, memory, elastic=WatchedColumn.PRODUCT, least=12, optional=(WatchedColumn.RECORDS,))
        self.selectionModel().currentRowChanged.connect(lambda *_: self.chosen_item.emit(self.current_item))

    @property
    def current_item(self) -> Watched | None:
        row = self.currentIndex().row()
        return self.rows.items[row] if 0 <= row < len(self.rows.items) else None

    def show_items(self, items: tuple[Watched, ...], previews: Previews) -> None:
        """Show the entries; the selected one stays selected."""
        before = self.current_item
        self.rows.show_items(items, previews)
        if items and self.current_item is None:
            self.selectRow(items.index(before) if before in items else 0)
        self.chosen_item.emit(self.current_item)
