"""The table of all pages: movable columns that are remembered, copying, opening, a context menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QTableView,
    QWidget,
)

from desktop.ui.formatting import translate
from desktop.ui.page_context import Memory
from desktop.ui.theme.apply import text_width
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.badge import LOOK_ROLE, BadgeDelegate
from desktop.ui.widgets.looks import Look

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class RecordTable(QTableView):
    """Selects whole rows; Ctrl+C copies the cells as they are shown, separated by tabs.

    The model gives a Look (badge.LOOK_ROLE) for cells that are badges, and the alignment of numbers. `set_model` needs
    a model that knows its columns.

    Args:
        memory: remembers the columns.
        name: the key under which they are remembered.
    """

    opened = Signal(QModelIndex)
    """A row was double-clicked, or Enter was pressed on it."""
    chosen = Signal(int, bool)
    """The user showed or hid a column: its number, and whether it is shown."""

    def __init__(self, memory: Memory, name: str) -> None:
        super().__init__()
        self.name = name
        self._memory, self._key = memory, f"{name}/columns"
        self._widths: Sequence[int] = ()
        self._row_actions: Sequence[QAction] = ()
        self.setItemDelegate(BadgeDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table, as everywhere
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + Space.M)
        header = self.horizontalHeader()
        header.setStyle(_PaddedHeader(self))
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda place: self.show_column_menu(header.mapToGlobal(place)))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(self.opened)

    def set_model(self, model: QAbstractItemModel, widths: Sequence[int]) -> None:
        """Set the model. widths: initial widths of the columns in digits; negative for columns that are hidden."""
        self.setModel(model)
        self._widths = widths
        for column, characters in enumerate(widths):
            self.setColumnWidth(column, text_width(self.font(), abs(characters)) + Space.L)
            self.setColumnHidden(column, characters < 0)
        header = self.horizontalHeader()
        remembered = self._memory.state(self._key)
        if not remembered.isEmpty():
            header.restoreState(remembered)
        header.sectionResized.connect(self._remember_columns)
        header.sectionMoved.connect(self._remember_columns)
        header.sortIndicatorChanged.connect(self._remember_columns)

    def shown_at_first(self, column: int) -> bool:
        """Whether the column is shown until the user chooses otherwise."""
        return self._widths[column] > 0

    def set_row_actions(self, actions: Sequence[QAction]) -> None:
        """Set the actions of the context menu: the same as the page's buttons."""
        self._row_actions = actions

    def selected_rows(self) -> list[int]:
        """Numbers of the selected rows, from top to bottom."""
        return sorted(index.row() for index in self.selectionModel().selectedRows()) if self.selectionModel() else []

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() in _ENTER and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def copy_selection(self) -> None:
        header, model = self.horizontalHeader(), self.model()
        columns = [header.logicalIndex(position) for position in range(header.count())]
        shown = [column for column in columns if not self.isColumnHidden(column)]
        lines = ["\t".join(_text(model, row, column) for column in shown) for row in self.selected_rows()]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _show_menu(self, position: QPoint) -> None:
        if not self.indexAt(position).isValid():
            return
        menu = QMenu(self)
        copy = menu.addAction(self.tr("Copy"))
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self.copy_selection)
        menu.addSeparator()
        menu.addActions(list(self._row_actions))
        menu.popup(self.viewport().mapToGlobal(position))

    def column_title(self, column: int) -> str:
        return _column_title(self.model(), column)

    def show_column_menu(self, corner: QPoint) -> None:
        """Open the menu of columns at a place on the screen. The last column that is shown cannot be hidden."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        header = self.horizontalHeader()
        for column in range(header.count()):
            shown = not self.isColumnHidden(column)
            choice = menu.addAction(self.column_title(column))
            choice.setCheckable(True)
            choice.setChecked(shown)
            choice.setEnabled(not shown or header.hiddenSectionCount() + 1 < header.count())
            choice.toggled.connect(lambda on, column=column: self._show_column(column, shown=on))
        menu.popup(corner)

    def _show_column(self, column: int, *, shown: bool) -> None:
        self.setColumnHidden(column, not shown)
        self.chosen.emit(column, shown)
        self._remember_columns()

    def _remember_columns(self) -> None:
        self._memory.save(self._key, self.horizontalHeader().saveState())


def spoken(model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex) -> str:
    """Return a cell as a screen reader says it, with the head of its column: "Severity: Critical"."""
    look, head = index.data(LOOK_ROLE), _column_title(model, index.column())
    words = _text(model, index.row(), index.column()) or (look.word if isinstance(look, Look) else "")
    return f"{head}: {words or translate('table', 'empty')}" if head else words


def _column_title(model: QAbstractItemModel, column: int) -> str:
    """Return the name of a column, also of one whose header has only an icon."""
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
    texts = (str(model.headerData(column, Qt.Orientation.Horizontal, role) or "") for role in roles)
    return next(filter(None, map(str.strip, texts)), "")


def _text(model: QAbstractItemModel, row: int, column: int) -> str:
    value = model.index(row, column).data(Qt.ItemDataRole.DisplayRole)
    return " ".join(str(value if value is not None else "").split())


class _PaddedHeader(QProxyStyle):
    """Pads header texts as the cells are padded, so that they align."""

    def __init__(self, table: QTableView) -> None:
        super().__init__("Fusion")
        self.setParent(table)

    def pixelMetric(  # noqa: N802 - Qt's name
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric is QStyle.PixelMetric.PM_HeaderMargin:
            return Space.S
        return super().pixelMetric(metric, option, widget)
