"""Whatever the texts are: an order is total, or there is a reason why there is none."""

from __future__ import annotations

from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.versions import CannotCompare, Doubt, Scheme, compare, order_or_doubt, order_surely

PIECES = [
    *("0", "1", "2", "9", "10", "07", "20240131"),
    *("a", "b", "k", "v", "rc", "alpha", "sp", "u", "update", "final", "ga", "dev"),
    *("-", ".", "_", "+", "~", "^", ":", "(", ")", "#", " "),
]
VERSIONS = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
SCHEMES = st.sampled_from(Scheme)
UNTOTAL = {Scheme.PACKAGIST}  # PHP's "#" equals every number, and these are not equal


def order(a: str, b: str, scheme: str) -> int | None:
    with suppress(CannotCompare):
        return compare(a, b, scheme)
    return None


@given(SCHEMES, VERSIONS, VERSIONS)
def test_antisymmetric_and_reflexive(scheme: Scheme, a: str, b: str) -> None:
    forth, back = order(a, b, scheme), order(b, a, scheme)
    assert (forth is None) == (back is None)
    assert forth is None or forth == -(back or 0)
    assert order(a, a, scheme) in (0, None)


@given(SCHEMES.filter(lambda scheme: scheme not in UNTOTAL), st.lists(VERSIONS, min_size=3, max_size=3))
def test_transitive(scheme: Scheme, versions: list[str]) -> None:
    for a, b, c in permutations(versions):
        first, second, both = order(a, b, scheme), order(b, c, scheme), order(a, c, scheme)
        if first is not None and second is not None and first <= 0 and second <= 0:
            assert both is not None
            assert both <= 0
            assert both < 0 or (first, second) == (0, 0)


@given(VERSIONS, VERSIONS)
def test_the_careful_order_agrees_with_the_total_one(a: str, b: str) -> None:
    sure, back = order_surely(a, b), order_surely(b, a)
    assert sure is None or sure == compare(a, b)
    assert (sure is None) == (back is None)


@given(SCHEMES, st.text(max_size=40), st.text(max_size=40))
def test_any_text_has_an_order_or_a_reason(scheme: Scheme, a: str, b: str) -> None:
    assert order_or_doubt(a, b, scheme) in (-1, 0, 1, *Doubt)
    assert order(a, b, scheme) in (-1, 0, 1, None)


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize(
    "piece", ["1", "1.", "a", "-", ".", "~", "rc1", "\u0661", "é", " ", "\x00", "1a", "1-", "_p", "#."]
)
def test_long_texts_are_read_at_once_or_refused(scheme: Scheme, piece: str) -> None:
    for length in (450, 10_000):
        text = (piece * length)[:length]
        assert order(f"{text}1", f"{text}2", scheme) in (-1, 0, 1, None)
