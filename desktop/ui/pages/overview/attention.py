"""The first thing on the page: what became known as exploited since the user last looked."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from desktop.ui.formatting import absolute
from desktop.ui.page_context import Memory
from desktop.ui.pages.overview.news import LATEST, Found
from desktop.ui.pages.overview.rows import Column, NewsModel
from desktop.ui.pages.overview.tiles import EXPLOITED
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.table import RecordTable
from desktop.ui.widgets.text import Muted, Plain

_WIDTHS = {Column.ID: 17, Column.PRIORITY: 11, Column.TITLE: 30, Column.PRODUCT: 23, Column.DUE: 12}
_SHARES = {Column.TITLE: 0.64, Column.PRODUCT: 0.36}
"""Of the room that the others leave."""


class AttentionCard(Card):
    opened = Signal(str)
    """An id."""
    all_wanted = Signal(str)
    """What the Vulnerabilities page is asked to show."""
    seen = Signal()

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._all_key = EXPLOITED
        self._title, self._remark = Plain("", Size.NORMAL, bold=True), Muted()
        self.mark_seen = QPushButton(self.tr("Mark as seen"))
        self.mark_seen.setToolTip(self.tr("They are not listed as new again. Closing the window does the same."))
        self.all = QPushButton()
        self.table = NewsTable(memory)
        self.table.opened.connect(self._open)
        self.table.clicked.connect(self._open)
        self.mark_seen.clicked.connect(self.seen)
        self.all.clicked.connect(lambda: self.all_wanted.emit(self._all_key))
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._title)
        head.addWidget(self._remark, 1)
        head.addWidget(self.mark_seen)
        head.addWidget(self.all)
        self.body.addLayout(head)
        self.body.addWidget(self.table)
        self.mark_seen.setVisible(False)
        self._title.setText(self.tr("Latest known exploited"))
        self.all.setText(self.tr("All exploited"))

    def tell(self, found: Found) -> None:
        self._title.setText(self._heading(found))
        self.setAccessibleName(self._title.text())
        rest = found.new - len(found.rows)
        self._remark.setText(self.tr("and %Ln more", "", rest) if rest > 0 else "")
        self._remark.setToolTip(absolute(found.since) if found.since else "")
        self.mark_seen.setVisible(bool(found.new))
        self.all.setText(self.tr("Show all") if found.new else self.tr("All exploited"))
        self._all_key = f"exploited_after:{found.since.isoformat()}" if found.new and found.since else EXPLOITED
        self.table.show_found(found)
        self.setVisible(bool(found.rows))

    def _heading(self, found: Found) -> str:
        return self.tr("New since you last looked") if found.new else self.tr("Latest known exploited")

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(self.table.rows.key_of(index))


class NewsTable(RecordTable):
    """As high as its rows, so that only the page scrolls."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory, "overview/news")
        self.rows = NewsModel(self)
        self.set_model(self.rows, tuple(_WIDTHS[column] for column in Column))
        self.setAccessibleName(self.tr("Exploited vulnerabilities"))
        self.horizontalHeader().setStretchLastSection(False)  # or a wide window's day would stay wide
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlternatingRowColors(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        for policy in (self.setVerticalScrollBarPolicy, self.setHorizontalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_room(LATEST)  # so that nothing jumps when the usual number arrives

    def show_found(self, found: Found) -> None:
        self.rows.show_rows(found.rows)
        self._make_room(len(found.rows))

    def _make_room(self, rows: int) -> None:
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + rows * self.verticalHeader().defaultSectionSize() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        fixed = sum(self.columnWidth(column) for column in Column if column not in _SHARES)
        for column, share in _SHARES.items():
            self.setColumnWidth(column, max(round((self.viewport().width() - fixed) * share), Space.XL))
