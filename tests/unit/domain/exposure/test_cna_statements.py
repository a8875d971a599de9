"""What CNAs, CISA and EUVD state about products."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend.connectors.cna_products import CnaProduct, CnaVersion, VersionChange, affected_products
from backend.contract.names import Source
from backend.domain.claims import Affected, Claim, Origin, RecordState, SourceRecord
from backend.domain.exposure.cna_statements import read_entry
from backend.domain.exposure.conditions import System
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.statements import Condition, ProductStatements, Statement
from backend.domain.versions import VersionRange
from backend.domain.versions.segments import Segment, Status
from backend.domain.versions.stated import StatedVersion
from tests.unit.domain.claims_of import euvd, mitre, nvd

CPE = "cpe:2.3:a:widget_soft:widget_pro:*:*:*:*:*:windows:*:*"


def derived(*records: SourceRecord) -> dict[str, ProductStatements]:
    return {str(made.product): made for made in statements_of(RecordState.PUBLISHED, records)}


def only(*affected: Affected) -> Statement:
    ((statement,),) = [made.statements for made in derived(mitre(Claim(affected=affected))).values()]
    return statement


@pytest.mark.parametrize(
    "given",
    [
        CnaVersion("4.12"),
        CnaVersion("n/a"),
        CnaVersion("*", less_than="2.0"),
        CnaVersion("1.0", less_than="2.0"),
        CnaVersion("1.0", less_than_or_equal="2.0"),
        CnaVersion("2.0", less_than="2.0"),
        CnaVersion("1.0", less_than="*"),
        CnaVersion("*", less_than_or_equal="3"),
        CnaVersion("2.1", status="unaffected"),
        CnaVersion("2", less_than="3", changes=(VersionChange("2.4", "unaffected"), VersionChange("2.6", "affected"))),
        CnaVersion("1.0 and earlier"),
        CnaVersion("all versions before 2.0"),
        CnaVersion(">= 1.0, < 1.4"),
    ],
)
def test_versions_are_read_as_the_record_has_them(given: CnaVersion) -> None:
    """Claims keep them as text, which is read back without loss."""
    (product,) = affected_products([CnaProduct("Widgetsoft", "Widget", versions=[given])])
    read = read_entry(product.versions[0], "")
    expected = StatedVersion(
        given.version,
        given.status,
        given.less_than,
        given.less_than_or_equal,
        changes=tuple((change.at, change.status) for change in given.changes),
    )
    same_bounds = (read.status, read.less_than, read.less_than_or_equal, read.changes)
    assert same_bounds == (expected.status, expected.less_than, expected.less_than_or_equal, expected.changes)
    assert read.version == expected.version or {read.version, expected.version} <= {"", "*"}


def test_a_range_with_its_scheme_and_default() -> None:
    statement = only(
        Affected(
            vendor="Widgetsoft, Inc.",
            product="Widget",
            versions=("1.0 to before 2.0",),
            version_type="semver",
            default_status="unaffected",
        )
    )
    assert (statement.source, statement.origin, statement.default) == (Source.MITRE, Origin.CNA, Status.UNAFFECTED)
    assert statement.segments == (Segment(VersionRange("1.0", "2.0", scheme="semver"), fixed_in="2.0"),)


def test_a_product_is_filed_under_its_name_and_its_cpe_names() -> None:
    found = derived(
        mitre(
            Claim(
                affected=(
                    Affected(cpe=CPE, vendor="Widgetsoft", product="Widget", versions=("all before 2.0",)),
                    Affected(cpe=CPE.replace("widget_pro", "widget_lite"), vendor="Widgetsoft", product="Widget"),
                    Affected(vendor="Widgetsoft", product="Gadget", versions=("7",)),
                )
            )
        )
    )
    assert list(found) == [
        "widgetsoft:gadget",
        "widgetsoft:widget",
        "widget_soft:widget_lite",
        "widget_soft:widget_pro",
    ]
    starts = {
        name: [segment.range.end for made in of.statements for segment in made.segments] for name, of in found.items()
    }
    assert starts == {
        "widgetsoft:gadget": ["7"],
        "widgetsoft:widget": ["2.0"],
        "widget_soft:widget_lite": ["2.0"],
        "widget_soft:widget_pro": ["2.0"],
    }
    assert found["widget_soft:widget_pro"].statements[0].condition.target == "windows"
    assert found["widgetsoft:widget"].statements[0].condition.target == "windows"
    assert found["widgetsoft:gadget"].statements[0].condition.target == ""


def test_target_software_of_several_cpe_names_is_that_of_the_product() -> None:
    """By its own name it has what all of its CPE names have, else the systems that they name."""

    def condition(*targets: str) -> Condition:
        names = [CPE.replace("widget_pro", "widget").replace("windows", target) for target in targets]
        named = [Affected(cpe=cpe, vendor="Widgetsoft", product="Widget") for cpe in names]
        return only(replace(named[0], versions=("1.0",)), *named[1:]).condition

    assert condition("android", "iphone_os") == Condition(platforms=(System.ANDROID, System.IOS))
    assert condition("wordpress", "wordpress") == Condition(target="wordpress")
    assert condition("android", "*") == Condition()


def test_a_product_without_versions_states_those_of_its_cpe_name_or_all() -> None:
    named = Affected(cpe=CPE.replace("widget_pro:*", "widget_pro:3.1"), vendor="Widget Soft", product="Widget Pro")
    assert only(named).segments == (Segment(VersionRange.exactly("3.1")),)
    assert only(Affected(vendor="Widgetsoft", product="Widget")).segments == (Segment(),)
    assert only(Affected(vendor="Widgetsoft", product="Widget", default_status="unaffected")).segments == ()


def test_platforms_that_are_systems_are_a_condition() -> None:
    statement = only(Affected(vendor="Widgetsoft", product="Widget", versions=("1",), platforms=("Windows", "MacOS")))
    assert statement.condition.platforms == ("windows", "macos")


@pytest.mark.parametrize("affected", [Affected(), Affected(vendor="n/a", product="n/a", versions=("n/a",))])
def test_placeholders_are_no_products(affected: Affected) -> None:
    assert derived(mitre(Claim(affected=(affected,)))) == {}


def test_a_package_is_found_by_its_url() -> None:
    purl = "pkg:npm/%40widgetsoft/frob@1.0"
    found = derived(mitre(Claim(affected=(Affected(vendor="Widgetsoft", package="frob", purl=purl, versions=("1",)),))))
    assert {name: made.packages for name, made in found.items()} == {"widgetsoft:frob": ("pkg:npm/%40widgetsoft/frob",)}


def test_a_cna_counts_once_from_its_own_record_then_nvds_copy_then_euvds_text() -> None:
    def claim(version: str, **parts: object) -> Affected:
        return Affected(vendor="Widgetsoft", product="Widget", versions=(version,), **parts)

    own = mitre(Claim(affected=(claim("1"),)))
    copy = nvd(Claim(repeated=(claim("2", origin=Origin.CNA), claim("3", origin=Origin.CISA_ADP))))
    text = euvd(Claim(affected=(claim("4"),)))

    def stated(*records: SourceRecord) -> list[tuple[Source, Origin, str]]:
        return [
            (made.source, made.origin, segment.range.start)
            for of in derived(*records).values()
            for made in of.statements
            for segment in made.segments
        ]

    assert stated(text, copy, own) == [(Source.MITRE, Origin.CNA, "1")]
    assert stated(text, copy) == [(Source.NVD, Origin.CNA, "2"), (Source.NVD, Origin.CISA_ADP, "3")]
    assert stated(text) == [(Source.EUVD, Origin.EUVD, "4")]


def test_the_order_of_the_records_does_not_matter() -> None:
    records = [
        nvd(Claim(affected=(Affected(cpe=CPE, version_end_excluding="2.0"),))),
        mitre(Claim(affected=(Affected(vendor="Widget Soft", product="Widget-Pro", versions=("1",)),))),
    ]
    assert derived(*records) == derived(*reversed(records))


def test_a_system_in_a_products_name_is_a_condition_that_cisa_repeats_without_it() -> None:
    version = ("all before 131.2",)
    found = derived(
        mitre(
            Claim(
                affected=(
                    Affected(vendor="Widgetsoft", product="Browser for iOS", versions=version),
                    Affected(vendor="widgetsoft", product="browser", versions=version, origin=Origin.CISA_ADP),
                )
            )
        )
    )
    assert {name: made.statements[0].condition.platforms for name, made in found.items()} == {
        "widgetsoft:browser": ("ios",),
        "widgetsoft:browser_for_ios": ("ios",),
    }


def test_what_cisa_says_holds_everywhere_if_the_cna_names_a_product_without_system() -> None:
    named = [Affected(vendor="Widgetsoft", product=product) for product in ("Browser for iOS", "Browser")]
    repeated = Affected(vendor="widgetsoft", product="web_browser", versions=("1",), origin=Origin.CISA_ADP)
    found = derived(mitre(Claim(affected=(*named, repeated))))
    assert found["widgetsoft:web_browser"].statements[0].condition.platforms == ()
