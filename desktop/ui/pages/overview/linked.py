"""A card that shows a page in brief, and leads to it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton

from desktop.ui.page_context import Desk, PageName
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Size
from desktop.ui.widgets.layout import Card
from desktop.ui.widgets.text import Plain


class LinkedCard(Card):
    def __init__(self, desk: Desk, title: str, page: PageName) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.link = QToolButton()
        self.link.setText(title)
        self.link.setIcon(icon("chevron-right"))
        self.link.setAutoRaise(True)
        self.link.setToolTip(self.tr("Open the page"))
        self.link.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.link.clicked.connect(lambda: desk.open(page))
        head = QHBoxLayout()
        head.addWidget(Plain(title, Size.NORMAL, bold=True))
        head.addStretch(1)
        head.addWidget(self.link)
        self.body.addLayout(head)
