"""Columns and rows of the list. Rows are formatted in the background when they are fetched, to keep painting fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from PySide6.QtCore import Qt

from backend.client.api import ApiClient
from backend.contract.names import Severity
from backend.contract.searches import VulnerabilityFilters
from backend.contract.vulnerabilities import VulnerabilitySummary
from desktop.ui.formatting import day, number, one_line, percent, translate
from desktop.ui.pages.vulnerabilities.search import NOTHING, Order, params_of
from desktop.ui.widgets.looks import Look, exploited_look, severity_look


class VulnerabilityColumn(IntEnum):
    ID = 0
    SEVERITY = 1
    EXPLOITED = 2
    TITLE = 3
    EPSS = 4
    PRIORITY = 5
    VENDORS = 6
    PRODUCTS = 7
    PUBLISHED = 8
    MODIFIED = 9
    KEV_ADDED = 10
    DUE = 11
    SOURCES = 12


WIDTHS: Mapping[VulnerabilityColumn, int] = {
    VulnerabilityColumn.ID: 15,
    VulnerabilityColumn.SEVERITY: 9,
    VulnerabilityColumn.EXPLOITED: 4,
    VulnerabilityColumn.TITLE: 35,
    VulnerabilityColumn.EPSS: 8,
    VulnerabilityColumn.PRIORITY: 9,
    VulnerabilityColumn.VENDORS: 13,
    VulnerabilityColumn.PRODUCTS: -16,
    VulnerabilityColumn.PUBLISHED: 10,
    VulnerabilityColumn.MODIFIED: -10,
    VulnerabilityColumn.KEV_ADDED: -12,
    VulnerabilityColumn.DUE: -10,
    VulnerabilityColumn.SOURCES: -14,
}
"""Initial widths in digits; negative: hidden until the user shows the column."""

LEAST_WIDTH = 4
"""No column can be made narrower, in digits."""

LEAST_TITLE = 40
"""The least width of the title in digits; it takes the room that other columns leave."""

OPTIONAL = (
    VulnerabilityColumn.VENDORS,
    VulnerabilityColumn.PUBLISHED,
    VulnerabilityColumn.PRIORITY,
    VulnerabilityColumn.EPSS,
)
"""Columns that are hidden where the list is too narrow, in this order; the column button then says so."""

SORT_KEYS: Mapping[VulnerabilityColumn, str] = {
    VulnerabilityColumn.ID: "cve_id",
    VulnerabilityColumn.SEVERITY: "cvss_score",
    VulnerabilityColumn.EXPLOITED: "kev_date_added",
    VulnerabilityColumn.TITLE: "title",
    VulnerabilityColumn.EPSS: "epss",
    VulnerabilityColumn.PRIORITY: "priority_score",
    VulnerabilityColumn.VENDORS: "vendors",
    VulnerabilityColumn.PRODUCTS: "products",
    VulnerabilityColumn.PUBLISHED: "published_at",
    VulnerabilityColumn.MODIFIED: "modified_at",
    VulnerabilityColumn.KEV_ADDED: "kev_date_added",
    VulnerabilityColumn.DUE: "cisa_due_date",
    VulnerabilityColumn.SOURCES: "sources",
}
"""Sort keys of the API. The chips of the severity have the score as their text, so it is what they are sorted by."""

_AS_TEXT = frozenset(
    {
        VulnerabilityColumn.ID,
        VulnerabilityColumn.TITLE,
        VulnerabilityColumn.VENDORS,
        VulnerabilityColumn.PRODUCTS,
        VulnerabilityColumn.SOURCES,
    }
)
NUMBERS = frozenset({VulnerabilityColumn.EPSS, VulnerabilityColumn.PRIORITY})
MOST_FIRST = frozenset(VulnerabilityColumn) - _AS_TEXT
"""Columns whose first click sorts the highest or newest values first."""


def titles() -> Mapping[VulnerabilityColumn, str]:
    return {
        VulnerabilityColumn.ID: translate("vulnerabilities", "ID"),
        VulnerabilityColumn.SEVERITY: translate("vulnerabilities", "Severity"),
        VulnerabilityColumn.EXPLOITED: translate("vulnerabilities", "Exploited"),
        VulnerabilityColumn.TITLE: translate("vulnerabilities", "Title"),
        VulnerabilityColumn.EPSS: translate("vulnerabilities", "EPSS"),
        VulnerabilityColumn.PRIORITY: translate("vulnerabilities", "Priority"),
        VulnerabilityColumn.VENDORS: translate("vulnerabilities", "Vendors"),
        VulnerabilityColumn.PRODUCTS: translate("vulnerabilities", "Products"),
        VulnerabilityColumn.PUBLISHED: translate("vulnerabilities", "Published"),
        VulnerabilityColumn.MODIFIED: translate("vulnerabilities", "Modified"),
        VulnerabilityColumn.KEV_ADDED: translate("vulnerabilities", "CISA listed"),
        VulnerabilityColumn.DUE: translate("vulnerabilities", "Due"),
        VulnerabilityColumn.SOURCES: translate("vulnerabilities", "Sources"),
    }


def order_of(column: int, direction: Qt.SortOrder) -> Order | None:
    """Return the order of a column; None where there is no such column."""
    key = SORT_KEYS.get(VulnerabilityColumn(column)) if 0 <= column < len(VulnerabilityColumn) else None
    return Order(key, descending=direction is Qt.SortOrder.DescendingOrder) if key else None


PAGE = 100
"""Rows per request."""
_NAMES = 3


@dataclass(frozen=True)
class Query:
    search: VulnerabilityFilters = NOTHING
    order: Order = field(default_factory=Order)


@dataclass(frozen=True, slots=True)
class VulnerabilityRow:
    """cells: texts by VulnerabilityColumn. looks: badges by VulnerabilityColumn, whose texts may be shorter."""

    cve_id: str
    cells: tuple[str, ...]
    looks: dict[int, Look]
    rejected: bool


@dataclass(frozen=True)
class ListPage:
    """One page of results. number: from 0. capped: there are more results than `total`."""

    number: int
    rows: tuple[VulnerabilityRow, ...]
    total: int
    capped: bool


def find(client: ApiClient, query: Query, number: int) -> ListPage:
    """Fetch a page of results.

    Raises:
        ApiError: the API cannot be reached or refused the request.
    """
    params = {**params_of(query.search), **query.order.params, "page": number + 1, "page_size": PAGE}
    answer = client.listed(params)
    return ListPage(number, tuple(map(row_of, answer.items)), answer.total, answer.total_capped)


def row_of(item: VulnerabilitySummary) -> VulnerabilityRow:
    chip = score_look(item)
    looks: dict[int, Look] = {VulnerabilityColumn.SEVERITY: chip}
    if item.exploited_in_the_wild:
        looks[VulnerabilityColumn.EXPLOITED] = flame_look()
    cells = {
        VulnerabilityColumn.ID: item.cve_id,
        VulnerabilityColumn.SEVERITY: _severity_words(item, chip),
        VulnerabilityColumn.EXPLOITED: exploited_look().word if item.exploited_in_the_wild else "",
        VulnerabilityColumn.TITLE: one_line(item.title),
        VulnerabilityColumn.EPSS: percent(item.epss, 2) if item.epss is not None else "",
        VulnerabilityColumn.PRIORITY: number(item.priority_score, 3),
        VulnerabilityColumn.VENDORS: _some(item.vendors),
        VulnerabilityColumn.PRODUCTS: _some(item.products),
        VulnerabilityColumn.PUBLISHED: day(item.published_at) if item.published_at else "",
        VulnerabilityColumn.MODIFIED: day(item.modified_at) if item.modified_at else "",
        VulnerabilityColumn.KEV_ADDED: item.kev_date_added.isoformat() if item.kev_date_added else "",
        VulnerabilityColumn.DUE: item.cisa_due_date.isoformat() if item.cisa_due_date else "",
        VulnerabilityColumn.SOURCES: ", ".join(source.upper() for source in item.sources),
    }
    return VulnerabilityRow(
        item.cve_id, tuple(cells[column] for column in VulnerabilityColumn), looks, item.state == "REJECTED"
    )


def score_look(item: VulnerabilitySummary) -> Look:
    """The chip of the severity: its icon and tone with the score, and "v2" where only the old version has one."""
    look = severity_look(item.severity)
    if item.cvss_score is None:
        word = translate("vulnerabilities", "n/a") if item.severity is Severity.UNKNOWN else look.word
        return Look(look.icon, word, look.tone)
    is_old = (item.cvss_version or "").startswith("2")
    score = number(item.cvss_score, 1)
    return Look(look.icon, translate("vulnerabilities", "{0} v2").format(score) if is_old else score, look.tone)


def flame_look() -> Look:
    """The flame alone; the cell's text says what it means."""
    look = exploited_look()
    return Look(look.icon, "", look.tone)


def _severity_words(item: VulnerabilitySummary, chip: Look) -> str:
    word = severity_look(item.severity).word
    return word if item.cvss_score is None else f"{word} {chip.word}"


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 60) for name in names[:_NAMES])
    return f"{shown} +{number(len(names) - _NAMES)}" if len(names) > _NAMES else shown
