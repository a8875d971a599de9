"""The order of versions of Windows programs."""

from __future__ import annotations

import pytest

from backend.domain.versions import CannotCompare, Doubt, compare, highest, order_or_doubt, order_surely


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("9.9", "10.0"),
        ("115.0.2", "115.3"),
        ("1.0.0", "1.0.0.1"),
        ("2.0-alpha2", "2.0-beta1"),
        ("2.0-beta1", "2.0rc1"),
        ("2.0 Preview 3", "2.0 RC"),
        ("2.0-RC2", "2.0"),
        ("2.0-nightly", "2.0-alpha"),
        ("10", "10 SP1"),
        ("10 SP1", "10 SP2"),
        ("10 SP2", "10.1"),
        ("2019 CU9", "2019 CU23"),
        ("2019 Cumulative Update 9", "2019 CU10"),
        ("1.8.0_351", "1.8.0 Update 361"),
        ("1.8.0", "1.8.0_351"),
        ("8u351", "1.8.0_361"),
        ("1.8.0_20-b09", "1.8.0_20-b26"),
        ("7.0 U1b", "7.0 U3"),
        ("1.0.2k", "1.0.2l"),
        ("1.0.2z", "1.0.2za"),
        ("1.0.2", "1.0.2a"),
        ("8.9p1", "8.10p1"),
        ("12.5(1)", "12.5(2)"),
        ("10.0.22631.4317", "10.0.22631.6491"),
        ("unknown", "0.1"),
        ("999999", "latest"),
        ("< 1.0", "1.0"),
        ("1.0", "> 1.0"),
        ("2023-01-31", "2023-02-01"),
        ("1." + "9" * 100, "1.1" + "0" * 100),
    ],
)
def test_below(low: str, high: str) -> None:
    assert (compare(low, high), compare(high, low)) == (-1, 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1", "1.0.0.0"),
        ("1.02.003", "1.2.3"),
        ("v1.2", "Version 1.2"),
        ("  1.2 ", "1.2"),
        ("1.2.", "1. 2"),
        ("OpenFrob 1.2", "1.2"),
        ("1.2-rc", "1.2.0 RC"),
        ("1.8.0_351", "1.8.0 Update 351"),
        ("8u351", "1.8.0_351"),
        ("2019 Cumulative Update 9", "2019 CU9"),
        ("10 Service Pack 2", "10sp2"),
        ("128.3.0esr", "128.3.0"),
        ("1.2 (x64)", "1.2"),
        ("1.2 64-bit", "1.2"),
        ("1.2 final", "1.2"),
        ("\uff11.\uff12", "1.2"),
        ("latest", "Latest"),
    ],
)
def test_equal(a: str, b: str) -> None:
    assert (compare(a, b), compare(b, a)) == (0, 0)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", Doubt.NO_VERSION),
        ("  ", Doubt.NO_VERSION),
        ("n/a", Doubt.NO_VERSION),
        ("N/A", Doubt.NO_VERSION),
        ("*", Doubt.NO_VERSION),
        ("-", Doubt.NO_VERSION),
        ("unspecified", Doubt.NO_VERSION),
        ("a word", Doubt.NOT_A_VERSION),
        ("...", Doubt.NOT_A_VERSION),
        ("\x00\x1b", Doubt.NOT_A_VERSION),
        ("8f8e1ab3c9d2", Doubt.REVISION),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", Doubt.REVISION),
        ("1" * 5000, Doubt.TOO_LONG),
        ("1." * 5000, Doubt.TOO_LONG),
        ("2023-01-31", Doubt.DATE),
    ],
)
def test_what_is_no_version_has_no_order(text: str, doubt: Doubt) -> None:
    for a, b in ((text, "1.0"), ("1.0", text)):
        with pytest.raises(CannotCompare) as refused:
            compare(a, b)
        assert refused.value.doubt is doubt
        assert order_or_doubt(a, b) is doubt


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("115.0.2", "115.3"),
        ("6.2", "6.2.1"),
        ("2.0-rc1", "2.0"),
        ("2.0-beta1", "2.0-rc1"),
        ("10 SP1", "10 SP2"),
        ("2019", "2019 CU3"),
        ("1.8.0", "1.8.0_351"),
        ("1.0.2k", "1.0.2l"),
        ("1.0.2", "1.0.2k"),
        ("1.1.0k", "1.1.1"),
        ("1.0.0k", "1.0.1"),
        ("1.0 SP1", "1.1"),
        ("2.0.0_12", "2.0.1"),
        ("8.9p1", "8.9p2"),
        ("11.0.6", "11.0.6-h1"),
        ("23.006.20320", "23.008.20470"),
        ("0", "2024.1"),
        ("2022.3", "2024.1"),
        ("4126", "12000"),
    ],
)
def test_usage_leaves_no_doubt(low: str, high: str) -> None:
    assert (order_surely(low, high), order_surely(high, low)) == (-1, 1)


def test_equal_versions_leave_no_doubt() -> None:
    assert order_surely("1.0", "1.0.0") == 0


@pytest.mark.parametrize(
    ("a", "b", "doubt"),
    [
        ("25.1", "2025.1", Doubt.SHAPE),
        ("11.3", "4126", Doubt.SHAPE),
        ("20230115", "1.2", Doubt.DATE),
        ("1.2.20230115", "1.2.9", Doubt.DATE),
        ("1.2a", "1.2.1", Doubt.SUFFIX),
        ("1.2 HF3", "1.2.1", Doubt.SUFFIX),
        ("1.0 HF3", "1.0.1", Doubt.SUFFIX),
        ("1.0.0 HF3", "1.0.0.1", Doubt.SUFFIX),
        ("1.0-dev1", "1.0", Doubt.SUFFIX),
        ("1.0b2", "1.0", Doubt.SUFFIX),
        ("1.0-a", "1.0", Doubt.SUFFIX),
        ("1.0-3", "1.0", Doubt.SUFFIX),
        ("1.2 (build 3)", "1.2", Doubt.SUFFIX),
        ("1.2+7", "1.2", Doubt.SUFFIX),
        ("1.2 SP1", "1.2 CU1", Doubt.SUFFIX),
        ("2.0-preview", "2.0-rc1", Doubt.SUFFIX),
        ("latest", "1.0", Doubt.NOT_A_VERSION),
        ("unknown", "1.0", Doubt.NOT_A_VERSION),
        ("> 1.0", "1.1", Doubt.NOT_A_VERSION),
        ("20.005.30574", "23.008.20470", Doubt.OTHER_TRACK),  # Adobe Acrobat, classic and continuous
    ],
)
def test_usage_leaves_a_doubt(a: str, b: str, doubt: Doubt) -> None:
    assert (order_or_doubt(a, b), order_or_doubt(b, a)) == (doubt, doubt)
    assert order_surely(a, b) is None


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        ([], ""),
        (["115.3", "128.0.2", "116.0"], "128.0.2"),
        (["1.0", "1.0.0"], "1.0"),
        (["1.0", "unknown", "2.0"], "2.0"),
    ],
)
def test_the_highest_of_some_versions(versions: list[str], found: str) -> None:
    assert highest(versions) == found
