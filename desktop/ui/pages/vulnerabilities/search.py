"""What somebody looks for among the vulnerabilities: one frozen value, as the API is asked for it and as it is kept.

Pure. The same text form serves what the windows remember and what one page asks of another ("vendor:acme").
"""

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
    """Each part of a search that can be taken away by itself: the names are those of Search's fields."""

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
    """All that is given must hold. Days are UTC's and inclusive; min_cvss is 0-10, min_priority 0-1.

    exploited: only what is known to be. exploited_after: and became known here after that moment.
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
        """Those that say something, in a fixed order."""
        return tuple(facet for facet in FilterFacet if getattr(self, facet) != getattr(_ALL, facet))

    def without(self, facet: FilterFacet) -> Search:
        return replace(self, **{facet: getattr(_ALL, facet)})

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


_ALL = Search()


@dataclass(frozen=True)
class Order:
    """by: a sort key of the API."""

    by: str = "priority_score"
    descending: bool = True

    @property
    def params(self) -> Params:
        return {"sort_by": self.by, "sort_order": "desc" if self.descending else "asc"}


_Day = Annotated[date, Field(ge=date(1970, 1, 1), lt=date(2200, 1, 1))]
"""The API takes no others."""


class _Kept(BaseModel):
    """The same fields, checked: what was remembered may come from another version or a broken file."""

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
    """One line of JSON with what is given."""
    given = {facet.value: getattr(search, facet) for facet in search.facets}
    return json.dumps(given, default=lambda moment: moment.isoformat())


def remembered(text: str) -> Search:
    """Everything, where the text makes no sense."""
    try:
        return _checked(_Kept.model_validate_json(text))
    except ValidationError:
        return _ALL


def search_of_key(key: str) -> Search | None:
    """What another page asks for: "exploited", or a field and its value ("vendor:acme", "severity:CRITICAL,HIGH",
    "exploited_after:2026-11-01T08:00:00Z"). None where the key is something else, such as a record's id.
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
        return _checked(_Kept.model_validate_json(given))
    except ValidationError:
        return None


_FACETS = frozenset(field.name for field in fields(Search))


def _checked(kept: _Kept) -> Search:
    search = Search(**dict(kept))
    moment = search.exploited_after
    if moment is not None and moment.tzinfo is None:
        return replace(search, exploited_after=moment.replace(tzinfo=UTC))
    return search
