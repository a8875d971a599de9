"""Rows of the list, ready to be painted. Made where they are fetched, in the background: painting must not compute."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.client.api import ApiClient
from backend.contract.vulnerabilities import Listed
from desktop.model.search import Order, Search
from desktop.ui.formatting import day, number, one_line, percent
from desktop.ui.pages.vulnerabilities.columns import Column
from desktop.ui.widgets.looks import Look, exploited_look, severity_look

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
