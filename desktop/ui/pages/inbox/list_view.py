"""The list of events: selection of several, buttons in the row, and the keys of all actions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QGuiApplication, QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QToolTip

from desktop.ui.pages.inbox.bar import EventActions
from desktop.ui.pages.inbox.delegate import EventDelegate
from desktop.ui.pages.inbox.model import ROW_ROLE, InboxModel
from desktop.ui.pages.inbox.rows import InboxRow

_MINUTE_MS = 60_000


class EventList(QListView):
    """Selects several rows, and has the actions of the page with their keys; the most frequent also in the row."""

    opened = Signal()
    """A row was double-clicked; it is the selected one."""

    def __init__(self, model: InboxModel, actions: EventActions) -> None:
        super().__init__()
        self._pressed: QAction | None = None  # the button of a row on which the mouse is pressed
        self._in_row = (actions.acknowledge, actions.ignore, actions.open)
        self._painter = EventDelegate(self, self._in_row)
        self.addActions(list(actions.of_rows))
        self.setModel(model)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(self.tr("Events"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(lambda _: self.opened.emit())
        self._times = QTimer(self, interval=_MINUTE_MS)  # "12 min ago" becomes "13 min ago"
        self._times.timeout.connect(self.viewport().update)
        self._times.start()

    def chosen(self) -> tuple[InboxRow, ...]:
        """Return the selected rows from top to bottom."""
        places = sorted(index.row() for index in self.selectedIndexes())
        return tuple(self.model().index(place, 0).data(ROW_ROLE) for place in places)

    def choose(self, index: QModelIndex) -> None:
        """Select one row, and scroll to it."""
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText("\n".join(row.spoken for row in self.chosen()))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        has_current = self.currentIndex().isValid()
        super().focusInEvent(event)  # makes the first row the current one, but does not select it
        if not has_current and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Leave a press on a button of a row to the release: it must not change a selection of several."""
        self._pressed = self._button_of(event)
        if self._pressed is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
        elif pressed is self._button_of(event):
            self._act(pressed, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A double click on a button is two clicks on it, and opens nothing."""
        self._pressed = self._button_of(event)
        if self._pressed is None:
            super().mouseDoubleClickEvent(event)

    def _act(self, button: QAction, event: QMouseEvent) -> None:
        """Let the button of a row act on the selection, or on its row alone if that is not selected."""
        index = self.indexAt(event.position().toPoint())
        if not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)
        button.trigger()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QHelpEvent) and (button := self._button_at(event.pos())) is not None:
            QToolTip.showText(event.globalPos(), button.toolTip(), self)
            return True
        return super().viewportEvent(event)

    def _button_of(self, event: QMouseEvent) -> QAction | None:
        left = event.button() is Qt.MouseButton.LeftButton
        return self._button_at(event.position().toPoint()) if left else None

    def _button_at(self, position: QPoint) -> QAction | None:
        index = self.indexAt(position)
        return self._painter.button_at(self.visualRect(index), position) if index.isValid() else None

    def _show_menu(self, position: QPoint) -> None:
        if self.indexAt(position).isValid():
            menu = QMenu(self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.addActions(self.actions())
            menu.popup(self.viewport().mapToGlobal(position))
