"""A query is checked when it is made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

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
