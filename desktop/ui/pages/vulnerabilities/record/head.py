"""The head of a record: its id with its pages elsewhere, what can be done with it, title and badges."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.ui.pages.vulnerabilities.record.content import Content
from desktop.ui.pages.vulnerabilities.record.copying import CopyForm, copied
from desktop.ui.pages.vulnerabilities.record.links import record_pages
from desktop.ui.theme.tokens import Size, Space
from desktop.ui.widgets.badge import Badge
from desktop.ui.widgets.buttons import icon_button
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.text import Code, Plain


class RecordHead(QWidget):
    stepped = Signal(int)
    """1: the next record of the list is wanted, -1: the one before."""
    window_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._content: Content | None = None
        self._id, self._title, self._badges = Code(), Plain("", Size.LARGE, bold=True), FlowLayout()
        self._title.setWordWrap(True)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_id = icon_button("content-copy", self.tr("Copy ID"))
        self.previous = icon_button("chevron-up", self.tr("Previous record (Alt+Up)"))
        self.next = icon_button("chevron-down", self.tr("Next record (Alt+Down)"))
        self.window_button = icon_button("dock-window", self.tr("Open in a window of its own"))
        self.copy = icon_button("clipboard-text-outline", self.tr("Copy the record"))
        self.pages = [QToolButton(), QToolButton()]
        self._listen()
        self._lay_out()

    def show_content(self, content: Content) -> None:
        self._content = content
        self._id.setText(content.cve_id)
        self._title.setText(content.title)
        self._title.setToolTip(content.title_tip)
        self._show_pages(content.cve_id)
        while (item := self._badges.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for look in content.looks:
            self._badges.addWidget(Badge(look))

    def _show_pages(self, cve_id: str) -> None:
        pages = dict(record_pages(cve_id))
        for button, name in zip(self.pages, [*pages, *[""] * len(self.pages)], strict=False):
            button.setText(name)
            button.setToolTip(self.tr("Open at {0}").format(name))
            button.setVisible(bool(name))

    def _open_page(self, button: QToolButton) -> None:
        if self._content is not None:
            QDesktopServices.openUrl(QUrl(dict(record_pages(self._content.cve_id))[button.text()]))

    def _copy_as(self, form: CopyForm) -> None:
        if self._content is not None:
            QGuiApplication.clipboard().setText(copied(self._content, form))

    def _listen(self) -> None:
        self.copy_id.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._id.text()))
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.window_button.clicked.connect(self.window_wanted)
        for button in self.pages:
            button.clicked.connect(lambda _=False, button=button: self._open_page(button))
        menu = QMenu(self.copy)
        for form, text in (
            (CopyForm.TEXT, self.tr("Copy as text")),
            (CopyForm.MARKDOWN, self.tr("Copy as Markdown")),
            (CopyForm.JSON, self.tr("Copy as JSON")),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, form=form: self._copy_as(form))
        self.copy.setMenu(menu)
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _lay_out(self) -> None:
        buttons = FlowLayout()
        buttons.setSpacing(Space.XS)
        for widget in (
            self._id,
            self.copy_id,
            self.copy,
            self.previous,
            self.next,
            self.window_button,
            *self.pages,
        ):
            buttons.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(buttons)
        column.addWidget(self._title)
        column.addLayout(self._badges)
