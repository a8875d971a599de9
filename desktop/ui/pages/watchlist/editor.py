"""The form in which an entry is added or changed, with completion from the records."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton

from backend.contract.exposure import Watched
from desktop.ui.page_context import PageContext
from desktop.ui.theme.icons import icon
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.completing_field import CompletingField
from desktop.ui.widgets.layout import Card, FlowLayout


class WatchedEditor(Card):
    """Adds an entry, or changes the one that it was opened with."""

    saved = Signal(object, object)
    """The Watched, and the one that it replaces; None: it is a new one."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Entry"))
        self._context = context
        self._before: Watched | None = None
        self.vendor = CompletingField(self.tr("Vendor"), self.tr("For example mozilla"))
        self.product = CompletingField(self.tr("Product"), self.tr("All products"))
        self.version = QLineEdit()
        self.version.setPlaceholderText(self.tr("All versions"))
        self.save, self.cancel = QPushButton(icon("plus"), ""), QPushButton(self.tr("Cancel"))
        self.vendor.wanted.connect(self._complete_vendor)
        self.product.wanted.connect(self._complete_product)
        for field in (self.vendor, self.product, self.version):
            field.textChanged.connect(self._enable)
            field.returnPressed.connect(self._save)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.clear)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.clear)
        self._lay_out()
        self.clear()

    def edit(self, watched: Watched) -> None:
        """Show an entry to change it."""
        self._before = watched
        self._show(watched)
        self.vendor.setFocus()

    def use(self, vendor: str, product: str) -> None:
        """Take over a name from the records."""
        self.vendor.setText(vendor)
        self.product.setText(product)

    def clear(self) -> None:
        self._before = None
        self._show(Watched())

    @property
    def entry(self) -> Watched:
        search = self._before.search if self._before else ""
        vendor, product, version = (
            " ".join(field.text().lower().split()) for field in (self.vendor, self.product, self.version)
        )
        return Watched(vendor=vendor, product=product, version=version, search=search)

    def _show(self, watched: Watched) -> None:
        self.vendor.setText(watched.vendor)
        self.product.setText(watched.product)
        self.version.setText(watched.version)
        self.save.setText(self.tr("Save") if self._before else self.tr("Add"))
        self.save.setIcon(icon("check" if self._before else "plus"))
        self.cancel.setVisible(self._before is not None)
        self._enable()

    def _enable(self) -> None:
        """A version alone says nothing: it is that of a product."""
        entry = self.entry
        is_whole = bool(entry.product or entry.search or (entry.vendor and not entry.version))
        self.save.setEnabled(is_whole and entry != self._before)
        self.save.setToolTip("" if is_whole else self.tr("Name a vendor or a product; a version needs its product."))

    def _save(self) -> None:
        if self.save.isEnabled():
            entry, before = self.entry, self._before
            self.clear()
            self.saved.emit(entry, before)

    def _complete_vendor(self, text: str) -> None:
        self._context.ask(lambda client: client.vendors(text).items, self.vendor.suggest, self.failed.emit, owner=self)

    def _complete_product(self, text: str) -> None:
        vendor = self.vendor.text().strip()
        self._context.ask(
            lambda client: [item.product for item in client.products(text, vendor).items],
            self.product.suggest,
            self.failed.emit,
            owner=self,
        )

    def _lay_out(self) -> None:
        titles = (self.tr("&Vendor"), self.tr("&Product"), self.tr("V&ersion"))
        grid = QGridLayout()
        grid.setSpacing(Space.XS)
        grid.setHorizontalSpacing(Space.S)
        for column, (title, field) in enumerate(zip(titles, (self.vendor, self.product, self.version), strict=True)):
            label = QLabel(title)
            label.setBuddy(field)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 3 - column // 2)
        buttons = FlowLayout()
        buttons.addWidget(self.save)
        buttons.addWidget(self.cancel)
        self.body.addLayout(grid)
        self.body.addLayout(buttons)
