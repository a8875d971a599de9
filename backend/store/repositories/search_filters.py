"""The conditions of a search in SQL: each filter once, for lists, exports and what is watched.

Filters by exact names are matches in the search index, the others conditions on rows, which the filter index holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Text, false, select, type_coerce

from backend.contract.searches import StateFilter
from backend.domain.claims import RecordState
from backend.domain.search import SearchQuery
from backend.domain.search_text import (
    REJECTED,
    AllOf,
    AnyOf,
    Facet,
    Match,
    Token,
    Without,
    product_facet,
    read_text,
    vendor_facet,
    weakness_facet,
)
from backend.store.dialects import search_index_of
from backend.store.exposure_tables import findings
from backend.store.tables import became_exploited, filter_index, vulnerabilities, vulnerability_changes

_ROW, _CHANGE = vulnerabilities.c, vulnerability_changes.c


def selected(connection: Connection, query: SearchQuery) -> Select[int]:
    """The numbers of all rows that a query finds, without regard to order, page and what is `mine`."""
    index, text = search_index_of(connection), read_text(query.text)
    named = [*([text.matches] if text else []), *facets(query)]
    conditions = [*row_filters(query), *state_filter(query)]
    if text is None and query.text.strip():  # signs only, which no document has
        conditions.append(false())
    rows = select(_ROW.id).where(*conditions)
    if named:
        return rows.where(_ROW.id.in_(index.matching(AllOf(tuple(named)))))
    return index.using_index(connection, rows, filter_index)


def facets(query: SearchQuery) -> Sequence[Match]:
    """The matches of exact names; all have to hold."""
    given = (
        [vendor_facet(name) for name in query.vendor],
        [product_facet(name) for name in query.product],
        [weakness_facet(name) for name in query.cwe],
        [Facet.TAG.of(tag) for tag in query.tag],
        [Facet.NVD_STATUS.of(status) for status in query.nvd_status],
    )
    return [_any_of(names) for names in given if names]


def _any_of(names: Sequence[str]) -> Match:
    tokens = tuple(Token(name) for name in dict.fromkeys(names))
    return tokens[0] if len(tokens) == 1 else AnyOf(tokens)


def of_state(match: Match, state: StateFilter | None) -> Match:
    match state:
        case StateFilter.ANY:
            return match
        case StateFilter.REJECTED:
            return AllOf((match, Token(REJECTED)))
    return Without(match, Token(REJECTED))


def state_filter(query: SearchQuery) -> list[ColumnElement[bool]]:
    """The same by rows, for searches without any token."""
    match query.state:
        case StateFilter.ANY:
            return []
        case StateFilter.REJECTED:
            return [_ROW.state == RecordState.REJECTED]
    return [_ROW.state == RecordState.PUBLISHED]


def row_filters(query: SearchQuery) -> list[ColumnElement[bool]]:
    """The conditions on rows but for the state; all have to hold."""
    return [*_of_exploitation(query), *_of_scores(query), *_of_dates(query), *_of_findings(query)]


def _of_exploitation(query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    if query.exploited is not None:
        yield _ROW.exploited_in_the_wild.is_(query.exploited)
    if query.exploited_after is not None:
        yield _ROW.exploited_in_the_wild.is_(True)
        yield _exploited_only_after(query.exploited_after)
    if query.kev_added_after is not None:
        yield _ROW.kev_date_added >= query.kev_added_after
    if query.kev_added_before is not None:
        yield _ROW.kev_date_added < query.kev_added_before
    if query.due_before is not None:
        yield _ROW.cisa_due_date < query.due_before
    if query.ransomware is not None:
        yield _ROW.known_ransomware.is_(True) if query.ransomware else _ROW.known_ransomware.is_not(True)


def _of_scores(query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    if query.severity:
        yield _ROW.severity.in_(query.severity)
    if query.min_cvss is not None:
        yield _ROW.cvss_score >= query.min_cvss
    if query.min_epss is not None:
        yield _ROW.epss >= query.min_epss
    if query.min_priority is not None:
        yield _ROW.priority_score >= query.min_priority


def _of_dates(query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    if query.source is not None:
        yield _has_source(query.source)
    if query.published_after is not None:
        yield _ROW.published_at >= query.published_after
    if query.published_before is not None:
        yield _ROW.published_at < query.published_before
    if query.changed_after is not None:
        yield _ROW.updated_at >= query.changed_after
        yield _ROW.updated_at > _ROW.first_seen_at


def _of_findings(query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    if query.triage:
        yield _ROW.id.in_(numbers_of(select(findings.c.cve_id).where(findings.c.state.in_(query.triage))))


def numbers_of(cve_ids: Select[str]) -> Select[int]:
    """The rows with these ids. A filter by number reads the filter index alone, which does not hold the ids."""
    others = vulnerabilities.alias()
    return select(others.c.id).where(others.c.cve_id.in_(cve_ids))


def _exploited_only_after(moment: datetime) -> ColumnElement[bool]:
    """The row was first seen after the moment, or a change after it made the row exploited."""
    changed = became_exploited & (_CHANGE.new == "true") & (_CHANGE.changed_at > moment)
    return (_ROW.first_seen_at > moment) | _ROW.cve_id.in_(select(_CHANGE.cve_id).where(changed))


def _has_source(source: str) -> ColumnElement[bool]:
    """No source's name is part of another's, so a substring of the stored lines is enough, and fast."""
    return type_coerce(_ROW.sources, Text).contains(source)
