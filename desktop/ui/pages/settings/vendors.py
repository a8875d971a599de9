"""The vendors that are watched: names as the vulnerabilities have them."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLabel, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from desktop.ui.formatting import one_line
from desktop.ui.theme.tokens import Space

_LONGEST = 100
_ROWS = 4


class VendorList(QWidget):
    changed = Signal(tuple)
    """All names, as they are now wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._vendors: tuple[str, ...] = ()
        self._suggestions = QStringListModel(self)
        self.field, self.list = QLineEdit(), QListWidget()
        self.add, self.remove = QPushButton(self.tr("Add")), QPushButton(self.tr("Remove"))
        self._label = QLabel(self.tr("&Watched vendors"))
        self._dress()
        self._connect()
        self._lay_out()
        self._allow()

    def show_vendors(self, vendors: tuple[str, ...]) -> None:
        if vendors != self._vendors:
            self._vendors = vendors
            chosen = self.list.currentRow()
            self.list.clear()
            self.list.addItems([one_line(name, _LONGEST) for name in vendors])
            self.list.setCurrentRow(min(chosen, len(vendors) - 1))
        self.list.setVisible(bool(vendors))
        self._allow()

    def suggest(self, names: tuple[str, ...]) -> None:
        if list(names) != self._suggestions.stringList():
            self._suggestions.setStringList(list(names))

    def _add(self) -> None:
        """As the vulnerabilities have the names: small letters, single spaces."""
        name = " ".join(self.field.text().lower().split())
        self.field.clear()
        if name and name not in self._vendors:
            self.changed.emit(tuple(sorted((*self._vendors, name))))

    def _remove(self) -> None:
        place = self.list.currentRow()
        if place >= 0:
            self.changed.emit(self._vendors[:place] + self._vendors[place + 1 :])

    def _allow(self) -> None:
        self.add.setEnabled(bool(self.field.text().strip()))
        self.remove.setEnabled(self.list.currentRow() >= 0)
        self.remove.setVisible(bool(self._vendors))

    def _dress(self) -> None:
        self.field.setPlaceholderText(self.tr("A vendor, for example microsoft"))
        self.field.setAccessibleName(self.tr("Vendor to watch"))
        self.field.setMaxLength(_LONGEST)
        completer = QCompleter(self._suggestions, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.list.setAccessibleName(self.tr("Watched vendors"))
        self.list.setFixedHeight((self.fontMetrics().height() + Space.XS) * _ROWS + Space.S)
        self._label.setBuddy(self.field)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._allow)
        self.field.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.list.currentRowChanged.connect(self._allow)

    def _lay_out(self) -> None:
        entry, below = QHBoxLayout(), QHBoxLayout()
        for line in (entry, below):
            line.setSpacing(Space.S)
        entry.addWidget(self.field, 1)
        entry.addWidget(self.add)
        below.addWidget(self.list, 1)
        below.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self._label)
        column.addLayout(entry)
        column.addLayout(below)
