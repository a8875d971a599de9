"""Parsing of EUVD's records and lists."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from backend.connectors.connector import Parsed, ParseError
from backend.connectors.euvd.parse import parse_kev, parse_mapping, parse_record
from backend.domain.claims import Affected, Claim, Exploitation, Origin, ReferenceClaim, Score
from tests.fakes.feed_euvd import record

ID = "EUVD-2024-1"
NOON = datetime(2025, 4, 15, 12, 30, 58, tzinfo=UTC)


def parsed(aliases: str = "CVE-2024-1000\n", **changes: object) -> Parsed:
    return parse_record(ID, json.dumps(record(ID, aliases, NOON, **changes)).encode())


def claim(**changes: object) -> Claim:
    result = parsed(**changes)
    assert not result.mended
    return result.claims[0][1]


def test_a_record() -> None:
    assert parsed("GHSA-aaaa-bbbb-cccc\nCVE-2024-1000\n").claims == [
        (
            "CVE-2024-1000",
            Claim(
                description='Flaw EUVD-2024-1 of "{Frob}".',
                published_at=datetime(2024, 2, 1, 0, 15, tzinfo=UTC),
                modified_at=NOON,
                scores=(Score(Origin.EUVD, "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),),
                vendors=("Examplesoft",),
                products=("Frob Server",),
                affected=(Affected(vendor="Examplesoft", product="Frob Server", versions=("0 <2.0",)),),
                references=(ReferenceClaim("https://example.com/advisory"), ReferenceClaim("https://example.com/fix")),
                aliases=("EUVD-2024-1", "GHSA-aaaa-bbbb-cccc"),
                epss=0.0425,
            ),
        )
    ]


def test_one_claim_for_each_cve_alias() -> None:
    names = [name for name, _ in parsed("CVE-2024-1000\nCVE-2024-1001\nCVE-2024-1000").claims]
    assert names == ["CVE-2024-1000", "CVE-2024-1001"]


@pytest.mark.parametrize("aliases", ["", "\n", "GHSA-aaaa-bbbb-cccc\n", "CVE-24-1\n"])
def test_without_a_cve_alias_it_stays_under_its_own_id(aliases: str) -> None:
    [(name, parsed_claim)] = parsed(aliases).claims
    assert name == ID
    assert parsed_claim.aliases == tuple(aliases.split())


@pytest.mark.parametrize("score", [-1.0, 0, 0.0])
def test_no_score_is_no_score(score: float) -> None:
    raw = record(ID, "CVE-2024-1000\n", NOON, baseScore=score)
    del raw["baseScoreVersion"], raw["baseScoreVector"]
    [(_, parsed_claim)] = parse_record(ID, json.dumps(raw).encode()).claims
    assert parsed_claim.scores == ()


def test_that_it_is_exploited() -> None:
    assert claim(exploitedSince="Apr 14, 2026, 12:00:00 AM").exploitation == (Exploitation("euvd", date(2026, 4, 14)),)


def test_the_vendor_may_hang_inside_the_product_or_beside_it_or_nowhere() -> None:
    def product(version: str | None, **more: object) -> dict[str, object]:
        return {"product": {"name": "Frob", **more}, **({"product_version": version} if version else {})}

    inside = {"name": "Inside"}
    listed = [product("1", vendor=inside), product("2", vendor=inside), product("3"), product(None)]
    versions = [("Inside", ("1", "2")), ("Beside", ("3",))]
    parsed_claim = claim(enisaIdProduct=listed, enisaIdVendor=[{"vendor": {"name": "Beside"}}])
    assert [(affected.vendor, affected.versions) for affected in parsed_claim.affected] == versions
    assert [affected.vendor for affected in claim(enisaIdProduct=listed, enisaIdVendor=[]).affected] == ["Inside", ""]


def test_a_record_with_nothing_but_its_id() -> None:
    assert parse_record(ID, b'{"id":"EUVD-2024-1"}') == Parsed([(ID, Claim())], [])


def test_escapes_of_the_service_are_plain_json() -> None:
    raw = json.dumps(record(ID, "", NOON, description="a=b<c")).replace("=", "\\u003d").replace("<", "\\u003c")
    assert parse_record(ID, raw.encode()).claims[0][1].description == "a=b<c"


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("datePublished", "2024", "published_at"),
        ("dateUpdated", "Foo 1, 2024, 13:00:00 PM", "modified_at"),
        ("epss", 250, "epss"),
        ("epss", "4.25", "epss"),
        ("baseScoreVersion", "5.0", "scores"),
        ("references", ["x"], "references"),
        ("enisaIdProduct", {}, "affected"),
        ("enisaIdVendor", [{"vendor": "x"}], "vendors"),
    ],
)
def test_an_odd_field_is_left_out_and_told(field: str, value: object, left: str) -> None:
    result = parsed(**{field: value})
    assert len(result.mended) == 1
    [(_, parsed_claim)] = result.claims
    assert not getattr(parsed_claim, left)
    assert parsed_claim.description


def test_exploited_with_a_date_that_is_none_is_exploited_all_the_same() -> None:
    result = parsed(exploitedSince="long ago")
    assert result.claims[0][1].exploitation == (Exploitation("euvd"),)
    assert len(result.mended) == 1


@pytest.mark.parametrize("raw", [b"", b"null", b"{}", b'{"id":7}', b'{"id":"EUVD-2024-2"}', b'{"id":"EUVD-2024-1"'])
def test_what_is_not_this_record_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse_record(ID, raw)


def test_the_mapping_gives_a_cve_its_euvd_id() -> None:
    assert parse_mapping(b"EUVD-2024-1,CVE-2024-1000").claims == [("CVE-2024-1000", Claim(aliases=("EUVD-2024-1",)))]


@pytest.mark.parametrize("name", ["eukev_kev", "eu_kev"])
def test_the_list_of_the_eu(name: str) -> None:
    raw = json.dumps(
        {"cveId": "CVE-2024-1000", "euvdId": None, "dateAdded": "2026-08-17", "sources": ["cisa_kev", name]}
    )
    assert parse_kev("CVE-2024-1000", raw.encode()).claims == [
        ("CVE-2024-1000", Claim(exploitation=(Exploitation("eu-kev", date(2026, 8, 17)),)))
    ]


@pytest.mark.parametrize("raw", [b'{"sources":["cisa_kev"]}', b'{"sources":"eu_kev"}', b"{}", b"[]"])
def test_what_the_eu_does_not_list_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse_kev("CVE-2024-1000", raw)
