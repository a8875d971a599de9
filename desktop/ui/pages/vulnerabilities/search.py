"""A search of the list: its parts, its parameters for the API, remembered text, and the key of a link ("vendor:acme").

A search is the filters of the API itself, so that the list, saved searches and exports find the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from backend.client.transport import Params
from backend.contract.searches import MAX_SEARCH, VulnerabilityFilters
from backend.contract.vulnerability_ids import ids_in


class FilterFacet(StrEnum):
    """The parts of a search that can be removed one by one: the fields of VulnerabilityFilters, as they are shown."""

    TEXT = "search"
    MINE = "mine"
    TRIAGE = "triage"
    SEVERITY = "severity"
    EXPLOITED = "exploited"
    EXPLOITED_AFTER = "exploited_after"
    RANSOMWARE = "ransomware"
    KEV_ADDED_AFTER = "kev_added_after"
    KEV_ADDED_BEFORE = "kev_added_before"
    DUE_BEFORE = "due_before"
    VENDOR = "vendor"
    PRODUCT = "product"
    CWE = "cwe"
    MIN_CVSS = "min_cvss"
    MIN_EPSS = "min_epss"
    MIN_PRIORITY = "min_priority"
    PUBLISHED_AFTER = "published_after"
    PUBLISHED_BEFORE = "published_before"
    CHANGED_AFTER = "changed_after"
    SOURCE = "source"
    TAG = "tag"
    NVD_STATUS = "nvd_status"
    STATE = "state"


NOTHING = VulnerabilityFilters()
"""The search that finds all published vulnerabilities."""
_SEVERAL = {name for name, field in VulnerabilityFilters.model_fields.items() if isinstance(field.default, tuple)}
_BOOLEAN = {FilterFacet.EXPLOITED, FilterFacet.RANSOMWARE, FilterFacet.MINE}


def facets_of(search: VulnerabilityFilters) -> tuple[FilterFacet, ...]:
    """Return the fields that are given, in a fixed order."""
    return tuple(facet for facet in FilterFacet if getattr(search, facet) != getattr(NOTHING, facet))


def changed(search: VulnerabilityFilters, /, **given: object) -> VulnerabilityFilters:
    """Return the search with other values of some fields, which are valid."""
    return search.model_copy(update=given)


def without(search: VulnerabilityFilters, facet: FilterFacet) -> VulnerabilityFilters:
    return changed(search, **{facet.value: getattr(NOTHING, facet)})


def params_of(search: VulnerabilityFilters) -> Params:
    """Return the parameters of GET /vulnerabilities. Of a text with several ids only these are sent."""
    given: dict[str, str | int | float | list[str]] = search.model_dump(mode="json", exclude_defaults=True)
    text = search_text(search.search)
    sent = {name: str(value).lower() if name in _BOOLEAN else value for name, value in given.items()}
    return {name: value for name, value in (sent | {"search": text}).items() if value != ""}


def search_text(text: str) -> str:
    """Return what is searched for where a person typed or pasted a text: the ids in it if there are several."""
    ids = ids_in(text)
    return " ".join(ids if len(ids) > 1 else [text.strip()])[:MAX_SEARCH]


@dataclass(frozen=True)
class Order:
    """by: a sort key of the API."""

    by: str = "priority_score"
    descending: bool = True

    @property
    def params(self) -> Params:
        return {"sort_by": self.by, "sort_order": "desc" if self.descending else "asc"}


def remembered_text(search: VulnerabilityFilters) -> str:
    """Return the given fields as one line of JSON."""
    return search.model_dump_json(exclude_defaults=True)


def remembered(text: str) -> VulnerabilityFilters:
    """Return the search of a remembered text, which may come from another version or a damaged file.

    Returns:
        The empty search if the text is invalid.
    """
    try:
        return VulnerabilityFilters.model_validate_json(text)
    except ValidationError:
        return NOTHING


def search_of_key(key: str) -> VulnerabilityFilters | None:
    """Return the search of a link from another page.

    Args:
        key: "exploited", or a field and its value: "vendor:acme", "severity:CRITICAL,HIGH",
            "exploited_after:2026-11-01T08:00:00Z".

    Returns:
        None for other keys, such as the ID of a record.
    """
    name, _, value = key.partition(":")
    if name == FilterFacet.EXPLOITED and not value:
        return VulnerabilityFilters(exploited=True)
    if name not in VulnerabilityFilters.model_fields:
        return None
    try:
        return VulnerabilityFilters.model_validate({name: [value] if name in _SEVERAL else value})
    except ValidationError:
        return None
