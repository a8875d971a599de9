"""The form in which a person says which product a program is, or that it is none of the known ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QPushButton, QRadioButton, QVBoxLayout, QWidget

from backend.contract.exposure import DecidedProduct
from backend.contract.inventory import ProductName
from backend.contract.machine_exposure import ProgramExposure
from backend.contract.watching import ProductNames
from desktop.ui.formatting import one_line
from desktop.ui.page_context import PageContext
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.completing_field import CompletingField
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.text import Muted, Plain

_MOST = 6
"""Candidates that are offered without typing."""


class ProductChoice(QWidget):
    """Hidden until it is opened. Its choice holds for all versions of the program and is kept."""

    decided = Signal(object, object)
    """The ProgramExposure, and the DecidedProduct; None: none of the known ones."""
    failed = Signal(object)
    """A Problem."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self._program: ProgramExposure | None = None
        self._offered: dict[str, ProductName] = {}
        self._title, self._group, self._buttons = Plain("", bold=True), QButtonGroup(self), QVBoxLayout()
        self._title.setWordWrap(True)
        self.candidates: list[QRadioButton] = []
        self.other, self.none = (
            QRadioButton(self.tr("Another product:")),
            QRadioButton(self.tr("None of the known ones")),
        )
        self.field = CompletingField(self.tr("Product"), self.tr("Type its beginning, for example firefox"))
        self.save, self.cancel = QPushButton(self.tr("Save")), QPushButton(self.tr("Cancel"))
        self.field.wanted.connect(self._complete)
        self.field.textChanged.connect(self._typed)
        self._group.buttonToggled.connect(lambda *_: self._enable())
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.hide)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.hide)
        self._lay_out()
        self.setVisible(False)

    def open(self, program: ProgramExposure) -> None:
        self._program = program
        self._title.setText(self.tr("Which product is “{0}”?").format(one_line(program.software.name)))
        self._offered = {}
        self._offer(program.candidates[:_MOST])
        self.field.clear()
        self.other.setChecked(True)
        self.setVisible(True)
        self.field.setFocus()
        self._enable()

    def _offer(self, products: Sequence[ProductName]) -> None:
        for button in self.candidates:
            self._group.removeButton(button)
            button.deleteLater()
        self.candidates = []
        for product in products:
            button = QRadioButton(_words(product))
            self._offered[button.text()] = product
            self._group.addButton(button)
            self._buttons.addWidget(button)
            self.candidates.append(button)

    def _complete(self, text: str) -> None:
        if text:
            self._context.ask(
                lambda client: client.products(text), self._show_completions, self.failed.emit, owner=self
            )

    def _show_completions(self, found: ProductNames) -> None:
        named = {_words(product): product for product in found.items}
        self._offered |= named
        self.field.suggest(list(named))
        self._enable()

    def _typed(self, text: str) -> None:
        if text:
            self.other.setChecked(True)
        self._enable()

    def _enable(self) -> None:
        self.save.setEnabled(self.none.isChecked() or self._chosen is not None)

    @property
    def _chosen(self) -> ProductName | None:
        checked = next((button for button in self.candidates if button.isChecked()), None)
        return self._offered.get(checked.text() if checked else self.field.text())

    def _save(self) -> None:
        chosen = self._chosen
        self.hide()
        named = DecidedProduct(vendor=chosen.vendor, product=chosen.product) if chosen else None
        self.decided.emit(self._program, None if self.none.isChecked() else named)

    def _lay_out(self) -> None:
        hint = Muted(self.tr("Your choice holds for all its versions, and for all who share the database."))
        hint.setWordWrap(True)
        for button in (self.other, self.none):
            self._group.addButton(button)
        actions = FlowLayout()
        actions.addWidget(self.save)
        actions.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._title)
        column.addLayout(self._buttons)
        for part in (self.other, self.field, self.none, hint):
            column.addWidget(part)
        column.addLayout(actions)


def _words(product: ProductName) -> str:
    """Vendor and product as one line: the text of a button, and of a completion."""
    return one_line(f"{product.vendor} : {product.product}")
