"""What is looked for, said in words, each part with a button that takes it away."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from desktop.model.search import Facet, Search
from desktop.ui.formatting import clock_time, day, number, one_line, translate
from desktop.ui.theme.icons import icon
from desktop.ui.widgets.layout import FlowLayout
from desktop.ui.widgets.looks import severity_look

_LONGEST = 60


def chip_words(search: Search, facet: Facet) -> str:
    """ "Severity: Critical, High"."""
    return _pattern(facet).format(one_line(_value(search, facet), _LONGEST))


def _pattern(facet: Facet) -> str:
    return {
        Facet.TEXT: translate("vulnerabilities", "Text: {0}"),
        Facet.SEVERITIES: translate("vulnerabilities", "Severity: {0}"),
        Facet.EXPLOITED: translate("vulnerabilities", "Exploited"),
        Facet.EXPLOITED_AFTER: translate("vulnerabilities", "Known as exploited since {0}"),
        Facet.SOURCE: translate("vulnerabilities", "Source: {0}"),
        Facet.VENDOR: translate("vulnerabilities", "Vendor: {0}"),
        Facet.PRODUCT: translate("vulnerabilities", "Product: {0}"),
        Facet.CWE: translate("vulnerabilities", "Weakness: {0}"),
        Facet.PUBLISHED_FROM: translate("vulnerabilities", "Published from {0}"),
        Facet.PUBLISHED_TO: translate("vulnerabilities", "Published up to {0}"),
        Facet.MIN_CVSS: translate("vulnerabilities", "CVSS at least {0}"),
        Facet.MIN_PRIORITY: translate("vulnerabilities", "Priority at least {0}"),
    }[facet]


def _value(search: Search, facet: Facet) -> str:
    value = getattr(search, facet)
    match facet:
        case Facet.SEVERITIES:
            return ", ".join(severity_look(severity).word for severity in search.severities)
        case Facet.EXPLOITED_AFTER if search.exploited_after:
            moment = search.exploited_after
            return f"{day(moment)} {clock_time(moment)}"
        case Facet.SOURCE:
            return str(value).upper()
        case Facet.MIN_CVSS:
            return number(value, 1)
        case Facet.MIN_PRIORITY:
            return number(value, 2)
    return value.isoformat() if isinstance(value, date) else str(value)


class Chips(QWidget):
    """Takes no room while there is nothing to say."""

    removed = Signal(str)
    """A Facet."""
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self)
        self.hide()

    def show_search(self, search: Search) -> None:
        """The text stands in its own field."""
        while (item := self._flow.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        facets = [facet for facet in search.facets if facet is not Facet.TEXT]
        for facet in facets:
            self._flow.addWidget(self._chip(chip_words(search, facet), facet))
        if facets:
            self._flow.addWidget(self._clear_all())
        self.setVisible(bool(facets))

    def _chip(self, words: str, facet: Facet) -> QToolButton:
        chip = QToolButton()
        chip.setText(words.replace("&", "&&"))
        chip.setIcon(icon("close"))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setToolTip(self.tr("Remove this filter"))
        chip.setAccessibleName(self.tr("Remove the filter {0}").format(words))
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.clicked.connect(lambda: self.removed.emit(facet))
        return chip

    def _clear_all(self) -> QPushButton:
        button = QPushButton(self.tr("Clear all"))
        button.setFlat(True)
        button.clicked.connect(self.cleared)
        return button
