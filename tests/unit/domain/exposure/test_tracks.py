"""Bounds of other servicing tracks do not apply to an installed version."""

from __future__ import annotations

import pytest

from backend.contract.names import Source
from backend.domain.claims import Origin
from backend.domain.exposure.conditions import Subject
from backend.domain.exposure.statements import Statement
from backend.domain.exposure.tracks import family_of, of_track
from backend.domain.exposure.verdicts import Verdict, judge
from backend.domain.products.product import ProductKey
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment, Status

SQL_SERVER, OFFICE = Subject(family="sql server"), Subject(family="office")
GDR = Segment(VersionRange("15.0.0", "15.0.2095.3"), fixed_in="15.0.2095.3")
CU = Segment(VersionRange("15.0.0", "15.0.4360.2"), fixed_in="15.0.4360.2")


def cna(*segments: Segment) -> Statement:
    return Statement(Source.MITRE, Origin.CNA, segments)


@pytest.mark.parametrize(
    ("version", "verdict", "fixed_in"),
    [
        ("15.0.2000.5", Verdict.AFFECTED, "15.0.2095.3"),
        ("15.0.2095.3", Verdict.NOT_AFFECTED, ""),
        ("15.0.2101.7", Verdict.NOT_AFFECTED, ""),
        ("15.0.4003.23", Verdict.AFFECTED, "15.0.4360.2"),
        ("15.0.4360.2", Verdict.NOT_AFFECTED, ""),
    ],
)
def test_security_and_cumulative_updates_have_bounds_of_their_own(
    version: str, verdict: Verdict, fixed_in: str
) -> None:
    """In one entry of the record or in two."""
    for statements in ([cna(GDR), cna(CU)], [cna(GDR, CU)]):
        judgement = judge(version, statements, SQL_SERVER)
        assert judgement is not None
        assert (judgement.verdict, judgement.fixed_in) == (verdict, fixed_in)


def test_with_a_bound_of_another_track_only_nobody_can_tell() -> None:
    judgement = judge("15.0.4100.1", [cna(GDR)], SQL_SERVER)
    assert judgement is not None
    assert judgement.verdict is Verdict.CANNOT_TELL
    assert judgement.reason == "The installed version is of another branch than the stated ones (the CNA)."


def test_an_older_service_pack_is_below_the_bounds_of_all_later_tracks() -> None:
    bounds = [Segment(VersionRange("13.0.0", end), fixed_in=end) for end in ("13.0.6441.1", "13.0.7037.1")]
    judgement = judge("13.0.5888.11", [cna(bound) for bound in bounds], SQL_SERVER)
    assert judgement is not None
    assert (judgement.verdict, judgement.fixed_in) == (Verdict.AFFECTED, "13.0.6441.1")


def test_click_to_run_is_not_measured_by_the_bound_of_windows_installer() -> None:
    bound = cna(Segment(VersionRange("16.0.0", "16.0.5456.1000"), fixed_in="16.0.5456.1000"))
    judged = [judge(version, [bound], OFFICE) for version in ("16.0.5000.1000", "16.0.5456.1000", "16.0.17928.20114")]
    assert [found and found.verdict for found in judged] == [
        Verdict.AFFECTED,
        Verdict.NOT_AFFECTED,
        Verdict.CANNOT_TELL,
    ]


@pytest.mark.parametrize("version", ["", "15.0", "unknown", "99.0.1.2", "15.0.2000.5.1", "9" * 400])
def test_versions_without_a_track_keep_all_segments(version: str) -> None:
    assert of_track((GDR, CU), version, "sql server") == (GDR, CU)


def test_other_segments_stay() -> None:
    unaffected = Segment(VersionRange("15.0.2095.3", ""), Status.UNAFFECTED)
    of_other_release = Segment(VersionRange("", "14.0.2027.2"))
    within_other_track = Segment(VersionRange("15.0.2000.5", "15.0.2095.3"))
    others = (unaffected, of_other_release, within_other_track, CU)
    assert of_track((*others, GDR), "15.0.4100.1", "sql server") == others


@pytest.mark.parametrize(
    ("key", "family"),
    [
        ("microsoft:sql_server_2019", "sql server"),
        ("microsoft:sql_server_2019_(gdr)", "sql server"),
        ("microsoft:sql_server", "sql server"),
        ("microsoft:office_2016", "office"),
        ("microsoft:visio", "visio"),
        ("microsoft:sql_server_management_studio", ""),
        ("acme:sql_server_2019", ""),
    ],
)
def test_families_by_the_keys_of_a_product(key: str, family: str) -> None:
    assert family_of([ProductKey.parse("microsoft:other"), ProductKey.parse(key)]) == family


