from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.canonical import (
    TITLE_LENGTH,
    canonical_address,
    first_sentence,
    fold,
    is_cve_id,
    is_euvd_id,
    is_vulnerability_id,
    normalise_id,
    sort_key,
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
    assert not is_vulnerability_id("GHSA-2222-3333-4444")


def test_normalises_what_a_person_types() -> None:
    assert normalise_id("  cve-2024-1234\t") == "CVE-2024-1234"


def test_sorts_by_year_and_number() -> None:
    ids = ["CVE-2024-10000", "CVE-2024-9999", "CVE-2023-99999", "EUVD-2024-9"]
    assert sorted(ids, key=sort_key) == ["CVE-2023-99999", "EUVD-2024-9", "CVE-2024-9999", "CVE-2024-10000"]
    assert year_of("EUVD-2025-7") == 2025


@pytest.mark.parametrize("text", ["", "CVE", "CVE-2024", "CVE-x-1", "CVE-2024-1-1"])
def test_refuses_to_sort_what_is_no_id(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        sort_key(text)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Example", "example"),
        ("example_soft", "example soft"),
        (" Example \t\u00a0Soft__Ltd ", "example soft ltd"),
        ("n/a", ""),
        (" N/A ", ""),
        ("", ""),
        ("_", ""),
        ("n/a tools", "n/a tools"),
        ("line\nbreak", "line break"),
    ],
)
def test_folds_names(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_one_line(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert len(fold(name).splitlines()) <= 1


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
    ("text", "sentence"),
    [
        ("", ""),
        ("One thing. Another.", "One thing."),
        ("Version 2.4.1 fails. It does.", "Version 2.4.1 fails."),
        ("Sent by Example Inc. Widget 2 fails. More.", "Sent by Example Inc. Widget 2 fails."),
        ("Some files, e.g. Makefiles, leak. More.", "Some files, e.g. Makefiles, leak."),
        ("Sent by EXAMPLE CO., LTD. Widget 2 fails. More.", "Sent by EXAMPLE CO., LTD. Widget 2 fails."),
        ("Found by J. Doe. More.", "Found by J. Doe."),
        ("Widget! 4.0 and Gadget! Pro fail. More.", "Widget! 4.0 and Gadget! Pro fail."),
        ("Is it? Yes.", "Is it?"),
        ("No end", "No end"),
        ("Two\n  lines of\ttext. More", "Two lines of text."),
        ("a value of 3. the rest is lower case. End", "a value of 3. the rest is lower case."),
    ],
)
def test_finds_the_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence


def test_cuts_a_long_sentence_between_words() -> None:
    cut = first_sentence("overflow " * 50)
    assert len(cut) <= TITLE_LENGTH
    assert cut.endswith("overflow…")


def test_a_sentence_of_just_the_length_is_whole() -> None:
    whole = "x" * 99 + " " + "y" * 100
    assert first_sentence(whole) == whole


@given(st.text(max_size=1200))
def test_a_first_sentence_is_one_line_of_at_most_200_characters(text: str) -> None:
    sentence = first_sentence(text)
    assert len(sentence) <= TITLE_LENGTH
    assert "\n" not in sentence
