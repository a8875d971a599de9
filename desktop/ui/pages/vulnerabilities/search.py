"""A search for vulnerabilities: as parameters of the API, remembered text, and the key of a link ("vendor:acme")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.contract.names import Severity, Source

Params = dict[str, str | int | float | list[str]]


class FilterFacet(StrEnum):
    """The parts of a search that can be removed one by one, named as the fields of Search."""

    TEXT = "text"
    SEVERITIES = "severities"
    EXPLOITED = "exploited"
    EXPLOITED_AFTER = "exploited_after"
    SOURCE = "source"
    VENDOR = "vendor"
    PRODUCT = "product"
    CWE = "cwe"
    PUBLISHED_FROM = "published_from"
    PUBLISHED_TO = "published_to"
    MIN_CVSS = "min_cvss"
    MIN_PRIORITY = "min_priority"


@dataclass(frozen=True)
class Search:
    """Finds what matches all given fields.

    Days are in UTC and inclusive; min_cvss is 0-10, min_priority 0-1. exploited_after: became known as exploited here
    after that moment.
    """

    text: str = ""
    severities: tuple[Severity, ...] = ()
    exploited: bool = False
    exploited_after: datetime | None = None
    source: Source | None = None
    vendor: str = ""
    product: str = ""
    cwe: str = ""
    published_from: date | None = None
    published_to: date | None = None
    min_cvss: float | None = None
    min_priority: float | None = None

    @property
    def facets(self) -> tuple[FilterFacet, ...]:
        """The fields that are given, in a fixed order."""
        return tuple(facet for facet in FilterFacet if getattr(self, facet) != getattr(_EMPTY, facet))

    def without(self, facet: FilterFacet) -> Search:
        return replace(self, **{facet: getattr(_EMPTY, facet)})

    @property
    def params(self) -> Params:
        """The parameters of GET /vulnerabilities."""
        before = self.published_to + timedelta(days=1) if self.published_to else None
        given: Mapping[str, str | float | list[str] | None] = {
            "search": self.text.strip(),
            "severity": [severity.value for severity in self.severities],
            "exploited": "true" if self.exploited else None,
            "exploited_after": self.exploited_after.isoformat() if self.exploited_after else None,
            "source": self.source,
            "vendor": self.vendor.strip(),
            "product": self.product.strip(),
            "cwe": self.cwe.strip(),
            "published_after": self.published_from.isoformat() if self.published_from else None,
            "published_before": before.isoformat() if before else None,
            "min_cvss": self.min_cvss,
            "min_priority": self.min_priority,
        }
        return {name: value for name, value in given.items() if value not in (None, "", [])}


_EMPTY = Search()


@dataclass(frozen=True)
class Order:
    """by: a sort key of the API."""

    by: str = "priority_score"
    descending: bool = True

    @property
    def params(self) -> Params:
        return {"sort_by": self.by, "sort_order": "desc" if self.descending else "asc"}


_Day = Annotated[date, Field(ge=date(1970, 1, 1), lt=date(2200, 1, 1))]
"""The range that the API accepts."""


class _StoredSearch(BaseModel):
    """Validates remembered text, which may come from another version or a damaged file."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(default="", max_length=1000)
    severities: tuple[Severity, ...] = ()
    exploited: bool = False
    exploited_after: datetime | None = None
    source: Source | None = None
    vendor: str = Field(default="", max_length=1000)
    product: str = Field(default="", max_length=1000)
    cwe: str = Field(default="", max_length=1000)
    published_from: _Day | None = None
    published_to: _Day | None = None
    min_cvss: float | None = Field(default=None, ge=0, le=10)
    min_priority: float | None = Field(default=None, ge=0, le=1)


def remembered_text(search: Search) -> str:
    """Return the given fields as one line of JSON."""
    given = {facet.value: getattr(search, facet) for facet in search.facets}
    return json.dumps(given, default=lambda moment: moment.isoformat())


def remembered(text: str) -> Search:
    """Return the search of a remembered text; the empty search if the text is invalid."""
    try:
        return _from_stored(_StoredSearch.model_validate_json(text))
    except ValidationError:
        return _EMPTY


def search_of_key(key: str) -> Search | None:
    """Return the search of a link from another page.

    Args:
        key: "exploited", or a field and its value: "vendor:acme", "severity:CRITICAL,HIGH",
            "exploited_after:2026-11-01T08:00:00Z".

    Returns:
        None for other keys, such as the ID of a record.
    """
    name, _, value = key.partition(":")
    if name == FilterFacet.EXPLOITED and not value:
        return Search(exploited=True)
    if name == "severity":
        name, given = FilterFacet.SEVERITIES.value, json.dumps({FilterFacet.SEVERITIES: value.upper().split(",")})
    else:
        given = json.dumps({name: value})
    if name not in _FACETS:
        return None
    try:
        return _from_stored(_StoredSearch.model_validate_json(given))
    except ValidationError:
        return None


_FACETS = frozenset(field.name for field in fields(Search))


def _from_stored(stored: _StoredSearch) -> Search:
    search = Search(**dict(stored))
    moment = search.exploited_after
    if moment is not None and moment.tzinfo is None:
        return replace(search, exploited_after=moment.replace(tzinfo=UTC))
    return search
