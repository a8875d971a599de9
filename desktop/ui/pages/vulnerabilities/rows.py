"""Columns and rows of the list. Rows are formatted in the background when they are fetched, to keep painting fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from PySide6.QtCore import Qt

from backend.client.api import ApiClient
from backend.contract.vulnerabilities import VulnerabilitySummary
from desktop.ui.formatting import day, number, one_line, percent, translate
from desktop.ui.pages.vulnerabilities.search import Order, Search
from desktop.ui.widgets.looks import Look, exploited_look, severity_look


class VulnerabilityColumn(IntEnum):
    ID = 0
    SEVERITY = 1
    EXPLOITED = 2
    TITLE = 3
    SCORE = 4
    EPSS = 5
    PRIORITY = 6
    VENDORS = 7
    PRODUCTS = 8
    PUBLISHED = 9
    MODIFIED = 10
    SOURCES = 11


WIDTHS: Mapping[VulnerabilityColumn, int] = {
    VulnerabilityColumn.ID: 15,
    VulnerabilityColumn.SEVERITY: 11,
    VulnerabilityColumn.EXPLOITED: 12,
    VulnerabilityColumn.SCORE: 7,
    VulnerabilityColumn.EPSS: -8,
    VulnerabilityColumn.PRIORITY: 9,
    VulnerabilityColumn.TITLE: 35,
    VulnerabilityColumn.VENDORS: 13,
    VulnerabilityColumn.PRODUCTS: -16,
    VulnerabilityColumn.PUBLISHED: 10,
    VulnerabilityColumn.MODIFIED: -10,
    VulnerabilityColumn.SOURCES: -14,
}
"""Initial widths in digits; negative: hidden until the user shows the column."""

LEAST_TITLE = 19
"""The least width of the title in digits; it takes the room that other columns leave."""

OPTIONAL = (
    VulnerabilityColumn.VENDORS,
    VulnerabilityColumn.PUBLISHED,
    VulnerabilityColumn.SCORE,
    VulnerabilityColumn.PRIORITY,
)
"""Columns that are hidden where the list is too narrow, in this order."""

SORT_KEYS: Mapping[VulnerabilityColumn, str] = {
    VulnerabilityColumn.ID: "cve_id",
    VulnerabilityColumn.SEVERITY: "severity",
    VulnerabilityColumn.SCORE: "cvss_score",
    VulnerabilityColumn.EPSS: "epss",
    VulnerabilityColumn.PRIORITY: "priority_score",
    VulnerabilityColumn.PUBLISHED: "published_at",
    VulnerabilityColumn.MODIFIED: "modified_at",
}
"""Sort keys of the API; it cannot sort by other columns."""

NUMBERS = frozenset({VulnerabilityColumn.SCORE, VulnerabilityColumn.EPSS, VulnerabilityColumn.PRIORITY})


def titles() -> Mapping[VulnerabilityColumn, str]:
    return {
        VulnerabilityColumn.ID: translate("vulnerabilities", "ID"),
        VulnerabilityColumn.SEVERITY: translate("vulnerabilities", "Severity"),
        VulnerabilityColumn.EXPLOITED: translate("vulnerabilities", "Exploited"),
        VulnerabilityColumn.SCORE: translate("vulnerabilities", "CVSS"),
        VulnerabilityColumn.EPSS: translate("vulnerabilities", "EPSS"),
        VulnerabilityColumn.PRIORITY: translate("vulnerabilities", "Priority"),
        VulnerabilityColumn.TITLE: translate("vulnerabilities", "Title"),
        VulnerabilityColumn.VENDORS: translate("vulnerabilities", "Vendors"),
        VulnerabilityColumn.PRODUCTS: translate("vulnerabilities", "Products"),
        VulnerabilityColumn.PUBLISHED: translate("vulnerabilities", "Published"),
        VulnerabilityColumn.MODIFIED: translate("vulnerabilities", "Modified"),
        VulnerabilityColumn.SOURCES: translate("vulnerabilities", "Sources"),
    }


def order_of(column: int, direction: Qt.SortOrder) -> Order | None:
    """Return the order of a column; None if the list cannot be sorted by it."""
    key = SORT_KEYS.get(VulnerabilityColumn(column)) if 0 <= column < len(VulnerabilityColumn) else None
    return Order(key, descending=direction is Qt.SortOrder.DescendingOrder) if key else None


PAGE = 100
"""Rows per request."""
_NAMES = 3


@dataclass(frozen=True)
class Query:
    search: Search = field(default_factory=Search)
    order: Order = field(default_factory=Order)


@dataclass(frozen=True, slots=True)
class VulnerabilityRow:
    """cells: texts by VulnerabilityColumn. looks: badges by VulnerabilityColumn."""

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
    params = {**query.search.params, **query.order.params, "page": number + 1, "page_size": PAGE}
    answer = client.listed(params)
    return ListPage(number, tuple(map(row_of, answer.items)), answer.total, answer.total_capped)


def row_of(item: VulnerabilitySummary) -> VulnerabilityRow:
    severity = severity_look(item.severity)
    looks: dict[int, Look] = {VulnerabilityColumn.SEVERITY: severity}
    if item.exploited_in_the_wild:
        looks[VulnerabilityColumn.EXPLOITED] = exploited_look()
    cells = {
        VulnerabilityColumn.ID: item.cve_id,
        VulnerabilityColumn.SEVERITY: severity.word,
        VulnerabilityColumn.EXPLOITED: looks[VulnerabilityColumn.EXPLOITED].word if item.exploited_in_the_wild else "",
        VulnerabilityColumn.SCORE: number(item.cvss_score, 1) if item.cvss_score is not None else "",
        VulnerabilityColumn.EPSS: percent(item.epss, 2) if item.epss is not None else "",
        VulnerabilityColumn.PRIORITY: number(item.priority_score, 3),
        VulnerabilityColumn.TITLE: one_line(item.title),
        VulnerabilityColumn.VENDORS: _some(item.vendors),
        VulnerabilityColumn.PRODUCTS: _some(item.products),
        VulnerabilityColumn.PUBLISHED: day(item.published_at) if item.published_at else "",
        VulnerabilityColumn.MODIFIED: day(item.modified_at) if item.modified_at else "",
        VulnerabilityColumn.SOURCES: ", ".join(source.upper() for source in item.sources),
    }
    return VulnerabilityRow(
        item.cve_id, tuple(cells[column] for column in VulnerabilityColumn), looks, item.state == "REJECTED"
    )


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 60) for name in names[:_NAMES])
    return f"{shown} +{number(len(names) - _NAMES)}" if len(names) > _NAMES else shown
