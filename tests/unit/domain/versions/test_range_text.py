"""Ranges that sources write as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.versions import Doubt, Scheme, VersionRange, read_range_text


def written(bounds: VersionRange) -> str:
    """A range in the notation of intervals."""
    opening, closing = "[" if bounds.start_inclusive else "(", "]" if bounds.end_inclusive else ")"
    return bounds.start if bounds.is_exact else f"{opening}{bounds.start},{bounds.end}{closing}"


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("1.2.3", ["1.2.3"]),
        ("= 1.2.3", ["1.2.3"]),
        ("v1.2", ["v1.2"]),
        ("1.2.3 only", ["1.2.3"]),
        ("< 1.2.3", ["[,1.2.3)"]),
        ("<1.2.3", ["[,1.2.3)"]),
        ("<=1.2", ["[,1.2]"]),
        ("\u2264 1.2", ["[,1.2]"]),
        ("> 1.2", ["(1.2,)"]),
        (">= 1.2", ["[1.2,)"]),
        (">= 1.0, < 1.4.2", ["[1.0,1.4.2)"]),
        ("< 1.4.2, >= 1.0", ["[1.0,1.4.2)"]),
        ("< 1.4.2, >= 2.0", ["[,1.4.2)", "[2.0,)"]),
        (">= 1.0, < 1.4, >= 2.0, < 2.2", ["[1.0,1.4)", "[2.0,2.2)"]),
        ("1.0 <2.0", ["[1.0,2.0)"]),
        ("0 \u22642.3m", ["[,2.3m]"]),
        ("1.0 - 1.5", ["[1.0,1.5]"]),
        ("1.0 \u2013 1.5", ["[1.0,1.5]"]),
        ("17.1-17.12", ["[17.1,17.12]"]),
        ("5.3.4-027", ["5.3.4-027"]),
        ("1.0 through 1.5", ["[1.0,1.5]"]),
        ("versions 3.0.0 to 3.2.1", ["[3.0.0,3.2.1]"]),
        ("from 1.0 until 1.9", ["[1.0,1.9]"]),
        ("1.0 to before 2.0", ["[1.0,2.0)"]),
        ("before 2.3", ["[,2.3)"]),
        ("Prior to version 2.3", ["[,2.3)"]),
        ("earlier than 2.3", ["[,2.3)"]),
        ("below 2.3", ["[,2.3)"]),
        ("All versions before V2.1", ["[,V2.1)"]),
        ("all before 3", ["[,3)"]),
        ("all up to 3", ["[,3]"]),
        ("up to and including 4.1", ["[,4.1]"]),
        ("up to 4.1 (including)", ["[,4.1]"]),
        ("prior to and including 4.1", ["[,4.1]"]),
        ("4.0 up to, but not including 4.5", ["[4.0,4.5)"]),
        ("1.2 and earlier", ["[,1.2]"]),
        ("1.2 (and earlier)", ["[,1.2]"]),
        ("1.2, and earlier versions", ["[,1.2]"]),
        ("1.2 and all prior versions", ["[,1.2]"]),
        ("1.2.3 or below", ["[,1.2.3]"]),
        ("firmware ver.01.26 and earlier", ["[,01.26]"]),
        ("1.2 and later", ["[1.2,)"]),
        ("1.2 or newer", ["[1.2,)"]),
        ("1.2 onwards", ["[1.2,)"]),
        ("1.2+", ["[1.2,)"]),
        ("after 1.2", ["(1.2,)"]),
        ("1.0 and before 2.0", ["[1.0,2.0)"]),
        ("5.x, before 5.3", ["[5,5.3)"]),
        ("3.0, before 2.0", ["3.0", "[,2.0)"]),
        ("1.2, 1.3 and earlier", ["1.2", "[,1.3]"]),
        ("120.0 to before 120.0", ["[,120.0)"]),
        ("1.0 to 1.0", ["[,1.0]"]),
        ("0 - 1.0", ["[,1.0]"]),
        ("8.0.39 and prior, 8.4.2 and prior", ["[,8.0.39]", "[,8.4.2]"]),
        ("6.0.1, 6.0.0", ["6.0.1", "6.0.0"]),
        ("3.0, 4.0 and 4.4", ["3.0", "4.0", "4.4"]),
        ("1.0.0 || 2.0.0", ["1.0.0", "2.0.0"]),
        ("1.x", ["[1,2)"]),
        ("5.4.0.x", ["[5.4.0,5.4.1)"]),
        ("10.5.x.x", ["[10.5,10.6)"]),
        ("3.9.*", ["[3.9,3.10)"]),
        ("2.x before 2.4.1", ["[2,2.4.1)"]),
        ("<= 2.x", ["[,3)"]),
        ("< 2.x", ["[,2)"]),
        ("> 2.x", ["[3,)"]),
        ("[1.0, 2.0)", ["[1.0,2.0)"]),
        ("(1.0,2.0]", ["(1.0,2.0]"]),
        ("(,2.0)", ["[,2.0)"]),
        ("V16 Update 7", ["V16 Update 7"]),
        ("2019 SP5", ["2019 SP5"]),
        ("511.5 TCU4 HF3", ["511.5 TCU4 HF3"]),
        ("2.0 beta 3", ["2.0 beta 3"]),
        ("5.11.1 (6602)", ["5.11.1 (6602)"]),
        ("2.0.3 (2023/06/15)", ["2.0.3"]),
        ("12.5(1)SR1", ["12.5(1)SR1"]),
        ("4.67 64bit", ["4.67"]),
        ("Java SE: 8u121; Java SE Embedded: 8u131", ["8u121", "8u131"]),
        ("FrobOS 10.5.x: 10.5.0.2 and below", ["[,10.5.0.2]"]),
        ("stable < 3.1.1", ["[,3.1.1)"]),
    ],
)
def test_readable(text: str, ranges: list[str]) -> None:
    found = read_range_text(text)
    assert not isinstance(found, Doubt), found
    assert [written(bounds) for bounds in found] == ranges


@pytest.mark.parametrize("text", ["", " ", "*", "-", "n/a", "All versions", "all", "unspecified", "any version", "[,]"])
def test_without_bounds(text: str) -> None:
    assert read_range_text(text) is Doubt.NO_BOUNDS


@pytest.mark.parametrize(
    "text",
    [
        "see references",
        "https://example.org/releases",
        "QCA6390",
        "Frobbler 855 Mobile Platform",
        "before",
        "before 1.0 before 2.0",
        "1.0 to 2.0 to 3.0",
        "< ",
        "and earlier",
        "before 1.2 and earlier than",
        "master commit 530dbfa3",
        "1.0 for the old series",
        "next of 1.0.1",
        "[one, 2.0)",
    ],
)
def test_unreadable(text: str) -> None:
    assert read_range_text(text) is Doubt.UNREADABLE


def test_names_of_the_product_are_left_out() -> None:
    assert read_range_text("Frob Server 12.0, 13.0", "Examplesoft Frob Server") == (
        VersionRange.exactly("12.0"),
        VersionRange.exactly("13.0"),
    )
    assert read_range_text("Frob Server 12.0", "Examplesoft") is Doubt.UNREADABLE


def test_a_label_of_another_product_is_not_left_out() -> None:
    names = "Examplesoft Frob Server"
    bounds = (VersionRange("", "1.2"),)
    assert read_range_text("Frob Desktop: < 1.2", names) == bounds
    assert read_range_text("frob < 1.2", names) == bounds
    assert read_range_text("stable: < 1.2", names) == bounds
    assert read_range_text("widget: < 1.2", names) is Doubt.UNREADABLE
    assert read_range_text("widget < 1.2", names) is Doubt.UNREADABLE
    assert read_range_text("widget: < 1.2") == bounds


def test_the_scheme_is_that_of_the_statement() -> None:
    assert read_range_text("< 1.0.0-2", scheme=Scheme.SEMVER) == (VersionRange("", "1.0.0-2", scheme=Scheme.SEMVER),)


def test_a_long_text_is_not_read() -> None:
    assert read_range_text("1.0, " * 2_000) is Doubt.TOO_LONG


VERSION_PIECES = ["1.0", "2.x", "1.0.*", "v3", *"<=>-,;():x"]
WORD_PIECES = ["before", "prior", "to", "up", "and", "earlier", "including", "all", "versions", "Frob"]
WORDS = st.sampled_from([*VERSION_PIECES, *WORD_PIECES])


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS).map("".join)))
def test_any_text_is_ranges_or_a_doubt(text: str) -> None:
    found = read_range_text(text, "Frob")
    assert isinstance(found, Doubt) or all(bounds.start or bounds.end for bounds in found)


@pytest.mark.parametrize("piece", [" ", "1", "1.", "a", "a ", "(", ",", "- ", "and ", "x.", ":", "<", "1 and ", "1.x"])
def test_long_texts_are_read_at_once(piece: str) -> None:
    text = (piece * 500)[:500]
    found = read_range_text(text)
    assert isinstance(found, Doubt) or found
