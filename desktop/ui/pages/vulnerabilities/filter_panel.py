"""The drop-down form of all filters; every change takes effect immediately."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import TypeVar

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QWidget,
)

from backend.client.api import ApiClient
from backend.contract.exposure import FindingState
from backend.contract.names import Severity, Source, Tag
from backend.contract.searches import StateFilter, VulnerabilityFilters
from desktop.ui.page_context import PageContext
from desktop.ui.pages.vulnerabilities.filter_words import state_word, tag_word, triage_word
from desktop.ui.pages.vulnerabilities.search import NOTHING, changed
from desktop.ui.pages.vulnerabilities.weakness_completion import weakness_ids, weaknesses_for
from desktop.ui.theme.tokens import Space
from desktop.ui.widgets.looks import severity_look
from desktop.ui.widgets.names_field import NamesField

Choice = TypeVar("Choice")
_ANY_DAY = QDate(1988, 1, 1)
"""Stands for no limit: it lies before the first published vulnerability."""
_LAST_DAY = QDate(2199, 12, 31)
_PER_ROW = 2
_NVD_STATUSES = (
    "Analyzed",
    "Awaiting Analysis",
    "Deferred",
    "Modified",
    "Received",
    "Rejected",
    "Undergoing Analysis",
)
"""The values of vulnStatus that NVD documents ("NVD CVE Statuses") and sends."""


class FilterPanel(QFrame):
    changed = Signal(object)
    """The new VulnerabilityFilters."""
    failed = Signal(object)
    """The Problem for which names are not completed."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._context, self._search = context, NOTHING
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._severities = {severity: QCheckBox(severity_look(severity).word) for severity in reversed(Severity)}
        self._triage = {state: QCheckBox(triage_word(state)) for state in FindingState}
        self._tags = {tag: QCheckBox(tag_word(tag)) for tag in Tag}
        self._mine = QCheckBox(self.tr("Only what concerns me"))
        self._exploited = _choices(self.tr("Any"), {True: self.tr("Yes"), False: self.tr("No")})
        self._ransomware = _choices(self.tr("Any"), {True: self.tr("Yes"), False: self.tr("Not known")})
        self._source = _choices(self.tr("Any"), {source: source.upper() for source in Source})
        self._rejected = _choices(
            state_word(StateFilter.PUBLISHED),
            {state: state_word(state) for state in (StateFilter.ANY, StateFilter.REJECTED)},
        )
        self.vendor = NamesField(self.tr("Vendor"), self.tr("Add a vendor"))
        self.product = NamesField(self.tr("Product"), self.tr("Add a product"))
        self.cwe = NamesField(self.tr("Weakness"), "CWE-79", weakness_ids)
        self.nvd_status = NamesField(self.tr("NVD's status"), self.tr("Add a status"))
        self._days = {name: self._day() for name in ("kev_added_after", "kev_added_before", "due_before")}
        self._moments = {name: self._day() for name in ("published_after", "published_before", "changed_after")}
        self._cvss, self._priority = self._least(10.0, 1, 0.5), self._least(1.0, 2, 0.05)
        self._epss = self._least(100.0, 0, 5)
        self._epss.setSuffix(self.tr(" %"))
        self._lay_out()
        self._listen()

    def open(self) -> None:
        """Open with the focus where most filters begin: at the names of vendors."""
        self.show()
        self.vendor.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_search(self, search: VulnerabilityFilters) -> None:
        """Show a search without emitting `changed`."""
        self._search = search
        self.blockSignals(True)
        _check(self._severities, search.severity)
        _check(self._triage, search.triage)
        _check(self._tags, search.tag)
        self._mine.setChecked(search.mine)
        for box, value in self._boxes(search):
            box.setCurrentIndex(max(box.findData(_data(value)), 0))
        for field, names in self._names(search):
            field.set_names(names)
        for name, edit in (self._days | self._moments).items():
            edit.setDate(_to_qdate(getattr(search, name)))
        self._cvss.setValue(search.min_cvss or 0)
        self._epss.setValue(100 * (search.min_epss or 0))
        self._priority.setValue(search.min_priority or 0)
        self.blockSignals(False)

    def _boxes(self, search: VulnerabilityFilters) -> Iterable[tuple[QComboBox, object]]:
        return (
            (self._exploited, search.exploited),
            (self._ransomware, search.ransomware),
            (self._source, search.source),
            (self._rejected, None if search.state is StateFilter.PUBLISHED else search.state),
        )

    def _names(self, search: VulnerabilityFilters) -> Iterable[tuple[NamesField, tuple[str, ...]]]:
        return (
            (self.vendor, search.vendor),
            (self.product, search.product),
            (self.cwe, search.cwe),
            (self.nvd_status, search.nvd_status),
        )

    def _emit_search(self) -> None:
        if self.signalsBlocked():
            return
        source, state = self._source.currentData(), self._rejected.currentData()
        search = changed(
            self._search,
            severity=_checked(self._severities),
            triage=_checked(self._triage),
            tag=_checked(self._tags),
            mine=self._mine.isChecked(),
            exploited=self._exploited.currentData(),
            ransomware=self._ransomware.currentData(),
            source=Source(source) if source else None,  # Qt keeps a plain text
            state=StateFilter(state) if state else None,
            vendor=self.vendor.names,
            product=self.product.names,
            cwe=self.cwe.names,
            nvd_status=self.nvd_status.names,
            min_cvss=round(self._cvss.value(), 1) or None,
            min_epss=round(self._epss.value()) / 100 or None,
            min_priority=round(self._priority.value(), 2) or None,
            **{name: _to_date(edit.date()) for name, edit in self._days.items()},
            **{name: self._moment(name, edit) for name, edit in self._moments.items()},
        )
        if search != self._search:
            self._search = search
            self.changed.emit(search)

    def _moment(self, name: str, edit: QDateEdit) -> datetime | None:
        """Keep the moment of a link ("in the last 24 hours") as long as its day is not changed."""
        given: datetime | None = getattr(self._search, name)
        if edit.date() == _to_qdate(given):
            return given
        day = _to_date(edit.date())
        return datetime.combine(day, time(), UTC) if day else None

    def _listen(self) -> None:
        for box in (*self._severities.values(), *self._triage.values(), *self._tags.values(), self._mine):
            box.toggled.connect(self._emit_search)
        for choice, _ in self._boxes(NOTHING):
            choice.currentIndexChanged.connect(self._emit_search)
        for field, _ in self._names(NOTHING):
            field.changed.connect(self._emit_search)
        for edit in (self._days | self._moments).values():
            edit.dateChanged.connect(self._emit_search)
        for spin in (self._cvss, self._epss, self._priority):
            spin.valueChanged.connect(self._emit_search)
        self.vendor.field.wanted.connect(self._complete_vendor)
        self.product.field.wanted.connect(self._complete_product)
        self.cwe.field.wanted.connect(lambda text: self.cwe.field.suggest(weaknesses_for(text)))
        self.nvd_status.field.wanted.connect(self._complete_status)

    def _complete_vendor(self, prefix: str) -> None:
        self._suggest(self.vendor, prefix, lambda client: client.vendors(prefix).items)

    def _complete_product(self, prefix: str) -> None:
        """Complete with the products of the vendor where there is one, else with those of all."""
        vendors = self._search.vendor
        vendor = vendors[0] if len(vendors) == 1 else ""

        def names(client: ApiClient) -> tuple[str, ...]:
            return tuple(dict.fromkeys(found.product for found in client.products(prefix, vendor).items))

        self._suggest(self.product, prefix, names)

    def _complete_status(self, prefix: str) -> None:
        begun = [status for status in _NVD_STATUSES if status.casefold().startswith(prefix.casefold())]
        self.nvd_status.field.suggest(begun)

    def _suggest(self, field: NamesField, prefix: str, call: Callable[[ApiClient], Sequence[str]]) -> None:
        if prefix:
            self._context.ask(call, field.field.suggest, self.failed.emit, owner=self)

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
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        row.setSpacing(Space.XL)
        for fields in (self._of_risk(), self._of_record()):
            form = QFormLayout()
            form.setSpacing(Space.S)
            for name, field in fields.items():
                form.addRow(name, field)
            row.addLayout(form, 1)

    def _of_risk(self) -> Mapping[str, QWidget | QLayout]:
        return {
            self.tr("Severity"): _grid(self._severities.values()),
            self.tr("Known exploited"): self._exploited,
            self.tr("Used by ransomware"): self._ransomware,
            self.tr("Listed by CISA on or after"): self._days["kev_added_after"],
            self.tr("Listed by CISA before"): self._days["kev_added_before"],
            self.tr("Due before"): self._days["due_before"],
            self.tr("Minimum CVSS score"): self._cvss,
            self.tr("Minimum EPSS score"): self._epss,
            self.tr("Minimum priority"): self._priority,
            self.tr("Mine"): self._mine,
            self.tr("Triage"): _grid(self._triage.values()),
        }

    def _of_record(self) -> Mapping[str, QWidget | QLayout]:
        return {
            self.tr("Vendor"): self.vendor,
            self.tr("Product"): self.product,
            self.tr("Weakness"): self.cwe,
            self.tr("Published on or after"): self._moments["published_after"],
            self.tr("Published before"): self._moments["published_before"],
            self.tr("Changed on or after"): self._moments["changed_after"],
            self.tr("Source"): self._source,
            self.tr("NVD's status"): self.nvd_status,
            self.tr("Tags"): _grid(self._tags.values(), per_row=1),
            self.tr("Rejected"): self._rejected,
        }


