"""The list of all pages that Ctrl+K opens: chosen by arrow keys, the first letters of a title, or mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop.ui.page_context import PageName
from desktop.ui.sections import page_title
from desktop.ui.theme.tokens import Space


class PageChooser(QDialog):
    """Closes when a page is chosen, at Esc, and at a click elsewhere."""

    chosen = Signal(str)
    """A PageName."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Go to page"))
        self._window, self.list = window, QListWidget()
        self.list.setAccessibleName(self.tr("Go to page"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for page in PageName:
            item = QListWidgetItem(page_title(page), self.list)
            item.setData(Qt.ItemDataRole.UserRole, page.value)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        column.addWidget(self.list)

    def open_at(self, page: PageName) -> None:
        """Open the list over the upper middle of the window. page: the one that is marked."""
        self.list.setCurrentRow(list(PageName).index(page))
        rows, frame = self.list.count(), 2 * self.list.frameWidth()
        self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + frame)
        self.adjustSize()
        window = self._window.geometry()
        self.move(window.center().x() - self.width() // 2, window.top() + Space.XL)
        self.show()
        self.list.setFocus()

    def _choose(self, item: QListWidgetItem) -> None:
        self.close()
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
