"""A search as parameters, as remembered text, as the key of a link, and in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.api.parameters import SearchParameters
from backend.contract.exposure import FindingState
from backend.contract.names import Severity, Source, Tag
from backend.contract.searches import MAX_SEARCH, StateFilter, VulnerabilityFilters
from desktop.ui.pages.vulnerabilities.filter_words import chip_words
from desktop.ui.pages.vulnerabilities.search import (
    NOTHING,
    FilterFacet,
    Order,
    facets_of,
    params_of,
    remembered,
    remembered_text,
    search_of_key,
    without,
)

FULL = VulnerabilityFilters(
    search="remote code",
    severity=(Severity.CRITICAL, Severity.HIGH),
    exploited=True,
    exploited_after=datetime(2026, 11, 1, 8, tzinfo=UTC),
    kev_added_after=date(2026, 1, 1),
    kev_added_before=date(2026, 2, 1),
    due_before=date(2026, 3, 1),
    ransomware=False,
    vendor=("acme & sons", "zoo, the"),
    product=("anvil",),
    cwe=("CWE-79", "CWE-89"),
    source=Source.CISA,
    state=StateFilter.ANY,
    tag=(Tag.DISPUTED,),
    nvd_status=("Deferred",),
    mine=True,
    triage=(FindingState.OPEN, FindingState.IGNORED),
    min_cvss=7.5,
    min_epss=0.25,
    min_priority=0.4,
    published_after=datetime(2026, 1, 1, tzinfo=UTC),
    published_before=datetime(2026, 2, 1, tzinfo=UTC),
    changed_after=datetime(2026, 1, 15, tzinfo=UTC),
)
_MOMENTS = some.none() | some.datetimes(timezones=some.just(UTC))
_NAMES = some.lists(some.text(some.characters(exclude_characters="\0", codec="utf-8"), max_size=50), max_size=3)

searches = some.builds(
    VulnerabilityFilters,
    search=some.text(some.characters(exclude_characters="\0", codec="utf-8"), max_size=50),
    severity=some.lists(some.sampled_from(Severity), unique=True).map(tuple),
    exploited=some.none() | some.booleans(),
    exploited_after=_MOMENTS,
    source=some.none() | some.sampled_from(Source),
    vendor=_NAMES.map(tuple),
    kev_added_after=some.none() | some.dates(),
    published_after=_MOMENTS,
    min_cvss=some.none() | some.floats(0, 10),
    min_priority=some.none() | some.floats(0, 1),
)


def test_every_filter_of_the_api_is_a_part_of_a_search() -> None:
    assert {facet.value for facet in FilterFacet} == VulnerabilityFilters.model_fields.keys()
    assert facets_of(FULL) == tuple(FilterFacet)


def test_the_api_understands_every_parameter() -> None:
    sent = {**params_of(FULL), **Order("epss", descending=False).params}
    understood = SearchParameters.model_validate(sent)
    assert understood.model_dump(include=set(VulnerabilityFilters.model_fields)) == FULL.model_dump()
    assert (understood.query().sort_by, understood.query().sort_order) == ("epss", "asc")


def test_who_looks_for_nothing_asks_for_everything() -> None:
    assert params_of(NOTHING) == {}
    assert params_of(VulnerabilityFilters(search="  ")) == {}
    assert facets_of(NOTHING) == ()


def test_of_a_pasted_text_with_several_ids_only_these_are_sent() -> None:
    pasted = "Fixed: CVE-2024-3094,\n\tsee https://example.org/EUVD-2024-12 and cve-2024-3094"
    assert params_of(VulnerabilityFilters(search=pasted)) == {"search": "cve-2024-3094 euvd-2024-12"}
    many = "; ".join(f"CVE-2024-{number}" for number in range(1000, 1200))
    sent = params_of(VulnerabilityFilters(search=many[:MAX_SEARCH]))
    assert len(str(sent["search"]).split()) == 200
    assert params_of(VulnerabilityFilters(search="one CVE-2024-3094")) == {"search": "one CVE-2024-3094"}


@pytest.mark.parametrize("facet", list(FilterFacet))
def test_each_part_can_be_taken_away_by_itself_and_has_words(facet: FilterFacet) -> None:
    assert facets_of(without(FULL, facet)) == tuple(other for other in FilterFacet if other is not facet)
    assert chip_words(FULL, facet)
    assert "{" not in chip_words(FULL, facet)


@pytest.mark.parametrize(
    ("search", "facet", "words"),
    [
        (FULL, FilterFacet.VENDOR, "Vendor: acme & sons, zoo, the"),
        (FULL, FilterFacet.SEVERITY, "Severity: Critical, High"),
        (FULL, FilterFacet.MIN_EPSS, "EPSS 25 % or higher"),
        (FULL, FilterFacet.RANSOMWARE, "Not used by ransomware"),
        (FULL, FilterFacet.DUE_BEFORE, "Due before 2026-03-01"),
        (FULL, FilterFacet.CHANGED_AFTER, "Changed on or after 2026-01-15"),
        (FULL, FilterFacet.TRIAGE, "Triage: Open, Ignored"),
        (VulnerabilityFilters(exploited=False), FilterFacet.EXPLOITED, "Not exploited"),
    ],
)
def test_a_part_in_words(search: VulnerabilityFilters, facet: FilterFacet, words: str) -> None:
    assert chip_words(search, facet) == words


@given(searches)
def test_what_is_remembered_is_what_was_looked_for(search: VulnerabilityFilters) -> None:
    assert remembered(remembered_text(search)) == search


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '{"severity": ["DREADFUL"]}', '{"min_cvss": 11}', '{"colour": "red"}', "null"]
)
def test_a_memory_that_makes_no_sense_is_none(text: str) -> None:
    assert remembered(text) == NOTHING


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("exploited", VulnerabilityFilters(exploited=True)),
        ("search:", NOTHING),
        ("severity:critical", VulnerabilityFilters(severity=(Severity.CRITICAL,))),
        ("severity:CRITICAL,HIGH", VulnerabilityFilters(severity=(Severity.CRITICAL, Severity.HIGH))),
        ("vendor:acme: the company", VulnerabilityFilters(vendor=("acme: the company",))),
        ("source:nvd", VulnerabilityFilters(source=Source.NVD)),
        ("min_cvss:9", VulnerabilityFilters(min_cvss=9.0)),
        ("mine:true", VulnerabilityFilters(mine=True)),
        ("published_after:2026-11-01", VulnerabilityFilters(published_after=datetime(2026, 11, 1, tzinfo=UTC))),
        (
            "exploited_after:2026-11-01T08:00:00Z",
            VulnerabilityFilters(exploited_after=datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ),
        (
            "exploited_after:2026-11-01T08:00:00",
            VulnerabilityFilters(exploited_after=datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ),
    ],
)
def test_other_pages_ask_by_a_key(key: str, expected: VulnerabilityFilters) -> None:
    assert search_of_key(key) == expected


@pytest.mark.parametrize("key", ["CVE-2026-1", "", "severity:dreadful", "colour:red", "min_cvss:lots", "due_before:x"])
def test_a_key_that_is_no_search_is_left_to_others(key: str) -> None:
    assert search_of_key(key) is None
