"""Rows of the list, ready to be painted. Made where they are fetched, in the background: painting must not compute.

The columns of the list: their titles, how wide they begin, and by what the API sorts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from PySide6.QtCore import Qt

from backend.client.api import ApiClient
from backend.contract.vulnerabilities import Listed
from desktop.ui.formatting import day, number, one_line, percent, translate
from desktop.ui.pages.vulnerabilities.search import Order, Search
from desktop.ui.widgets.looks import Look, exploited_look, severity_look


class Column(IntEnum):
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


WIDTHS: Mapping[Column, int] = {
    Column.ID: 18,
    Column.SEVERITY: 14,
    Column.EXPLOITED: 14,
    Column.SCORE: 8,
    Column.EPSS: -9,
    Column.PRIORITY: 11,
    Column.TITLE: 44,
    Column.VENDORS: 16,
    Column.PRODUCTS: -20,
    Column.PUBLISHED: 11,
    Column.MODIFIED: -11,
    Column.SOURCES: -18,
}
"""In characters; negative: hidden until asked for."""

LEAST_TITLE = 24
"""In characters; what the other columns leave goes to the title."""

GIVING_WAY = (Column.VENDORS, Column.PUBLISHED, Column.SCORE, Column.PRIORITY)
"""Where there is no room for all: the first goes first."""

SORT_KEYS: Mapping[Column, str] = {
    Column.ID: "cve_id",
    Column.SEVERITY: "severity",
    Column.SCORE: "cvss_score",
    Column.EPSS: "epss",
    Column.PRIORITY: "priority_score",
    Column.PUBLISHED: "published_at",
    Column.MODIFIED: "modified_at",
}
"""By all others the API does not sort."""

NUMBERS = frozenset({Column.SCORE, Column.EPSS, Column.PRIORITY})


def titles() -> Mapping[Column, str]:
    return {
        Column.ID: translate("vulnerabilities", "Id"),
        Column.SEVERITY: translate("vulnerabilities", "Severity"),
        Column.EXPLOITED: translate("vulnerabilities", "Exploited"),
        Column.SCORE: translate("vulnerabilities", "CVSS"),
        Column.EPSS: translate("vulnerabilities", "EPSS"),
        Column.PRIORITY: translate("vulnerabilities", "Priority"),
        Column.TITLE: translate("vulnerabilities", "Title"),
        Column.VENDORS: translate("vulnerabilities", "Vendors"),
        Column.PRODUCTS: translate("vulnerabilities", "Products"),
        Column.PUBLISHED: translate("vulnerabilities", "Published"),
        Column.MODIFIED: translate("vulnerabilities", "Modified"),
        Column.SOURCES: translate("vulnerabilities", "Sources"),
    }


def order_of(column: int, direction: Qt.SortOrder) -> Order | None:
    """None: nothing can be sorted by this column."""
    key = SORT_KEYS.get(Column(column)) if 0 <= column < len(Column) else None
    return Order(key, descending=direction is Qt.SortOrder.DescendingOrder) if key else None


PAGE = 100
"""Rows that are asked for at once."""
_NAMES = 3


@dataclass(frozen=True)
class Question:
    search: Search = field(default_factory=Search)
    order: Order = field(default_factory=Order)


@dataclass(frozen=True, slots=True)
class Row:
    """cells: text by Column. looks: badges by Column."""

    cve_id: str
    cells: tuple[str, ...]
    looks: dict[int, Look]
    rejected: bool


@dataclass(frozen=True)
class Found:
    """One page of what answers a question. place: the page's, from 0. capped: there are more than `total`."""

    place: int
    rows: tuple[Row, ...]
    total: int
    capped: bool


def find(client: ApiClient, question: Question, place: int) -> Found:
    """Raises ApiError."""
    params = {**question.search.params, **question.order.params, "page": place + 1, "page_size": PAGE}
    answer = client.listed(params)
    return Found(place, tuple(map(row_of, answer.items)), answer.total, answer.total_capped)


def row_of(one: Listed) -> Row:
    severity = severity_look(one.severity)
    looks: dict[int, Look] = {Column.SEVERITY: severity}
    if one.exploited_in_the_wild:
        looks[Column.EXPLOITED] = exploited_look()
    cells = {
        Column.ID: one.cve_id,
        Column.SEVERITY: severity.word,
        Column.EXPLOITED: looks[Column.EXPLOITED].word if one.exploited_in_the_wild else "",
        Column.SCORE: number(one.cvss_score, 1) if one.cvss_score is not None else "",
        Column.EPSS: percent(one.epss, 2) if one.epss is not None else "",
        Column.PRIORITY: number(one.priority_score, 3),
        Column.TITLE: one_line(one.title),
        Column.VENDORS: _some(one.vendors),
        Column.PRODUCTS: _some(one.products),
        Column.PUBLISHED: day(one.published_at) if one.published_at else "",
        Column.MODIFIED: day(one.modified_at) if one.modified_at else "",
        Column.SOURCES: ", ".join(source.upper() for source in one.sources),
    }
    return Row(one.cve_id, tuple(cells[column] for column in Column), looks, one.state == "REJECTED")


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 60) for name in names[:_NAMES])
    return f"{shown} +{number(len(names) - _NAMES)}" if len(names) > _NAMES else shown
