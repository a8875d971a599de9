"""The columns of the list: their titles, how wide they begin, and by what the API sorts them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from PySide6.QtCore import Qt

from desktop.model.search import Order
from desktop.ui.formatting import translate


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
