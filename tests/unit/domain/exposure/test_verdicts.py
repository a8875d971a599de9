"""Verdicts on one version from the statements of several sources."""

from __future__ import annotations

import pytest

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure.conditions import Subject
from backend.domain.exposure.statements import Condition, Statement
from backend.domain.exposure.verdicts import Judgement, Verdict, judge, judge_for_other_systems
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment, Status

APPLICATION, SYSTEM = Condition("a"), Condition("o")


def before(version: str, start: str = "") -> Segment:
    return Segment(VersionRange(start, version), fixed_in=version)


def up_to(version: str) -> Segment:
    return Segment(VersionRange("", version, end_inclusive=True))


def single(version: str) -> Segment:
    return Segment(VersionRange.exactly(version))


def nvd(*segments: Segment, condition: Condition = APPLICATION) -> Statement:
    return Statement(Source.NVD, Origin.NVD, segments, condition=condition)


def cna(*segments: Segment, default: Status = Status.UNAFFECTED) -> Statement:
    return Statement(Source.MITRE, Origin.CNA, segments, default)


def cisa(*segments: Segment) -> Statement:
    return Statement(Source.MITRE, Origin.CISA_ADP, segments)


def judged(version: str, *statements: Statement) -> Judgement:
    judgement = judge(version, statements)
    assert judgement is not None
    return judgement


def test_a_version_below_the_bound_is_affected_and_the_bound_is_the_fix() -> None:
    judgement = judged("114.0", nvd(before("115.0")))
    assert judgement == Judgement(
        Verdict.AFFECTED, "NVD calls versions before 115.0 affected.", Source.NVD, fixed_in="115.0"
    )


@pytest.mark.parametrize("version", ["115.0", "115.0.0", "115.0.1", "120"])
def test_the_bound_itself_and_what_is_above_are_not_affected(version: str) -> None:
    assert judged(version, nvd(before("115.0"))).verdict is Verdict.NOT_AFFECTED


@pytest.mark.parametrize("statement", [nvd(before("2")), cna(before("2")), nvd(Segment()), nvd(single("1"))])
def test_without_an_installed_version_nobody_can_tell(statement: Statement) -> None:
    judgement = judged("", statement)
    assert (judgement.verdict, judgement.fixed_in) == (Verdict.CANNOT_TELL, "")
    assert judgement.reason.startswith("The installed version is not known")


def test_all_versions_without_bounds_affect_nobody_for_sure() -> None:
    judgement = judged("1.0", nvd(Segment()))
    assert judgement.verdict is Verdict.CANNOT_TELL
    assert judgement.reason == "All versions are stated, without bounds (NVD)."


def test_a_statement_about_a_product_without_version_is_about_no_version() -> None:
    assert judge("1.0", [nvd(single("-"))]) is None
    assert judged("1.0", nvd(single("-"), before("2.0"))).verdict is Verdict.AFFECTED


def test_without_statements_there_is_no_verdict() -> None:
    assert judge("1.0", []) is None


def test_the_cnas_range_goes_before_nvds_and_the_difference_is_said() -> None:
    judgement = judged("1.5", nvd(before("1.4")), cna(before("2.0")))
    assert (judgement.verdict, judgement.fixed_in, judgement.source) == (Verdict.AFFECTED, "2.0", Source.MITRE)
    assert (
        judgement.reason
        == "The CNA calls versions before 2.0 affected, but NVD calls only versions before 1.4 affected."
    )


def test_where_the_cna_calls_it_fixed_and_nvd_does_not_nobody_can_tell() -> None:
    judgement = judged("1.5", nvd(before("2.0")), cna(before("1.4")))
    assert (judgement.verdict, judgement.fixed_in) == (Verdict.CANNOT_TELL, "2.0")
    assert "only versions before 1.4" in judgement.reason


HOTPATCH = nvd(before("10.0.20348.3089"), condition=SYSTEM)
REGULAR = cna(before("10.0.20348.3091", start="10.0.20348.0"))
HOTPATCHED, OTHER = Subject(is_system=True, is_hotpatched=True), Subject(is_system=True)


def builds(subject: Subject, *statements: Statement) -> dict[int, Verdict]:
    found = {build: judge(f"10.0.20348.{build}", statements, subject) for build in (3088, 3089, 3090, 3091)}
    return {build: judgement.verdict for build, judgement in found.items() if judgement is not None}


def test_between_the_bounds_of_a_hotpatch_and_of_the_regular_update_nobody_can_tell() -> None:
    assert builds(HOTPATCHED, HOTPATCH, REGULAR) == {
        3088: Verdict.AFFECTED,
        3089: Verdict.CANNOT_TELL,
        3090: Verdict.CANNOT_TELL,
        3091: Verdict.NOT_AFFECTED,
    }


