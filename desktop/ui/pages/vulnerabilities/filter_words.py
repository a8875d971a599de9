"""Filters in words: the name of each, its choices, and the chip that describes what is given."""

from __future__ import annotations

from datetime import date, datetime

from backend.contract.exposure import FindingState
from backend.contract.names import Tag
from backend.contract.searches import StateFilter, VulnerabilityFilters
from desktop.ui.formatting import number, one_line, percent, timestamp, translate
from desktop.ui.pages.vulnerabilities.search import FilterFacet
from desktop.ui.widgets.looks import severity_look

_MAX_LENGTH = 60


def chip_words(search: VulnerabilityFilters, facet: FilterFacet) -> str:
    """Describe a part of a search, such as "Severity: Critical, High"."""
    return _pattern(search, facet).format(one_line(_value(search, facet), _MAX_LENGTH))


def triage_word(state: FindingState) -> str:
    return {
        FindingState.OPEN: translate("vulnerabilities", "Open"),
        FindingState.ACKNOWLEDGED: translate("vulnerabilities", "Acknowledged"),
        FindingState.IGNORED: translate("vulnerabilities", "Ignored"),
        FindingState.RESOLVED: translate("vulnerabilities", "Resolved"),
    }[state]


def tag_word(tag: Tag) -> str:
    return {
        Tag.DISPUTED: translate("vulnerabilities", "Disputed"),
        Tag.UNSUPPORTED: translate("vulnerabilities", "Product no longer supported"),
        Tag.HOSTED: translate("vulnerabilities", "Hosted service only"),
    }[tag]


def state_word(state: StateFilter) -> str:
    return {
        StateFilter.PUBLISHED: translate("vulnerabilities", "Hidden"),
        StateFilter.ANY: translate("vulnerabilities", "Listed too"),
        StateFilter.REJECTED: translate("vulnerabilities", "Only these"),
    }[state]


def _pattern(search: VulnerabilityFilters, facet: FilterFacet) -> str:
    patterns = {
        FilterFacet.TEXT: translate("vulnerabilities", "Text: {0}"),
        FilterFacet.MINE: translate("vulnerabilities", "Mine"),
        FilterFacet.TRIAGE: translate("vulnerabilities", "Triage: {0}"),
        FilterFacet.SEVERITY: translate("vulnerabilities", "Severity: {0}"),
        FilterFacet.EXPLOITED: translate("vulnerabilities", "Exploited"),
        FilterFacet.EXPLOITED_AFTER: translate("vulnerabilities", "Newly exploited since {0}"),
        FilterFacet.RANSOMWARE: translate("vulnerabilities", "Used by ransomware"),
        FilterFacet.KEV_ADDED_AFTER: translate("vulnerabilities", "Listed by CISA on or after {0}"),
        FilterFacet.KEV_ADDED_BEFORE: translate("vulnerabilities", "Listed by CISA before {0}"),
        FilterFacet.DUE_BEFORE: translate("vulnerabilities", "Due before {0}"),
        FilterFacet.VENDOR: translate("vulnerabilities", "Vendor: {0}"),
        FilterFacet.PRODUCT: translate("vulnerabilities", "Product: {0}"),
        FilterFacet.CWE: translate("vulnerabilities", "Weakness: {0}"),
        FilterFacet.MIN_CVSS: translate("vulnerabilities", "CVSS {0} or higher"),
        FilterFacet.MIN_EPSS: translate("vulnerabilities", "EPSS {0} or higher"),
        FilterFacet.MIN_PRIORITY: translate("vulnerabilities", "Priority {0} or higher"),
        FilterFacet.PUBLISHED_AFTER: translate("vulnerabilities", "Published on or after {0}"),
        FilterFacet.PUBLISHED_BEFORE: translate("vulnerabilities", "Published before {0}"),
        FilterFacet.CHANGED_AFTER: translate("vulnerabilities", "Changed on or after {0}"),
        FilterFacet.SOURCE: translate("vulnerabilities", "Source: {0}"),
        FilterFacet.TAG: translate("vulnerabilities", "Tag: {0}"),
        FilterFacet.NVD_STATUS: translate("vulnerabilities", "NVD's status: {0}"),
        FilterFacet.STATE: translate("vulnerabilities", "Rejected: {0}"),
    }
    negated = {
        FilterFacet.EXPLOITED: translate("vulnerabilities", "Not exploited"),
        FilterFacet.RANSOMWARE: translate("vulnerabilities", "Not used by ransomware"),
    }
    return negated.get(facet, patterns[facet]) if getattr(search, facet) is False else patterns[facet]


def _value(search: VulnerabilityFilters, facet: FilterFacet) -> str:
    match facet:
        case FilterFacet.SEVERITY:
            return ", ".join(severity_look(severity).word for severity in search.severity)
        case FilterFacet.TRIAGE:
            return ", ".join(map(triage_word, search.triage))
        case FilterFacet.TAG:
            return ", ".join(map(tag_word, search.tag))
        case FilterFacet.STATE if search.state:
            return state_word(search.state)
        case FilterFacet.EXPLOITED_AFTER if search.exploited_after:
            return timestamp(search.exploited_after)
        case FilterFacet.MIN_EPSS if search.min_epss is not None:
            return percent(search.min_epss)
        case FilterFacet.MIN_CVSS if search.min_cvss is not None:
            return number(search.min_cvss, 1)
        case FilterFacet.MIN_PRIORITY if search.min_priority is not None:
            return number(search.min_priority, 2)
        case FilterFacet.SOURCE if search.source:
            return search.source.upper()
    return _plain_value(getattr(search, facet))


def _plain_value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