def _choices(first: str, others: Mapping[Choice, str]) -> QComboBox:
    """A list whose first entry stands for no condition."""
    box = QComboBox()
    box.addItem(first, None)
    for value, words in others.items():
        box.addItem(words, _data(value))
    return box


def _data(value: object) -> object:
    """What Qt finds again: it compares texts, not members of an enumeration."""
    return str(value) if isinstance(value, str) else value


def _grid(boxes: Iterable[QCheckBox], per_row: int = _PER_ROW) -> QGridLayout:
    grid = QGridLayout()
    grid.setSpacing(Space.XS)
    for place, box in enumerate(boxes):
        grid.addWidget(box, place // per_row, place % per_row)
    return grid


def _check(boxes: Mapping[Choice, QCheckBox], given: tuple[Choice, ...]) -> None:
    for value, box in boxes.items():
        box.setChecked(value in given)


def _checked(boxes: Mapping[Choice, QCheckBox]) -> tuple[Choice, ...]:
    return tuple(value for value, box in boxes.items() if box.isChecked())


def _to_qdate(day: date | datetime | None) -> QDate:
    return QDate(day.year, day.month, day.day) if day else _ANY_DAY


def _to_date(day: QDate) -> date | None:
    return None if day <= _ANY_DAY else date(day.year(), day.month(), day.day())
