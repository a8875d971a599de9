from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.connectors.connector import ParseError, RawRecord
from backend.connectors.epss.parse import model_version, parse, score_date

CVE = "CVE-2024-1234"


def test_a_row_is_a_probability_and_a_percentile() -> None:
    ((vulnerability_id, claim),) = parse(RawRecord(CVE, b"CVE-2024-1234,0.00043,0.10115", CVE)).claims
    assert (vulnerability_id, claim.epss, claim.epss_percentile) == (CVE, 0.00043, 0.10115)


@pytest.mark.parametrize(
    "row",
    [
        b"CVE-2024-1234",
        b"CVE-2024-1234,",
        b"CVE-2024-1234,high,low",
        b"CVE-2024-1234,0.5",
        b"CVE-2024-1234,0.5,0.5,0.5",
        b"CVE-2024-1234,1.5,0.5",
        b"CVE-2024-1234,0.5,-1",
        b"CVE-2024-1234,nan,0.5",
        b"CVE-2024-1234,0.5,inf",
    ],
)
def test_any_other_row_is_a_parse_error(row: bytes) -> None:
    with pytest.raises(ParseError):
        parse(RawRecord(CVE, row, CVE))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z", datetime(2026, 1, 30, 12, 55, tzinfo=UTC)),
        (b"#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000", datetime(2022, 2, 4, tzinfo=UTC)),
        (b"#model_version:v2025.03.14", None),
        (b"#score_date:T", None),
    ],
)
def test_the_first_line_tells_the_day(head: bytes, expected: datetime | None) -> None:
    assert score_date(head) == expected


@pytest.mark.parametrize(
    ("head", "version"),
    [
        (b"#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z", "v2025.03.14"),
        (b"#score_date:2026-06-15T12:55:00Z,model_version:v2026.06.15\ncve,epss,percentile", "v2026.06.15"),
        (b"#model_version:v5-beta_2,score_date:", "v5-beta_2"),
        (b"#model_version:,score_date:2026-01-30", None),
        (b"#score_date:2026-01-30", None),
        (b"", None),
    ],
)
def test_reads_the_version_of_the_model(head: bytes, version: str | None) -> None:
    assert model_version(head) == version
