from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.contract.names import Severity
from backend.domain.cvss import essential_vector, score_of, severity_of
from tests.unit.domain.claims_of import CRITICAL_31, HIGH_20, HIGH_40, MEDIUM_31

UNDEFINED_40 = "/E:X/CR:X/IR:X/AR:X/MAV:X/MAC:X/MAT:X/MPR:X/MUI:X/MVC:X/MVI:X/MVA:X/MSC:X/MSI:X/MSA:X"


@pytest.mark.parametrize(
    ("version", "vector", "score"),
    [
        ("3.1", CRITICAL_31, 9.8),
        ("3.1", MEDIUM_31, 6.1),
        ("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("3.1", "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("3.0", "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("2.0", "AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("2.0", HIGH_20, 7.5),
        ("2.0", "AV:L/AC:H/Au:N/C:N/I:P/A:N", 1.2),
        ("4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0),
        ("4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ("4.0", HIGH_40, 8.7),
        ("4.0", HIGH_40 + UNDEFINED_40, 8.7),
        ("4.0", HIGH_40 + "/E:U", 6.6),
    ],
)
def test_recomputes_the_score_from_the_vector(version: str, vector: str, score: float) -> None:
    assert score_of(version, vector) == score
    assert score_of(version, vector, stated=1.1) == score


@pytest.mark.parametrize("spelling", [f"({HIGH_20})", f"CVSS:2.0/{HIGH_20}", f" {HIGH_20} ", f"CVSS2#({HIGH_20})"])
def test_reads_v2_vectors_in_all_their_spellings(spelling: str) -> None:
    assert score_of("2.0", spelling) == 7.5


def test_reads_a_v3_vector_without_its_prefix() -> None:
    assert score_of("3.1", MEDIUM_31.removeprefix("CVSS:3.1/")) == 6.1


@pytest.mark.parametrize(
    ("version", "vector"),
    [
        ("3.1", ""),
        ("3.1", "CVSS:3.1/AV:N"),
        ("3.1", "CVSS:3.1/AV:Z/AC:L"),
        ("4.0", CRITICAL_31),
        ("9.9", CRITICAL_31),
        ("", ""),
        ("2.0", "AV:N/AC:L/Au:N/C:P/I:P/A:P/C:P"),
        ("3.1", CRITICAL_31 + "/A:H"),
    ],
)
def test_gives_no_score_for_an_invalid_vector(version: str, vector: str) -> None:
    assert score_of(version, vector) is None


def test_believes_the_stated_number_only_where_the_vector_is_unusable() -> None:
    assert score_of("3.1", "", stated=7.2) == 7.2
    assert score_of("3.1", "nonsense", stated=0) == 0.0


@pytest.mark.parametrize("stated", [-1.0, 10.1, float("nan"), float("inf")])
def test_refuses_stated_numbers_off_the_scale(stated: float) -> None:
    assert score_of("3.1", "", stated=stated) is None


fragments = st.sampled_from(["AV:N", "AC:L", "Au:N", "PR:N", "UI:N", "S:U", "C:H", "I:P", "A:", ":", "CVSS:3.1", "("])


@given(st.sampled_from(["4.0", "3.1", "3.0", "2.0", ""]), st.lists(fragments).map("/".join) | st.text(max_size=40))
def test_any_text_is_a_score_or_none(version: str, vector: str) -> None:
    score = score_of(version, vector)
    assert score is None or 0 <= score <= 10


def test_undefined_metrics_do_not_make_another_vector() -> None:
    assert essential_vector(HIGH_40 + UNDEFINED_40) == essential_vector(HIGH_40) == HIGH_40
    assert essential_vector(f"({HIGH_20}/E:ND)") == HIGH_20
    assert essential_vector(HIGH_40 + "/E:U") != essential_vector(HIGH_40)


@pytest.mark.parametrize("version", ["3.0", "3.1", "4.0"])
@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (0.0, Severity.NONE),
        (0.1, Severity.LOW),
        (3.9, Severity.LOW),
        (4.0, Severity.MEDIUM),
        (6.9, Severity.MEDIUM),
        (7.0, Severity.HIGH),
        (8.9, Severity.HIGH),
        (9.0, Severity.CRITICAL),
        (10.0, Severity.CRITICAL),
    ],
)
def test_rates_by_the_scale_of_version_3(version: str, score: float, severity: Severity) -> None:
    assert severity_of(version, score) is severity


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        (0.0, Severity.LOW),
        (3.9, Severity.LOW),
        (4.0, Severity.MEDIUM),
        (6.9, Severity.MEDIUM),
        (7.0, Severity.HIGH),
        (10.0, Severity.HIGH),
    ],
)
def test_version_2_knows_nothing_critical(score: float, severity: Severity) -> None:
    assert severity_of("2.0", score) is severity


def test_no_score_is_unknown_not_none() -> None:
    assert severity_of("3.1", None) is Severity.UNKNOWN
