"""The drop-down form of all filters; every change takes effect immediately."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QLineEdit,
    QWidget,
)

from backend.contract.names import Severity, Source
from desktop.ui.pages.vulnerabilities.search import Search
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.looks import severity_look

_ANY_DAY = QDate(1988, 1, 1)
"""Stands for no limit: it lies before the first published vulnerability."""
_LAST_DAY = QDate(2199, 12, 31)
_SEVERITIES_PER_ROW = 3


class FilterPanel(QFrame):
    changed = Signal(object)
    """The new Search."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._search = Search()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._severities = {severity: QCheckBox(severity_look(severity).word) for severity in reversed(Severity)}
        self._source = QComboBox()
        self._source.addItem(self.tr("Any"), "")
        for source in Source:
            self._source.addItem(source.upper(), source.value)
        self._vendor, self._product, self._cwe = QLineEdit(), QLineEdit(), QLineEdit()
        self._vendor.setPlaceholderText(self.tr("Full name"))
        self._product.setPlaceholderText(self.tr("Full name"))
        self._cwe.setPlaceholderText("CWE-79")
        self._from, self._to = self._day(), self._day()
        self._cvss, self._priority = self._least(10.0, 1, 0.5), self._least(1.0, 2, 0.05)
        self._lay_out()
        self._listen()

    def show_search(self, search: Search) -> None:
        """Show a search without emitting `changed`."""
        self._search = search
        self.blockSignals(True)
        for severity, box in self._severities.items():
            box.setChecked(severity in search.severities)
        self._source.setCurrentIndex(self._source.findData(search.source or ""))
        self._vendor.setText(search.vendor)
        self._product.setText(search.product)
        self._cwe.setText(search.cwe)
        self._from.setDate(_to_qdate(search.published_from))
        self._to.setDate(_to_qdate(search.published_to))
        self._cvss.setValue(search.min_cvss or 0)
        self._priority.setValue(search.min_priority or 0)
        self.blockSignals(False)

    def _emit_search(self) -> None:
        search = replace(
            self._search,
            severities=tuple(severity for severity, box in self._severities.items() if box.isChecked()),
            source=Source(self._source.currentData()) if self._source.currentData() else None,
            vendor=self._vendor.text().strip(),
            product=self._product.text().strip(),
            cwe=self._cwe.text().strip(),
            published_from=_to_date(self._from.date()),
            published_to=_to_date(self._to.date()),
            min_cvss=round(self._cvss.value(), 1) or None,
            min_priority=round(self._priority.value(), 2) or None,
        )
        if search != self._search and not self.signalsBlocked():
            self._search = search
            self.changed.emit(search)

    def _listen(self) -> None:
        for box in self._severities.values():
            box.toggled.connect(self._emit_search)
        self._source.currentIndexChanged.connect(self._emit_search)
        for field in (self._vendor, self._product, self._cwe):
            field.editingFinished.connect(self._emit_search)  # an incomplete name finds nothing
        for edit in (self._from, self._to):
            edit.dateChanged.connect(self._emit_search)
        for spin in (self._cvss, self._priority):
            spin.valueChanged.connect(self._emit_search)

    def _day(self) -> QDateEdit:
        edit = QDateEdit()
        edit.setCalendarPopup(True)
        edit.setDateRange(_ANY_DAY, _LAST_DAY)
        edit.setSpecialValueText(self.tr("Any date"))
        edit.setDisplayFormat("yyyy-MM-dd")
        return edit

    def _least(self, most: float, decimals: int, step: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox(maximum=most, decimals=decimals, singleStep=step)
        spin.setSpecialValueText(self.tr("Any"))
        return spin

    def _lay_out(self) -> None:
        boxes = QGridLayout()
        for place, box in enumerate(self._severities.values()):
            boxes.addWidget(box, place // _SEVERITIES_PER_ROW, place % _SEVERITIES_PER_ROW)
        form = QFormLayout(self)
        form.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        form.setSpacing(Space.S)
        form.addRow(self.tr("Severity"), boxes)
        form.addRow(self.tr("Source"), self._source)
        form.addRow(self.tr("Vendor"), self._vendor)
        form.addRow(self.tr("Product"), self._product)
        form.addRow(self.tr("Weakness"), self._cwe)
        form.addRow(self.tr("Published on or after"), self._from)
        form.addRow(self.tr("Published on or before"), self._to)
        form.addRow(self.tr("Minimum CVSS score"), self._cvss)
        form.addRow(self.tr("Minimum priority"), self._priority)


def _to_qdate(day: date | None) -> QDate:
    return QDate(day.year, day.month, day.day) if day else _ANY_DAY


def _to_date(day: QDate) -> date | None:
    return None if day <= _ANY_DAY else date(day.year(), day.month(), day.day())
