"""The checks of a query."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest

from backend.contract.names import Source
from backend.domain.search import SearchQuery


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


def test_no_source_is_named_within_another() -> None:
    assert not [pair for pair in permutations(Source, 2) if pair[0] in pair[1]]