def test_each_cumulative_update_of_exchange_is_a_branch() -> None:
    """Its number is the third one, so that no table is needed."""
    record = cna(
        Segment(VersionRange("15.02.0", "15.02.1258.034"), fixed_in="15.02.1258.034"),
        Segment(VersionRange("15.02.0", "15.02.1544.011"), fixed_in="15.02.1544.011"),
    )
    verdicts = {}
    for version in ("15.2.1118.40", "15.2.1258.12", "15.2.1258.34", "15.2.1544.4", "15.2.1544.11"):
        judgement = judge(version, [record, record])
        assert judgement is not None
        verdicts[version] = (judgement.verdict, judgement.fixed_in)
    assert verdicts == {
        "15.2.1118.40": (Verdict.AFFECTED, "15.02.1258.034"),
        "15.2.1258.12": (Verdict.AFFECTED, "15.02.1258.034"),
        "15.2.1258.34": (Verdict.NOT_AFFECTED, ""),
        "15.2.1544.4": (Verdict.AFFECTED, "15.02.1544.011"),
        "15.2.1544.11": (Verdict.NOT_AFFECTED, ""),
    }


EDITOR = [
    Segment(VersionRange("", "11.2.10", end_inclusive=True)),
    Segment(VersionRange("12.0", "12.1.7", end_inclusive=True)),
    Segment(VersionRange("2023.0", "2023.3", end_inclusive=True)),
    Segment(VersionRange("2024.0", "2024.2.3", end_inclusive=True)),
]


@pytest.mark.parametrize("origin", [Origin.NVD, Origin.CNA])
@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("11.2.9", Verdict.AFFECTED),
        ("11.2.12", Verdict.NOT_AFFECTED),
        ("12.1.7", Verdict.AFFECTED),
        ("12.1.9", Verdict.NOT_AFFECTED),
        ("2023.2", Verdict.AFFECTED),
        ("2024.2.3", Verdict.AFFECTED),
        ("2024.3", Verdict.NOT_AFFECTED),
        ("2025.1", Verdict.NOT_AFFECTED),
        ("24.1", Verdict.CANNOT_TELL),  # may be the short form of 2024.1
    ],
)
def test_ranges_in_two_numberings_are_each_about_their_own(origin: Origin, version: str, verdict: Verdict) -> None:
    judgement = judge(version, [Statement(Source.NVD, origin, tuple(EDITOR))])
    assert judgement is not None
    assert judgement.verdict is verdict


@pytest.mark.parametrize(
    ("version", "segments"),
    [
        ("12.1.9", [Segment(VersionRange("2024.0", "2024.2"))]),
        ("12.1.9", [Segment(VersionRange("", "2024.2")), EDITOR[1]]),
        ("2024.1", [Segment(VersionRange("", "12.1"))]),
        ("2000", [Segment(VersionRange.exactly("7.0")), Segment(VersionRange.exactly("2000 SP1"))]),
        ("unknown", EDITOR),
    ],
)
def test_another_numbering_leaves_a_doubt_unless_the_own_branch_has_a_range(
    version: str, segments: list[Segment]
) -> None:
    judgement = judge(version, [cna(*segments)])
    assert judgement is not None
    assert judgement.verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("12.1.3.15356", Verdict.AFFECTED),
        ("2023.2.0.21408", Verdict.AFFECTED),
        ("2024.3.0.26795", Verdict.NOT_AFFECTED),
        ("none", Verdict.CANNOT_TELL),
    ],
)
def test_a_product_that_was_renumbered_has_one_order(version: str, verdict: Verdict) -> None:
    """Of two products of one vendor only one gave up its old numbers."""
    bound = cna(Segment(VersionRange("", "2024.2.3.25184", end_inclusive=True)))
    family = family_of([ProductKey.parse("foxit:pdf_reader"), ProductKey.parse("foxitsoftware:foxit_reader")])
    judgement = judge(version, [bound], Subject(family=family))
    assert judgement is not None
    assert judgement.verdict is verdict
    assert not family_of([ProductKey.parse("foxit:pdf_editor")])
