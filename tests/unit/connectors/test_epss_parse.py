from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.connectors.connector import ParseError, RawRecord
from backend.connectors.epss.parse import columns_of, model_version, parse, score_date

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
        b"CVE-2024-1234,1.5,0.5",
        b"CVE-2024-1234,nan,0.5",
        b"CVE-2024-1234,,0.5",
    ],
)
def test_a_row_without_a_probability_is_a_parse_error(row: bytes) -> None:
    with pytest.raises(ParseError):
        parse(RawRecord(CVE, row, CVE))


@pytest.mark.parametrize("percentile", [b"", b"-1", b"inf", b"high"])
def test_an_odd_percentile_costs_the_percentile(percentile: bytes) -> None:
    parsed = parse(RawRecord(CVE, b"CVE-2024-1234,0.5," + percentile, CVE))
    assert (parsed.claims[0][1].epss, parsed.claims[0][1].epss_percentile) == (0.5, None)
    assert [message.partition(":")[0] for message in parsed.mended] == ["percentile"]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (b"cve,epss,percentile", b"CVE-2024-1234,0.5,0.9"),
        (b"cve,epss,percentile,delta", b"CVE-2024-1234,0.5,0.9,0.1"),
        (b"percentile,model,CVE,EPSS", b"0.9,v5,CVE-2024-1234,0.5"),
        (b'"cve","epss","percentile"', b'"CVE-2024-1234","0.5","0.9"'),
        (b"cve, epss, percentile\r", b"CVE-2024-1234, 0.5, 0.9\r"),
    ],
)
def test_columns_are_found_by_their_names_and_a_new_one_changes_no_row(header: bytes, row: bytes) -> None:
    columns = columns_of(header)
    assert columns is not None
    assert columns.usual(row) == b"CVE-2024-1234,0.5,0.9"


@pytest.mark.parametrize("header", [b"", b"cve,score,percentile", b"id,epss", b"cve;epss;percentile", b"<html>"])
def test_no_column_is_guessed(header: bytes) -> None:
    assert columns_of(header) is None


@pytest.mark.parametrize("row", [b"CVE-2024-1234", b"0.9,CVE-2024-1234"])
def test_what_a_row_lacks_stays_empty(row: bytes) -> None:
    columns = columns_of(b"percentile,cve,epss") if row.startswith(b"0") else columns_of(b"cve,epss,percentile")
    assert columns is not None
    assert columns.usual(row).startswith(b"CVE-2024-1234,,")


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
