"""Rows of the list, ready to be painted. Made where they are fetched, in the background: painting must not compute.

The columns of the list: their titles, how wide they begin, and by what the API sorts them.
"""

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
"""In digits; negative: hidden until asked for."""

LEAST_TITLE = 19
"""In digits; what the other columns leave goes to the title."""

OPTIONAL = (
    VulnerabilityColumn.VENDORS,
    VulnerabilityColumn.PUBLISHED,
    VulnerabilityColumn.SCORE,
    VulnerabilityColumn.PRIORITY,
)
"""Where there is no room for all: the first goes first."""

SORT_KEYS: Mapping[VulnerabilityColumn, str] = {
    VulnerabilityColumn.ID: "cve_id",
    VulnerabilityColumn.SEVERITY: "severity",
    VulnerabilityColumn.SCORE: "cvss_score",
    VulnerabilityColumn.EPSS: "epss",
    VulnerabilityColumn.PRIORITY: "priority_score",
    VulnerabilityColumn.PUBLISHED: "published_at",
    VulnerabilityColumn.MODIFIED: "modified_at",
}
"""By all others the API does not sort."""

NUMBERS = frozenset({VulnerabilityColumn.SCORE, VulnerabilityColumn.EPSS, VulnerabilityColumn.PRIORITY})


def titles() -> Mapping[VulnerabilityColumn, str]:
    return {
        VulnerabilityColumn.ID: translate("vulnerabilities", "Id"),
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
    """None: nothing can be sorted by this column."""
    key = SORT_KEYS.get(VulnerabilityColumn(column)) if 0 <= column < len(VulnerabilityColumn) else None
    return Order(key, descending=direction is Qt.SortOrder.DescendingOrder) if key else None


PAGE = 100
"""Rows that are asked for at once."""
_NAMES = 3


@dataclass(frozen=True)
class Question:
    search: Search = field(default_factory=Search)
    order: Order = field(default_factory=Order)


@dataclass(frozen=True, slots=True)
class VulnerabilityRow:
    """cells: text by Column. looks: badges by Column."""

    cve_id: str
    cells: tuple[str, ...]
    looks: dict[int, Look]
    rejected: bool


@dataclass(frozen=True)
class ListPage:
    """One page of what answers a question. place: the page's, from 0. capped: there are more than `total`."""

    place: int
    rows: tuple[VulnerabilityRow, ...]
    total: int
    capped: bool


def find(client: ApiClient, question: Question, place: int) -> ListPage:
    """Raises ApiError."""
    params = {**question.search.params, **question.order.params, "page": place + 1, "page_size": PAGE}
    answer = client.listed(params)
    return ListPage(place, tuple(map(row_of, answer.items)), answer.total, answer.total_capped)


def row_of(one: VulnerabilitySummary) -> VulnerabilityRow:
    severity = severity_look(one.severity)
    looks: dict[int, Look] = {VulnerabilityColumn.SEVERITY: severity}
    if one.exploited_in_the_wild:
        looks[VulnerabilityColumn.EXPLOITED] = exploited_look()
    cells = {
        VulnerabilityColumn.ID: one.cve_id,
        VulnerabilityColumn.SEVERITY: severity.word,
        VulnerabilityColumn.EXPLOITED: looks[VulnerabilityColumn.EXPLOITED].word if one.exploited_in_the_wild else "",
        VulnerabilityColumn.SCORE: number(one.cvss_score, 1) if one.cvss_score is not None else "",
        VulnerabilityColumn.EPSS: percent(one.epss, 2) if one.epss is not None else "",
        VulnerabilityColumn.PRIORITY: number(one.priority_score, 3),
        VulnerabilityColumn.TITLE: one_line(one.title),
        VulnerabilityColumn.VENDORS: _some(one.vendors),
        VulnerabilityColumn.PRODUCTS: _some(one.products),
        VulnerabilityColumn.PUBLISHED: day(one.published_at) if one.published_at else "",
        VulnerabilityColumn.MODIFIED: day(one.modified_at) if one.modified_at else "",
        VulnerabilityColumn.SOURCES: ", ".join(source.upper() for source in one.sources),
    }
    return VulnerabilityRow(
        one.cve_id, tuple(cells[column] for column in VulnerabilityColumn), looks, one.state == "REJECTED"
    )


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 60) for name in names[:_NAMES])
    return f"{shown} +{number(len(names) - _NAMES)}" if len(names) > _NAMES else shown