def test_of_other_systems_the_vendor_decides() -> None:
    later = nvd(before("10.0.20348.4000"), condition=SYSTEM)
    for other in (HOTPATCH, later):
        verdicts = builds(OTHER, other, REGULAR)
        assert [build for build, verdict in verdicts.items() if verdict is Verdict.AFFECTED] == [3088, 3089, 3090]
        assert verdicts[3091] is Verdict.NOT_AFFECTED


def test_a_range_of_another_release_of_windows_says_nothing() -> None:
    mistaken = cna(before("10.0.22000.999", start="10.0.0"))
    assert builds(OTHER, mistaken) == {}
    assert builds(OTHER, mistaken, REGULAR)[3091] is Verdict.NOT_AFFECTED


def test_the_fix_may_be_named_by_another_source() -> None:
    assert judged("1.0", cna(up_to("1.3")), nvd(before("1.4"))).fixed_in == "1.4"


def test_single_versions_say_nothing_of_others() -> None:
    assert judged("2.0", cna(single("1.0"), default=Status.UNKNOWN)).verdict is Verdict.NOT_AFFECTED
    assert judged("1.0", cna(single("1.0"), default=Status.UNKNOWN)).verdict is Verdict.AFFECTED
    judgement = judged("2.0", cna(single("1.0"), default=Status.UNKNOWN), nvd(before("3.0")))
    assert (judgement.verdict, judgement.source) == (Verdict.AFFECTED, Source.NVD)
    assert "but" not in judgement.reason


def test_cisas_statement_counts_where_nobody_else_tells() -> None:
    assert judged("1.0", cisa(before("2.0"))).verdict is Verdict.AFFECTED
    assert judged("2.5", cisa(before("3.0")), nvd(before("2.0"))).verdict is Verdict.CANNOT_TELL


def test_an_exception_inside_a_range_is_not_affected() -> None:
    fixed = Segment(VersionRange("4.4.8", "4.5"), Status.UNAFFECTED)
    statement = cna(fixed, before("5.0"))
    assert judged("4.4.9", statement).verdict is Verdict.NOT_AFFECTED
    assert judged("4.4.1", statement).verdict is Verdict.AFFECTED


def test_all_versions_but_the_fixed_ones() -> None:
    fixed = Segment(VersionRange("2.1", ""), Status.UNAFFECTED)
    statement = cna(fixed, default=Status.AFFECTED)
    judgement = judged("2.0", statement)
    assert (judgement.verdict, judgement.fixed_in) == (Verdict.AFFECTED, "2.1")
    assert judgement.reason == "The CNA calls all versions affected but from 2.1."
    assert judged("2.1.3", statement).verdict is Verdict.NOT_AFFECTED


@pytest.mark.parametrize("version", ["unknown", "2024-01-01", ".".join("1" * 300), "banana", "\0", "9" * 5000])
def test_odd_versions_affect_nobody_and_break_nothing(version: str) -> None:
    assert judged(version, nvd(before("2.0")), cna(before("2.0"))).verdict is not Verdict.AFFECTED or version[0] == "1"


def test_many_ranges_are_counted_in_the_reason() -> None:
    many = nvd(*(before(f"{number}.5", start=f"{number}.0") for number in range(1, 9)))
    assert judged("3.2", many).reason.endswith("and 5 more affected.")


def test_entries_of_one_organisation_tell_branches_apart_together() -> None:
    entries = (cna(before("128.4")), cna(before("115.17")))
    found = {version: judged(version, *entries).verdict for version in ("115.16", "115.18", "120.0", "128.3", "128.4")}
    assert found == {
        "115.16": Verdict.AFFECTED,
        "115.18": Verdict.NOT_AFFECTED,
        "120.0": Verdict.CANNOT_TELL,
        "128.3": Verdict.AFFECTED,
        "128.4": Verdict.NOT_AFFECTED,
    }


def test_editions_that_nvd_lists_apart_do_not_contradict_each_other() -> None:
    ranged, listed = nvd(before("18.11.0", "18.0.0")), nvd(single("18.12.0"), condition=Condition("a", "lts"))
    assert judged("18.12.0", ranged, listed).verdict is Verdict.AFFECTED
    assert judged("18.10.0", ranged, listed).verdict is Verdict.AFFECTED
    assert judged("18.11.0", ranged, listed).verdict is Verdict.NOT_AFFECTED


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition(platforms=("macos", "ios")), "NVD names only macOS, iOS."),
        (Condition(platforms=("other",)), "NVD names only other systems."),
        (Condition(platforms=("android",), in_words=True), "Title or description name only Android."),
    ],
)
def test_a_statement_for_other_systems_is_a_reason(condition: Condition, reason: str) -> None:
    judgement = judge_for_other_systems([nvd(before("2.0"), condition=condition)])
    assert judgement == Judgement(Verdict.NOT_AFFECTED, reason, Source.NVD)


def test_without_statements_for_other_systems_there_is_no_verdict() -> None:
    assert judge_for_other_systems([]) is None
