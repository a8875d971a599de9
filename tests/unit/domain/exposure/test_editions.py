"""Editions that a CNA states as branches of the product."""

from __future__ import annotations

import pytest

from backend.connectors.cna_products import CnaProduct, CnaVersion, affected_products
from backend.domain.claims import Claim, RecordState
from backend.domain.exposure.conditions import Subject, applies
from backend.domain.exposure.derivation import statements_of
from backend.domain.exposure.verdicts import Judgement, Verdict, judge
from tests.unit.domain.claims_of import mitre

TEXT = "A flaw. It was fixed in Widget 154, Widget ESR 115.39, Widget ESR 140.14, and Gadget 140.14."
FIXED = [
    CnaVersion("115.39", "unaffected", less_than_or_equal="115.*", version_type="rpm"),
    CnaVersion("140.14", "unaffected", less_than_or_equal="140.*", version_type="rpm"),
    CnaVersion("154", "unaffected", less_than_or_equal="*", version_type="rpm"),
]


def judged(version: str, *, edition: str = "", text: str = TEXT) -> Judgement | None:
    """The judgement on a version of Widget by a record that states fixed versions only."""
    products = tuple(affected_products([CnaProduct("Widgetsoft", "Widget", versions=FIXED)]))
    subject = Subject(edition=edition)
    stated = statements_of(RecordState.PUBLISHED, [mitre(Claim(description=text, affected=products))])
    here = [
        statement
        for made in stated
        for statement in made.statements
        if applies(statement.condition, made.product, subject)
    ]
    return judge(version, here, subject)


@pytest.mark.parametrize(
    ("version", "edition", "verdict", "fixed_in"),
    [
        ("120.0", "", Verdict.AFFECTED, "154"),
        ("153.0", "", Verdict.AFFECTED, "154"),
        ("154.0", "", Verdict.NOT_AFFECTED, ""),
        ("140.14", "", Verdict.NOT_AFFECTED, ""),
        ("115.20", "esr", Verdict.AFFECTED, "115.39"),
        ("115.39", "esr", Verdict.NOT_AFFECTED, ""),
        ("128.14", "esr", Verdict.AFFECTED, "140.14"),
        ("140.13", "esr", Verdict.AFFECTED, "140.14"),
        ("140.15", "esr", Verdict.NOT_AFFECTED, ""),
    ],
)
def test_each_edition_has_its_own_fixed_version(version: str, edition: str, verdict: Verdict, fixed_in: str) -> None:
    judgement = judged(version, edition=edition)
    assert judgement is not None
    assert (judgement.verdict, judgement.fixed_in) == (verdict, fixed_in)


def test_without_an_edition_in_the_text_the_branches_are_those_of_the_product() -> None:
    judgement = judged("140.13", text="Fixed in Widget 154 and Widget 140.14.")
    assert judgement is not None
    assert (judgement.verdict, judgement.fixed_in) == (Verdict.AFFECTED, "140.14")
    assert judged("140.13", edition="esr", text="") is None


@pytest.mark.parametrize(
    ("versions", "affected"),
    [
        (FIXED, True),
        ([CnaVersion("0", "unaffected", less_than="*")], False),
        ([CnaVersion("2.0", "unaffected")], False),
        ([CnaVersion("2.0", "unaffected", less_than="3.0")], False),
    ],
)
def test_a_product_with_fixed_versions_only_is_affected_before(versions: list[CnaVersion], *, affected: bool) -> None:
    (product,) = affected_products([CnaProduct("Widgetsoft", "Widget", versions=versions)])
    assert product.vulnerable is affected


def test_a_product_that_is_unaffected_by_default_is_not_affected() -> None:
    (product,) = affected_products([CnaProduct("Widgetsoft", "Widget", versions=FIXED, default_status="unaffected")])
    assert not product.vulnerable
