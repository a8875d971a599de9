from __future__ import annotations

import pytest

from backend.domain.canonical import (
    canonical_address,
    is_cve_id,
    is_euvd_id,
    is_vulnerability_id,
    normalise_id,
    sort_key,
    text_rank,
    year_of,
)


@pytest.mark.parametrize("text", ["CVE-1999-0001", "CVE-2024-12345", "CVE-2024-" + "1" * 19])
def test_knows_cve_ids(text: str) -> None:
    assert is_cve_id(text)
    assert is_vulnerability_id(text)
    assert not is_euvd_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CVE-2024-123",
        "CVE-24-1234",
        "cve-2024-1234",
        " CVE-2024-1234",
        "CVE-2024-1234\n",
        "CVE-2024-" + "1" * 20,
        "CVE-2024-12a4",
        "CVE-٢٠٢٤-1234",
        "EUVD-2024-1234",
    ],
)
def test_takes_nothing_else_for_a_cve_id(text: str) -> None:
    assert not is_cve_id(text)


def test_knows_euvd_ids() -> None:
    assert is_euvd_id("EUVD-2025-7")
    assert is_vulnerability_id("EUVD-2025-123456")
    assert not is_euvd_id("EUVD-2025-")
    assert is_vulnerability_id("GHSA-2222-3333-4444")
    assert not is_vulnerability_id("GHSA-2222-3333-444")
    assert not is_vulnerability_id("GHSA-AAAA-3333-4444")


def test_normalises_what_a_person_types() -> None:
    assert normalise_id("  cve-2024-1234\t") == "CVE-2024-1234"
    assert normalise_id("ghsa-JFH8-c2jp-5V3Q") == "GHSA-jfh8-c2jp-5v3q"


def test_sorts_by_year_and_number() -> None:
    ids = ["CVE-2024-10000", "CVE-2024-9999", "CVE-2023-99999", "EUVD-2024-9"]
    assert sorted(ids, key=sort_key) == ["CVE-2023-99999", "EUVD-2024-9", "CVE-2024-9999", "CVE-2024-10000"]
    assert year_of("EUVD-2025-7") == 2025


@pytest.mark.parametrize("text", ["", "CVE", "CVE-2024", "CVE-x-1", "CVE-2024-1-1"])
def test_refuses_to_sort_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        sort_key(text)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://Example.COM/a", "https://example.com/a"),
        ("HTTPS://example.com/a", "https://example.com/a"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("http://example.com:80", "http://example.com"),
        ("https://example.com/a/?q=1", "https://example.com/a?q=1"),
        ("https://example.com/a#", "https://example.com/a"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("https://example.com?q=/A", "https://EXAMPLE.com?q=/A"),
    ],
)
def test_spellings_of_one_address_are_one(first: str, second: str) -> None:
    assert canonical_address(first) == canonical_address(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/a", "http://example.com/a"),
        ("https://example.com/a?q=x", "https://example.com/a?q=X"),
        ("https://example.com/a?next=/b/", "https://example.com/a?next=/b"),
        ("https://example.com/code.c#L10", "https://example.com/code.c#L20"),
        ("https://example.com/#!/7", "https://example.com/"),
        ("https://example.com:8443/a", "https://example.com/a"),
        ("http://example.com:443/a", "http://example.com/a"),
    ],
)
def test_different_addresses_stay_different(first: str, second: str) -> None:
    assert canonical_address(first) != canonical_address(second)


def test_text_that_is_no_address_is_only_trimmed() -> None:
    assert canonical_address(" See The Advisory ") == "See The Advisory"
    assert canonical_address("  ") == ""


@pytest.mark.parametrize(
    ("text", "rank"),
    [("", None), ("Zoo", "zoo"), ("ÜBERLAUF", "Überlauf"), ("x" * 41, "x" * 40), ("资料 A", "资料 a")],
)
def test_texts_are_sorted_by_their_beginnings_in_ascii_lower_case(text: str, rank: str | None) -> None:
    assert text_rank(text) == rank
