from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.formatting import clean, duration, number, plural, size, when

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (125, "2 min 5 s"),
        (60 * 12 + 34, "12 min"),
        (7200 + 300, "2 h 5 min"),
        (86_400 * 3 + 3600, "3 d 1 h"),
        (86_400 * 3 + 60, "3 d 1 min"),
        (-5, "0 s"),
    ],
)
def test_durations_have_two_units_and_no_needless_seconds(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_moments_are_told_relative_to_now() -> None:
    assert when(NOW - timedelta(minutes=12), NOW) == "12 min ago"
    assert when(NOW + timedelta(minutes=72), NOW) == "in 1 h 12 min"
    assert when(NOW, NOW) == "just now"
    assert when(datetime(2021, 12, 10, 10, tzinfo=UTC), NOW) == "2021-12-10"
    assert when(None, NOW) == "never"


def test_numbers_are_grouped() -> None:
    assert number(1_234_567) == "1,234,567"
    assert plural(1, "link") == "1 link"
    assert plural(1200, "link") == "1,200 links"
    assert size(12_300_000) == "12.3 MB"


def test_escape_sequences_of_feeds_never_reach_the_terminal() -> None:
    assert clean("a\x1b[31mred\x1b]0;title\x07\r\nb\u202egnp.exe") == "a[31mred]0;title  bgnp.exe"


@given(st.text())
def test_cleaned_text_is_one_printable_line(text: str) -> None:
    cleaned = clean(text)
    assert "\x1b" not in cleaned
    assert len(cleaned.splitlines()) <= 1 or {"\u2028", "\u2029"} & set(cleaned)
    cleaned.encode("utf-8")
