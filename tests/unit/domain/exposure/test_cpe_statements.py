"""What NVD's configurations state about products."""

from __future__ import annotations

import pytest

from backend.domain.claims import Affected, Claim, Feed, RecordState
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import Statement
from backend.domain.products.product import ProductKey
from backend.domain.versions import Doubt, Segment, Status, VersionRange, judge
from tests.unit.domain.claims_of import nvd, record

WIDGET = "cpe:2.3:a:widgetsoft:widget:{}:*:*:*:*:*:*"


def stated(*affected: Affected) -> dict[str, tuple[Statement, ...]]:
    found = statements_of(RecordState.PUBLISHED, [nvd(Claim(affected=affected))])
    return {str(made.product): made.statements for made in found}


def starts(statement: Statement) -> list[str]:
    return [segment.range.start for segment in statement.segments]


def only(*affected: Affected) -> Statement:
    ((statement,),) = stated(*affected).values()
    return statement


def test_a_range_keeps_which_ends_belong_to_it() -> None:
    cpe = WIDGET.format("*:*")
    statement = only(
        Affected(cpe=cpe, version_start_including="1.0", version_end_excluding="1.5"),
        Affected(cpe=cpe, version_start_excluding="2.0", version_end_including="2.3"),
        Affected(cpe=cpe, version_end_including="0.9"),
    )
    assert statement.segments == (
        Segment(VersionRange("1.0", "1.5", start_inclusive=True, end_inclusive=False), fixed_in="1.5"),
        Segment(VersionRange("2.0", "2.3", start_inclusive=False, end_inclusive=True)),
        Segment(VersionRange("", "0.9", end_inclusive=True)),
    )


def test_the_update_of_a_name_without_version_belongs_to_the_end_of_its_range() -> None:
    name = "cpe:2.3:a:widgetsoft:widget:*:update_25:*:*:*:*:*:*"
    statement = only(Affected(cpe=name, version_start_including="1.5.0", version_end_including="1.6.0"))
    assert statement.segments == (Segment(VersionRange("1.5.0", "1.6.0 update_25", end_inclusive=True)),)
    assert judge(statement.segments, "1.6.0 update 24").affected is True
    assert judge(statement.segments, "1.6.0 update 26").affected is False


def test_bounds_are_read_without_escapes() -> None:
    cpe = WIDGET.format("*:*")
    statement = only(Affected(cpe=cpe, version_start_including="11.5\\(1\\)", version_end_excluding="11.5\\(1\\)su8"))
    assert statement.segments == (Segment(VersionRange("11.5(1)", "11.5(1)su8"), fixed_in="11.5(1)su8"),)


def test_between_two_ends_of_one_branch_nobody_can_tell() -> None:
    cpe = "cpe:2.3:o:microsoft:windows_server_2022:*:*:*:*:*:*:x64:*"
    ends = ("10.0.20348.2700", "10.0.20348.2762")  # a hotpatch and a cumulative update
    statement = only(*[Affected(cpe=cpe, version_end_excluding=end) for end in ends])
    found = [judge(statement.segments, f"10.0.20348.{revision}").affected for revision in (2699, 2700, 2762)]
    assert found == [True, None, False]
    assert statement.segments[-1].status is Status.UNKNOWN


def test_versions_as_a_pattern_are_not_read_as_all_versions() -> None:
    assert only(Affected(cpe=WIDGET.format("1.*:*"))).segments == (Segment(doubt=Doubt.UNREADABLE),)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.8.0:*", Segment(VersionRange.exactly("1.8.0"))),
        ("1.8.0:-", Segment(VersionRange.exactly("1.8.0"))),
        ("1.8.0:update351", Segment(VersionRange.exactly("1.8.0 update351"))),
        ("*:*", Segment()),
        ("-:*", Segment(VersionRange.exactly("-"))),
        ("1.0\\+build\\:7:*", Segment(VersionRange.exactly("1.0+build:7"))),
    ],
)
def test_a_name_without_a_range_states_its_own_version(version: str, expected: Segment) -> None:
    assert only(Affected(cpe=WIDGET.format(version))).segments == (expected,)


def test_what_a_program_runs_on_is_a_condition_and_no_subject() -> None:
    windows, box = "cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", "cpe:2.3:h:widgetsoft:box:-:*:*:*:*:*:*:*"
    found = stated(
        Affected(cpe=WIDGET.format("1.0:*"), configuration=1),
        Affected(cpe=windows, vulnerable=False, configuration=1),
        Affected(cpe=box, vulnerable=False, configuration=1),
        Affected(cpe=WIDGET.format("2.0:*"), configuration=2),
        Affected(cpe=WIDGET.format("3.0:*")),
    )
    assert list(found) == ["widgetsoft:widget"]
    versions = {
        made.condition.running_on: [single.range.start for single in made.segments]
        for made in found["widgetsoft:widget"]
    }
    assert versions == {("microsoft:windows",): ["1.0"], (): ["2.0", "3.0"]}


def test_target_software_and_edition_are_conditions() -> None:
    condition = only(Affected(cpe="cpe:2.3:a:widgetsoft:widget:*:*:*:*:esr:wordpress:x64:*")).condition
    assert (condition.part, condition.edition, condition.target) == ("a", "esr", "wordpress")
    assert only(Affected(cpe="cpe:2.3:a:widgetsoft:widget:*:*:*:*:-:*:*:*")).condition.edition == "-"


def test_names_that_differ_by_processor_are_one_statement() -> None:
    cpe = "cpe:2.3:o:widgetsoft:widget_os:*:*:*:*:*:*:{}:*"
    entries = [Affected(cpe=cpe.format(hardware), version_end_excluding="10.0") for hardware in ("x64", "arm64", "*")]
    assert only(*entries).segments == (Segment(VersionRange("", "10.0"), fixed_in="10.0"),)


def test_spellings_of_one_product_are_one_product() -> None:
    found = stated(
        Affected(cpe="cpe:2.3:a:widget_soft:big-widget:1:*:*:*:*:*:*:*"),
        Affected(cpe="cpe:2.3:a:widgetsoft:bigwidget:2:*:*:*:*:*:*:*"),
    )
    assert {
        name: [single.range.start for made in given for single in made.segments] for name, given in found.items()
    } == {"widgetsoft:bigwidget": ["1", "2"]}
    assert ProductKey("widget soft", "big widget").spelling == ProductKey("widgetsoft", "big-widget").spelling


@pytest.mark.parametrize("cpe", ["", "cpe:2.3", "cpe:2.3:a:*:*:*", "cpe:2.3:a:n\\/a:widget:1", "nonsense", ":" * 500])
def test_a_name_without_vendor_or_product_states_nothing(cpe: str) -> None:
    assert stated(Affected(cpe=cpe)) == {}


def test_a_rejected_vulnerability_states_nothing() -> None:
    records = [nvd(Claim(affected=(Affected(cpe=WIDGET.format("1:*")),)))]
    assert statements_of(RecordState.REJECTED, records) == ()


def test_a_catalogue_entry_states_no_versions() -> None:
    assert statements_of(RecordState.PUBLISHED, [record(Feed.KEV, Claim(vendors=("v",), products=("p",)))]) == ()
