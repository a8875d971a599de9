from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest

from backend.domain.changes import FIELDS, LONGEST_LIST, ValueChange, changes_between
from backend.domain.claims import (
    Affected,
    Claim,
    Exploitation,
    Origin,
    RecordState,
    ReferenceClaim,
    Score,
    SourceRecord,
    Weakness,
)
from backend.domain.vulnerability import MergedVulnerability
from tests.unit.domain.claims_of import (
    CRITICAL_31,
    MEDIUM_31,
    epss,
    eu_listed,
    instant,
    listed,
    mapped,
    merged,
    mitre,
    nvd,
)

BASE = nvd(Claim(description="A flaw.", modified_at=instant("2024-01-01")))


def changes(before: list[SourceRecord], after: list[SourceRecord]) -> dict[str, tuple[Any, Any]]:
    found = changes_between(merged(*before), merged(*after))
    assert len({change.field for change in found}) == len(found)
    return {change.field: (json.loads(change.old), json.loads(change.new)) for change in found}


def of_nvd(before: Claim, after: Claim) -> dict[str, tuple[Any, Any]]:
    return changes([nvd(before)], [nvd(after)])


def test_a_vulnerability_seen_first_has_no_history() -> None:
    assert changes_between(None, merged(BASE)) == []


def test_equal_states_have_no_changes() -> None:
    assert changes_between(merged(BASE), merged(BASE)) == []


def test_what_moves_every_day_is_left_out() -> None:
    touched = nvd(Claim(description="A flaw.", modified_at=instant("2024-02-01")))
    assert changes([BASE, epss(0.1, 0.2)], [touched, epss(0.3, 0.4)]) == {}
    assert changes([BASE], [BASE, epss(0.3)]) == {}


def test_tells_both_values_as_json() -> None:
    assert changes_between(merged(BASE), merged(BASE, listed(due_date=date(2024, 5, 23))))[:3] == [
        ValueChange("exploited_in_the_wild", "false", "true"),
        ValueChange("kev_date_added", "null", '"2024-05-02"'),
        ValueChange("cisa_due_date", "null", '"2024-05-23"'),
    ]


def test_a_new_score_changes_number_vector_severity_and_the_list() -> None:
    before = Claim(scores=(Score(Origin.NVD, "3.1", MEDIUM_31),))
    after = Claim(scores=(Score(Origin.NVD, "3.1", CRITICAL_31),))
    assert of_nvd(before, after) == {
        "cvss_score": (6.1, 9.8),
        "cvss_vector": (MEDIUM_31, CRITICAL_31),
        "severity": ("MEDIUM", "CRITICAL"),
        "cvss": ([f"nvd: 6.1 {MEDIUM_31}"], [f"nvd: 9.8 {CRITICAL_31}"]),
    }


def test_short_lists_are_recorded_whole() -> None:
    first, second = Weakness(Origin.NVD, "CWE-79"), Weakness(Origin.NVD, "CWE-80")
    found = of_nvd(Claim(weaknesses=(first,)), Claim(weaknesses=(first, second)))
    assert found == {"cwe_ids": (["CWE-79"], ["CWE-79", "CWE-80"])}


def test_a_source_that_joins_is_recorded() -> None:
    assert changes([BASE], [BASE, mapped()]) == {
        "sources": (["nvd"], ["nvd", "euvd"]),
        "aliases": ([], ["EUVD-2024-7001"]),
    }


def test_of_references_only_the_difference_is_recorded() -> None:
    stays = ReferenceClaim("https://example.com/stays")
    before = Claim(references=(stays, ReferenceClaim("https://example.com/goes", ("Patch", "Exploit"))))
    after = Claim(references=(ReferenceClaim("https://example.com/comes"), stays))
    assert of_nvd(before, after) == {
        "references": (["https://example.com/goes [Exploit, Patch]"], ["https://example.com/comes"])
    }


def test_another_order_is_no_change() -> None:
    first, second = ReferenceClaim("https://example.com/1"), ReferenceClaim("https://example.com/2")
    assert of_nvd(Claim(references=(first, second)), Claim(references=(second, first))) == {}


def test_a_second_source_of_the_same_reference_is_no_change() -> None:
    claim = Claim(description="A flaw.", references=(ReferenceClaim("https://example.com/1"),))
    assert "references" not in changes([mitre(claim)], [mitre(claim), nvd(claim)])


def test_affected_products_are_recorded_with_their_ranges() -> None:
    cpe = "cpe:2.3:a:example:widget:*:*:*:*:*:*:*:*"
    bounded = Affected(cpe=cpe, version_start_including="1", version_end_excluding="2", vulnerable=False)
    worded = Affected(vendor="Example", product="Widget", versions=("4.12", "5"))
    other = Affected(cpe=cpe, version_start_excluding="1", version_end_including="2")
    assert of_nvd(Claim(affected=(bounded,)), Claim(affected=(worded, other))) == {
        "affected_products": (
            [f"nvd: {cpe} from 1 before 2 [not vulnerable]"],
            ["nvd: Example Widget (4.12, 5)", f"nvd: {cpe} after 1 up to 2"],
        )
    }


def test_exploitation_is_recorded_with_who_and_when() -> None:
    ssvc = mitre(Claim(exploitation=(Exploitation("cisa-ssvc", status="poc"),)))
    found = changes([mitre(Claim())], [ssvc, eu_listed(date(2024, 6, 1))])
    assert found["exploitation"] == ([], ["eu-kev: active since 2024-06-01", "cisa-ssvc: poc"])
    assert found["eu_exploited"] == (False, True)
    assert found["ssvc_exploitation"] == ("", "poc")


def test_the_catalogues_words_are_recorded() -> None:
    found = changes([listed(required_action="Wait.")], [listed(required_action="Patch.", notes="See there.")])
    assert found == {"required_action": (["Wait."], ["Patch."]), "kev_notes": ([], ["See there."])}


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(ReferenceClaim(f"https://example.com/{number}") for number in range(LONGEST_LIST + 7))
    _, come = of_nvd(Claim(), Claim(references=many))["references"]
    assert len(come) == LONGEST_LIST + 1
    assert come[-1] == "... and 7 more"


OTHER: dict[str, object] = {
    "state": RecordState.REJECTED,
    "title": "Other",
    "description": "Other",
    "cvss_score": 1.0,
    "cvss_vector": "other",
    "cvss_version": "2.0",
    "severity": "LOW",
    "published_at": instant("2020-01-01"),
    "exploited_in_the_wild": True,
    "kev_date_added": date(2020, 1, 1),
    "cisa_due_date": date(2020, 1, 1),
    "known_ransomware": True,
    "eu_exploited": True,
    "ssvc_exploitation": "active",
    "cwe_ids": ("CWE-1",),
    "vendors": ("other",),
    "products": ("other",),
    "tags": ("disputed",),
}


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_recorded_by_its_own_name(field: str) -> None:
    before = merged(BASE)
    after = msgspec.structs.replace(before, **{field: OTHER[field]})
    (change,) = changes_between(before, after)
    assert change.field == field
    assert change.new == msgspec.json.encode(OTHER[field]).decode()


def test_every_field_is_recorded_or_left_out_on_purpose() -> None:
    left_out = {"cve_id", "modified_at", "epss", "epss_percentile", "nvd_status"}
    by_other_rules = {"sources", "details"}
    assert set(FIELDS) | left_out | by_other_rules == set(MergedVulnerability.__struct_fields__)
