"""The checks of a query, the words by which a vulnerability is found, and the words of a query."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.names import Source
from backend.domain.search import MAX_QUERY_WORDS, MAX_WORD, Facet, SearchQuery, query_words, search_words
from backend.domain.vulnerability import Details
from tests.fakes.vulnerabilities import vulnerability


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": 0},
        {"page_size": 0},
        {"page_size": 501},
        {"min_cvss": 10.1},
        {"min_cvss": float("nan")},
        {"min_priority": -0.1},
        {"published_after": datetime(2024, 1, 1)},  # noqa: DTZ001 - the point of it
        {"published_before": datetime(2024, 1, 1)},  # noqa: DTZ001
    ],
)
def test_refuses_what_makes_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SearchQuery(**wrong)


def test_takes_the_limits() -> None:
    query = SearchQuery(
        page=3, page_size=500, min_cvss=0, min_priority=1, published_after=datetime(2024, 1, 1, tzinfo=UTC)
    )
    assert query.offset == 1000


def finds(query: str, text: str) -> bool:
    """The match rule of both databases: each word of the query is the beginning of a word of the document."""
    document = search_words(vulnerability("CVE-2024-1234", title=text)).split(" ")
    return all(any(word.startswith(asked) for word in document) for asked in query_words(query))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("apache", "Apache HTTP Server"),
        ("http apa", "Apache HTTP Server"),
        ("CVE-2024-1234", "anything"),
        ("cve-2024-12", "anything"),
        ("2024-12", "anything"),
        ("1234", "anything"),
        ("log4j", "Log4j2 JNDI"),
        ("strasse", "Straße"),
        ("\uff26\uff35\uff2c\uff2c", "full width"),
        ("资料", "资料库"),
        ("c++", "a C compiler"),
        ("cve-2021-44228", "An incomplete fix of CVE-2021-44228"),
        ("2024-12", "Firmware of 2024-12-31"),
        ("10.0.19041", "Windows 10.0.19041.1"),
        ("", "anything"),
        ("-- !", "anything"),
    ],
)
def test_finds(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ache", "Apache"),
        ("apache tomcat", "Apache HTTP Server"),
        ("CVE-2024-123456", "anything"),
        ("2024-9", "anything"),
    ],
)
def test_does_not_find(query: str, text: str) -> None:
    assert not finds(query, text)


def test_every_field_gives_its_words() -> None:
    document = search_words(
        vulnerability(
            "CVE-2024-1234",
            title="tiger",
            description="lion",
            vendors=("bear",),
            products=("wolf",),
            details=Details(aliases=("GHSA-abcd-efgh",)),
        )
    ).split(" ")
    assert {
        "tiger",
        "lion",
        "bear",
        "wolf",
        "ghsa",
        "abcd",
        "efgh",
        "cve",
        "2024",
        "1234",
        "20241234",
        "cve20241234",
    } <= set(document)
    assert len(document) == len(set(document))


def test_a_facet_is_a_whole_name_and_no_word() -> None:
    document = search_words(
        vulnerability("CVE-2024-1", vendors=("the apache group",), products=("a/b 'c' \"d\"",), cwe_ids=("CWE-79",))
    ).split(" ")
    assert {Facet.VENDOR.of("The Apache_Group"), Facet.PRODUCT.of("A/B 'c' \"D\""), Facet.CWE.of("cwe-79")} <= set(
        document
    )
    assert Facet.VENDOR.of("apache") not in document
    assert query_words("v=the_apache_group") == ("v", "the", "apache", "group")
    assert Facet.VENDOR.value_in(Facet.VENDOR.of("The Apache_Group")) == "the apache group"


def test_a_word_that_begins_another_asks_for_nothing_more() -> None:
    assert query_words("linux li lin kernel") == ("linux", "kernel")


def test_what_is_asked_and_stored_has_bounds() -> None:
    assert len(query_words(" ".join(f"x{number}y" for number in range(1000)))) == MAX_QUERY_WORDS
    assert finds("a" * 500, "a" * 500)
    assert max(map(len, search_words(vulnerability("CVE-2024-1", title="a" * 500)).split(" "))) == MAX_WORD
    long = vulnerability(
        "CVE-2024-1", vendors=("kept",), description=" ".join(f"word{number}" for number in range(60_000))
    )
    assert len(search_words(long)) <= 200_000
    assert search_words(long).startswith(Facet.VENDOR.of("kept"))


def test_no_source_is_named_within_another() -> None:
    assert not [pair for pair in permutations(Source, 2) if pair[0] in pair[1]]


@given(st.text())
def test_any_text_finds_itself(text: str) -> None:
    assert finds(text, text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_tokens_are_never_empty_and_hold_no_blank(name: str) -> None:
    document = search_words(vulnerability("CVE-2024-1", vendors=(name,), title=name))
    assert all(token and token.split() == [token] for token in document.split(" "))
