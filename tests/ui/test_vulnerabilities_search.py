"""A search as parameters, as remembered text, and as the key of a link."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.api.parameters import VulnerabilityFilters
from backend.contract.names import Severity, Source
from desktop.ui.pages.vulnerabilities.search import (
    FilterFacet,
    Order,
    Search,
    remembered,
    remembered_text,
    search_of_key,
)

FULL = Search(
    text="remote code",
    severities=(Severity.CRITICAL, Severity.HIGH),
    exploited=True,
    exploited_after=datetime(2026, 11, 1, 8, tzinfo=UTC),
    source=Source.CISA,
    vendor="acme & sons",
    product="anvil",
    cwe="CWE-79",
    published_from=date(2026, 1, 1),
    published_to=date(2026, 1, 31),
    min_cvss=7.5,
    min_priority=0.4,
)

searches = some.builds(
    Search,
    text=some.text(max_size=50),
    severities=some.lists(some.sampled_from(Severity), unique=True).map(tuple),
    exploited=some.booleans(),
    exploited_after=some.none() | some.datetimes(timezones=some.just(UTC)),
    source=some.none() | some.sampled_from(Source),
    vendor=some.text(max_size=50),
    published_from=some.none() | some.dates(date(1970, 1, 1), date(2199, 12, 31)),
    min_cvss=some.none() | some.floats(0, 10),
    min_priority=some.none() | some.floats(0, 1),
)


def test_the_api_understands_every_parameter() -> None:
    query = VulnerabilityFilters.model_validate({**FULL.params, **Order("epss", descending=False).params}).query()
    assert query.text == "remote code"
    assert query.severity == (Severity.CRITICAL, Severity.HIGH)
    assert (query.exploited, query.exploited_after) == (True, FULL.exploited_after)
    assert (query.source, query.vendor, query.product, query.cwe) == (Source.CISA, "acme & sons", "anvil", "CWE-79")
    assert (query.min_cvss, query.min_priority) == (7.5, 0.4)
    assert (query.sort_by, query.sort_order) == ("epss", "asc")


def test_the_last_day_is_wholly_included() -> None:
    query = VulnerabilityFilters.model_validate(FULL.params).query()
    assert query.published_after == datetime(2026, 1, 1, tzinfo=UTC)
    assert query.published_before == datetime(2026, 2, 1, tzinfo=UTC)


def test_who_looks_for_nothing_asks_for_everything() -> None:
    assert Search().params == {}
    assert Search(text="  ").params == {}
    assert Search().facets == ()


def test_each_part_can_be_taken_away_by_itself() -> None:
    assert FULL.facets == tuple(FilterFacet)
    for facet in FilterFacet:
        assert facet not in FULL.without(facet).facets
        assert len(FULL.without(facet).facets) == len(FilterFacet) - 1


@given(searches)
def test_what_is_remembered_is_what_was_looked_for(search: Search) -> None:
    assert remembered(remembered_text(search)) == search


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", '{"severities": ["DREADFUL"]}', '{"min_cvss": 11}', '{"colour": "red"}', "null"]
)
def test_a_memory_that_makes_no_sense_is_none(text: str) -> None:
    assert remembered(text) == Search()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("exploited", Search(exploited=True)),
        ("text:", Search()),
        ("severity:critical", Search(severities=(Severity.CRITICAL,))),
        ("severity:CRITICAL,HIGH", Search(severities=(Severity.CRITICAL, Severity.HIGH))),
        ("vendor:acme: the company", Search(vendor="acme: the company")),
        ("source:nvd", Search(source=Source.NVD)),
        ("min_cvss:9", Search(min_cvss=9.0)),
        ("published_from:2026-11-01", Search(published_from=date(2026, 11, 1))),
        (
            "exploited_after:2026-11-01T08:00:00Z",
            Search(exploited_after=datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ),
        ("exploited_after:2026-11-01T08:00:00", Search(exploited_after=datetime(2026, 11, 1, 8, tzinfo=UTC))),
    ],
)
def test_other_pages_ask_by_a_key(key: str, expected: Search) -> None:
    assert search_of_key(key) == expected


@pytest.mark.parametrize(
    "key", ["CVE-2026-1", "", "severity:dreadful", "colour:red", "min_cvss:lots", "published_to:9999-12-31"]
)
def test_a_key_that_is_no_search_is_left_to_others(key: str) -> None:
    assert search_of_key(key) is None
