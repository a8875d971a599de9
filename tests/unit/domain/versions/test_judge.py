"""The judgement on one version from the statements about a product."""

from __future__ import annotations

import pytest

from backend.domain.versions import Doubt, Reason, StatedVersion, Status, VersionVerdict, judge, read_versions

RANGE = StatedVersion("1.0", less_than="2.0")
UP_TO = StatedVersion("0", less_than_or_equal="1.9")
FIXED = StatedVersion("2.1", "unaffected")
TESTED = StatedVersion("1.5")
LINUX = [
    StatedVersion("0", "unaffected", less_than="4.19"),
    StatedVersion("5.15.100", "unaffected", less_than_or_equal="5.15.*"),
    StatedVersion("6.1.20", "unaffected", less_than_or_equal="6.1.*"),
    StatedVersion("6.2", "unaffected", less_than_or_equal="*"),
]


@pytest.mark.parametrize(
    ("entries", "version", "default", "verdict"),
    [
        ([RANGE], "1.5", Status.UNKNOWN, VersionVerdict(True, Reason.IN_RANGE, "2.0")),
        ([RANGE], "2.0", Status.UNKNOWN, VersionVerdict(False, Reason.OUTSIDE)),
        ([RANGE], "0.9", Status.UNAFFECTED, VersionVerdict(False, Reason.OUTSIDE)),
        ([RANGE], "", Status.AFFECTED, VersionVerdict(None, Doubt.NO_VERSION)),
        ([RANGE], "n/a", Status.AFFECTED, VersionVerdict(None, Doubt.NO_VERSION)),
        ([RANGE], "unknown", Status.UNKNOWN, VersionVerdict(None, Doubt.NOT_A_VERSION)),
        ([RANGE], "2024.1", Status.UNKNOWN, VersionVerdict(None, Doubt.SHAPE)),
        ([RANGE], "2.0-7", Status.UNKNOWN, VersionVerdict(None, Doubt.SUFFIX)),
        ([UP_TO, FIXED], "1.9", Status.UNKNOWN, VersionVerdict(True, Reason.IN_RANGE, "2.1")),
        ([UP_TO, FIXED], "2.1", Status.UNKNOWN, VersionVerdict(False, Reason.STATED_UNAFFECTED)),
        (
            [StatedVersion("0", less_than="3.0"), FIXED],
            "2.1",
            Status.UNKNOWN,
            VersionVerdict(False, Reason.STATED_UNAFFECTED),
        ),
        ([TESTED], "1.5.0", Status.UNKNOWN, VersionVerdict(True, Reason.LISTED)),
        ([TESTED], "1.4", Status.UNKNOWN, VersionVerdict(False, Reason.NOT_LISTED)),
        ([TESTED], "1.4", Status.UNAFFECTED, VersionVerdict(False, Reason.OUTSIDE)),
        ([TESTED, RANGE], "3.0", Status.UNKNOWN, VersionVerdict(False, Reason.OUTSIDE)),
        ([StatedVersion("*")], "1.0", Status.UNKNOWN, VersionVerdict(None, Doubt.NO_BOUNDS)),
        ([StatedVersion("see advisory")], "1.0", Status.UNKNOWN, VersionVerdict(None, Doubt.UNREADABLE)),
        ([StatedVersion("see advisory"), RANGE], "1.5", Status.UNKNOWN, VersionVerdict(True, Reason.IN_RANGE, "2.0")),
        ([StatedVersion("see advisory"), RANGE], "3.0", Status.UNKNOWN, VersionVerdict(None, Doubt.UNREADABLE)),
        (
            [StatedVersion("1.0", "unknown", less_than="2.0")],
            "1.5",
            Status.UNAFFECTED,
            VersionVerdict(None, Doubt.UNSTATED),
        ),
        (
            [StatedVersion("1.0", "unknown", less_than="2.0")],
            "2.5",
            Status.UNAFFECTED,
            VersionVerdict(False, Reason.OUTSIDE),
        ),
        ([FIXED], "1.0", Status.UNKNOWN, VersionVerdict(None, Doubt.UNSTATED)),
        ([FIXED], "1.0", Status.AFFECTED, VersionVerdict(True, Reason.DEFAULT, "2.1")),
        ([], "1.0", Status.AFFECTED, VersionVerdict(None, Doubt.NO_BOUNDS)),
        ([], "1.0", Status.UNKNOWN, VersionVerdict(None, Doubt.NO_BOUNDS)),
        ([], "1.0", Status.UNAFFECTED, VersionVerdict(False, Reason.OUTSIDE)),
        ([RANGE], "2.5", Status.AFFECTED, VersionVerdict(False, Reason.OUTSIDE)),
        ([TESTED], "2.5", Status.AFFECTED, VersionVerdict(None, Doubt.NO_BOUNDS)),
        (LINUX, "4.14", Status.AFFECTED, VersionVerdict(False, Reason.STATED_UNAFFECTED)),
        (LINUX, "5.15.99", Status.AFFECTED, VersionVerdict(True, Reason.DEFAULT, "5.15.100")),
        (LINUX, "6.1.5", Status.AFFECTED, VersionVerdict(True, Reason.DEFAULT, "6.1.20")),
        (LINUX, "6.1.21", Status.AFFECTED, VersionVerdict(False, Reason.STATED_UNAFFECTED)),
        (LINUX, "6.9", Status.AFFECTED, VersionVerdict(False, Reason.STATED_UNAFFECTED)),
        ([StatedVersion("2.0", "unaffected")], "2.0-7", Status.UNKNOWN, VersionVerdict(None, Doubt.UNSTATED)),
    ],
)
def test_verdicts(entries: list[StatedVersion], version: str, default: Status, verdict: VersionVerdict) -> None:
    assert judge(read_versions(entries), version, default) == verdict


def test_a_doubt_about_an_unaffected_range_counts_where_all_others_are_affected() -> None:
    segments = read_versions([StatedVersion("2.0", "unaffected", less_than="*")])
    assert judge(segments, "2.0-7", Status.AFFECTED) == VersionVerdict(None, Doubt.SUFFIX)
    assert judge(segments, "2.0-7", Status.UNAFFECTED) == VersionVerdict(False, Reason.OUTSIDE)
