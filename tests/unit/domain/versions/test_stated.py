"""What CNAs and other sources state about the versions of a product."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.versions import (
    Doubt,
    Scheme,
    Segment,
    StatedVersion,
    Status,
    VersionRange,
    judge,
    read_version_texts,
    read_versions,
    status_of,
)
from tests.unit.domain.versions.test_range_text import written

AFFECTED, UNAFFECTED, UNKNOWN = Status


def up_to(version: str, start: str = "0", **more: object) -> StatedVersion:
    return StatedVersion(start, less_than_or_equal=version, **more)


def before(version: str, start: str = "0", **more: object) -> StatedVersion:
    return StatedVersion(start, less_than=version, **more)


def lines(segments: tuple[Segment, ...]) -> list[str]:
    """Segments as text: status, range, the version with the fix, the doubt."""
    return [
        " ".join([segment.status, written(segment.range), *filter(None, (segment.fixed_in, segment.doubt))])
        for segment in segments
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (StatedVersion("1.2.3"), "affected 1.2.3"),
        (StatedVersion("1.2.3", "unaffected"), "unaffected 1.2.3"),
        (StatedVersion("1.2.3", "unknown"), "unknown 1.2.3"),
        (before("2.0", "1.0"), "affected [1.0,2.0) 2.0"),
        (up_to("2.0", "1.0"), "affected [1.0,2.0]"),
        (before("2.0", "0"), "affected [,2.0) 2.0"),
        (before("2.0", "0.0.0"), "affected [,2.0) 2.0"),
        (before("2.0", "*"), "affected [,2.0) 2.0"),
        (before("2.0", ""), "affected [,2.0) 2.0"),
        (before("2.0", "N/A"), "affected [,2.0) 2.0"),
        (before("2.0", "unspecified"), "affected [,2.0) 2.0"),
        (before("2.0", "previous versions"), "affected [,2.0) 2.0"),
        (before("2.0", "all"), "affected [,2.0) 2.0"),
        (before("2.0", "2.0"), "affected [,2.0) 2.0"),
        (up_to("2.0", "2.0"), "affected [,2.0]"),
        (up_to("2.0 ", "2.0"), "affected [,2.0]"),
        (up_to("2.x", "2.x"), "affected [2,3)"),
        (before("*", "1.0"), "affected [1.0,)"),
        (before("unspecified", "1.0"), "affected [1.0,)"),
        (before("*", "0"), "affected [,) no-bounds"),
        (up_to("6.1.*", "6.1.20", status="unaffected"), "unaffected [6.1.20,6.2)"),
        (before("6.1.*", "6.1.20"), "affected [6.1.20,6.2)"),
        (before("2.3", "2.x"), "affected [2,2.3) 2.3"),
        (before("24.13", "<24.13"), "affected [,24.13) 24.13"),
        (before("<=2.0.2"), "affected [,2.0.2]"),
        (before("22.3R2-S1, 22.3R3", "22.3"), "affected [22.3,22.3R2-S1) 22.3R2-S1"),
        (before("5.4 (FW27)"), "affected [,5.4) 5.4"),
        (before("10.0.22631.6491", "10.0.22631.0"), "affected [10.0.22631.0,10.0.22631.6491) 10.0.22631.6491"),
        (before("https://example.org/releases", "16.0.1"), "affected [16.0.1,) unreadable"),
        (before("publication"), "affected [,) unreadable"),
        (before("2.0", "the old series"), "affected [,2.0) 2.0 unreadable"),
        (before("p3", "14.1-RELEASE"), "affected [14.1-RELEASE,) unreadable"),
        (before("1.0", "2.0"), "affected [2.0,) unreadable"),
        (StatedVersion("*"), "affected [,) no-bounds"),
        (StatedVersion("0"), "affected [,) no-bounds"),
        (StatedVersion(""), "affected [,) no-bounds"),
        (StatedVersion("n/a"), "affected [,) no-bounds"),
        (StatedVersion("All versions"), "affected [,) no-bounds"),
        (StatedVersion("see advisory"), "affected [,) unreadable"),
        (StatedVersion("< 1.4.2"), "affected [,1.4.2) 1.4.2"),
        (StatedVersion("1.2 and earlier"), "affected [,1.2]"),
        (StatedVersion("1.x"), "affected [1,2)"),
        (StatedVersion("2.x before 2.4.1"), "affected [2,2.4.1) 2.4.1"),
        (before("0a1b2c3d4e5f", "9f8e7d6c5b4a", version_type="git"), "affected [,) revision"),
        (before("2.0", version_type="git"), "affected [,2.0) 2.0"),
    ],
)
def test_one_entry(entry: StatedVersion, expected: str) -> None:
    assert lines(read_versions([entry])) == [expected]


def test_the_type_of_a_version_is_its_scheme() -> None:
    (segment,) = read_versions([before("1.0.0-2", version_type="semver")])
    assert segment.range == VersionRange("", "1.0.0-2", scheme=Scheme.SEMVER)


def test_a_status_that_is_not_known_is_unknown() -> None:
    assert [status_of(word) for word in ("Affected", "unaffected", "patch", "maybe")] == [
        AFFECTED,
        UNAFFECTED,
        UNAFFECTED,
        UNKNOWN,
    ]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            before("*", "1.0", changes=(("1.5", "unaffected"), ("2.0", "affected"), ("2.0.4", "unaffected"))),
            ["affected [1.0,1.5) 1.5", "unaffected [1.5,2.0)", "affected [2.0,2.0.4) 2.0.4", "unaffected [2.0.4,)"],
        ),
        (before("9.0.16-h3", "9.0", changes=(("9.0.16-h3", "unaffected"),)), ["affected [9.0,9.0.16-h3) 9.0.16-h3"]),
        (up_to("5.3", "n/a", changes=(("5.3.1", "unaffected"),)), ["affected [,5.3] 5.3.1"]),
        (before("2.0", "1.0", changes=(("a hotfix", "unaffected"),)), ["affected [1.0,2.0) 2.0 unreadable"]),
        (
            before("*", "0", changes=(("3.1", "unaffected"),)),
            ["affected [,3.1) 3.1", "unaffected [3.1,)"],
        ),
    ],
)
def test_changes_of_the_status(entry: StatedVersion, expected: list[str]) -> None:
    assert lines(read_versions([entry])) == expected


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        (
            ["9.0.1", "8.0.39", "8.4.2"],
            [
                "affected [,8.0.39]",
                "unknown [8.1,8.4) other-track",
                "affected [8.4,8.4.2]",
                "unknown [8.5,9) other-track",
                "affected [9,9.0.1]",
            ],
        ),
        (["8.1", "9.2"], ["affected [,8.1]", "affected [9,9.2]"]),
        (["1.2.3", "1.2.5"], ["affected [,1.2.3]", "unknown (1.2.3,1.2.5] other-track"]),
        (["3", "5"], ["affected [,3]", "unknown (3,5] other-track"]),
        (["2.0", "2.0.5"], ["affected [,2.0]", "unknown (2.0,2.0.5] other-track"]),
        (["5.1", "6"], ["affected [,5.1]", "unknown (5.1,6] other-track"]),
        (["1.0", "1.0"], ["affected [,1.0]", "affected [,1.0]"]),
        (["1.0 SP1", "1.0 SP2"], ["affected [,1.0 SP1]", "unknown (1.0 SP1,1.0 SP2] other-track"]),
    ],
)
def test_several_ends_are_branches(ends: list[str], expected: list[str]) -> None:
    assert lines(read_versions([up_to(end) for end in ends])) == expected


def test_several_ends_in_one_text_are_branches() -> None:
    texts = ["8.0.39 and prior, 8.4.2 and prior"], ["8.4.2 and prior", "8.0.39 and prior"]
    for versions in texts:
        assert lines(read_versions([StatedVersion(text) for text in versions])) == [
            "affected [,8.0.39]",
            "unknown [8.1,8.4) other-track",
            "affected [8.4,8.4.2]",
        ]
    assert lines(read_versions([before("2022.04.7, 2022.10.6")])) == [
        "affected [,2022.04.7) 2022.04.7",
        "unknown [2022.5,2022.10) other-track",
        "affected [2022.10,2022.10.6) 2022.10.6",
    ]


def test_two_builds_of_one_windows_leave_a_doubt_between_them() -> None:
    segments = read_versions([before(f"10.0.20348.{build}", "10.0.20348.0") for build in (2700, 2695)])
    affected = [judge(segments, f"10.0.20348.{build}").affected for build in (2694, 2695, 2699, 2700)]
    assert affected == [True, None, None, False]


def test_an_end_below_its_start_is_left_out_beside_a_readable_one() -> None:
    entries = [before("6.1.7601.26713", "6.1.0"), before("1.001", "6.1.0")]
    assert read_versions(entries) == read_versions(entries[:1])
    assert [segment.doubt for segment in read_versions(entries[1:])] == [Doubt.UNREADABLE]


def test_ranges_with_different_starts_stay_as_they_are() -> None:
    segments = read_versions([before("8.0.40", "8.0.0"), before("8.4.3", "8.4.0"), StatedVersion("7.0")])
    assert lines(segments) == ["affected [8.0.0,8.0.40) 8.0.40", "affected [8.4.0,8.4.3) 8.4.3", "affected 7.0"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0 to before 2.0", ["affected [1.0,2.0) 2.0"]),
        ("1.0 to 2.0", ["affected [1.0,2.0]"]),
        ("all before 3", ["affected [,3) 3"]),
        ("all up to 3", ["affected [,3]"]),
        ("all", ["affected [,) no-bounds"]),
        ("1.0 and later", ["affected [1.0,)"]),
        ("unaffected: 2.1", ["unaffected 2.1"]),
        ("patch: 6.12.2", ["unaffected 6.12.2"]),
        ("1.0 <2.0", ["affected [1.0,2.0) 2.0"]),
        ("1.0 to 2.0, unaffected from 1.5", ["affected [1.0,1.5) 1.5", "unaffected [1.5,2.0]"]),
        ("all up to 5.3, unaffected from 5.3.1", ["affected [,5.3] 5.3.1"]),
    ],
)
def test_statements_that_are_only_text(text: str, expected: list[str]) -> None:
    assert lines(read_version_texts([text])) == expected


def test_names_of_the_product_stand_before_some_versions() -> None:
    assert lines(read_versions([StatedVersion("Frob Server 12.0")], "Examplesoft Frob Server")) == ["affected 12.0"]


USUAL_TEXTS = ["0", "*", "1.0", "2.x", "< 3", "1.0, 2.0", "n/a", "4 (x)", "-"]
TEXTS = st.one_of(st.text(max_size=12), st.sampled_from(USUAL_TEXTS))
ENTRIES = st.builds(
    StatedVersion,
    version=TEXTS,
    status=st.sampled_from(["affected", "unaffected", "unknown", "?"]),
    less_than=TEXTS,
    less_than_or_equal=TEXTS,
    version_type=st.sampled_from(["", "semver", "git", "custom", "python", "rpm", "\x00"]),
    changes=st.lists(st.tuples(TEXTS, st.sampled_from(["affected", "unaffected"])), max_size=2).map(tuple),
)


@given(st.lists(ENTRIES, max_size=4), TEXTS, st.sampled_from(Status))
def test_any_entries_are_segments_with_a_verdict(entries: list[StatedVersion], version: str, default: Status) -> None:
    segments = read_versions(entries)
    assert len(segments) >= min(len(entries), 1)
    verdict = judge(segments, version, default)
    assert (verdict.affected is None) == isinstance(verdict.reason, Doubt)


def test_thousands_of_entries_are_read() -> None:
    segments = read_versions([up_to(f"{number}.5") for number in range(5_000)] + [StatedVersion("x" * 10_000)])
    assert judge(segments, "17.3").affected is True
    assert segments[0].doubt is Doubt.TOO_LONG
