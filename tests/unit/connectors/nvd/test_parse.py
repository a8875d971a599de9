"""Parsing of NVD's records."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from backend.connectors.connector import Parsed, ParseError
from backend.connectors.nvd.parse import parse
from backend.contract.names import Tag
from backend.domain.claims import (
    Affected,
    Claim,
    Exploitation,
    Origin,
    RecordState,
    ReferenceClaim,
    Score,
    Weakness,
    decode_claim,
    encode_claim,
)
from tests.fakes.feed_nvd import CISA_ADP, CNA, NVD, V31, cvss, record

ID = "CVE-2024-1000"


def parsed(**changes: object) -> Parsed:
    return parse(ID, json.dumps({"cve": record(ID, **changes)}).encode())


def claim(**changes: object) -> Claim:
    result = parsed(**changes)
    assert not result.mended
    [(name, parsed_claim)] = result.claims
    assert name == ID
    return parsed_claim


def test_an_analysed_record() -> None:
    assert claim() == Claim(
        description='Flaw CVE-2024-1000 {of "Frob"}.',
        published_at=datetime(2024, 2, 1, 0, 15, tzinfo=UTC),
        modified_at=datetime(2025, 1, 2, 3, 4, 5, 678000, UTC),
        scores=(Score(Origin.NVD, "3.1", V31, 9.8),),
        weaknesses=(Weakness(Origin.NVD, "CWE-306"),),
        vendors=("examplesoft",),
        products=("frob_server",),
        affected=(Affected(cpe="cpe:2.3:a:examplesoft:frob_server:*:*:*:*:*:*:*:*", version_end_excluding="2.0"),),
        references=(ReferenceClaim("https://example.com/advisory", ("Vendor Advisory",)),),
        analysis="Analyzed",
    )


@pytest.mark.parametrize("status", ["Received", "Awaiting Analysis", "Undergoing Analysis", "Deferred", "Modified"])
def test_says_how_far_the_analysis_is(status: str) -> None:
    assert claim(vulnStatus=f" {status}").analysis == status


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        ([{"sourceIdentifier": CNA, "tags": ["disputed"]}], (Tag.DISPUTED,)),
        ([{"tags": ["unsupported-when-assigned"]}, {"tags": ["disputed"]}], (Tag.UNSUPPORTED, Tag.DISPUTED)),
        ([{"tags": ["exclusively-hosted-service", "exclusively-hosted-service"]}], (Tag.HOSTED,)),
        ([{"tags": ["x_their-own"]}, {}], ()),
        ([], ()),
    ],
)
def test_reads_the_tags_of_the_record(given: list[object], tags: tuple[Tag, ...]) -> None:
    assert claim(cveTags=given).tags == tags


def test_a_claim_survives_being_stored() -> None:
    assert decode_claim(encode_claim(claim())) == claim()


def test_a_record_with_nothing_but_its_id() -> None:
    assert parse(ID, b'{"cve":{"id":"CVE-2024-1000"}}') == Parsed([(ID, Claim())], [])


def test_a_rejected_record() -> None:
    parsed_claim = claim(vulnStatus="Rejected", metrics={}, weaknesses=[], configurations=[], references=[])
    assert (parsed_claim.state, parsed_claim.scores, parsed_claim.affected) == (RecordState.REJECTED, (), ())


def test_says_who_assessed() -> None:
    v2, v4 = "AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    parsed_claim = claim(
        metrics={
            "cvssMetricV2": [cvss(NVD, 7.5, v2, "2.0")],
            "cvssMetricV30": [cvss(CNA, 9.8, "CVSS:3.0/x", "3.0")],
            "cvssMetricV31": [cvss(CISA_ADP), cvss(CNA, 8.1)],
            "cvssMetricV40": [cvss(CNA, 9.3, v4, "4.0")],
        }
    )
    assert {(score.origin, score.version, score.stated) for score in parsed_claim.scores} == {
        (Origin.NVD, "2.0", 7.5),
        (Origin.CNA, "3.0", 9.8),
        (Origin.CISA_ADP, "3.1", 9.8),
        (Origin.CNA, "3.1", 8.1),
        (Origin.CNA, "4.0", 9.3),
    }


def test_weaknesses_by_whom_and_once_each() -> None:
    texts = [{"lang": "en", "value": value} for value in ("CWE-79", "CWE-79", "NVD-CWE-noinfo")]
    parsed_claim = claim(weaknesses=[{"source": source, "description": texts} for source in (CNA, NVD, CISA_ADP)])
    assert parsed_claim.weaknesses == tuple(
        Weakness(origin, cwe)
        for origin in (Origin.CNA, Origin.NVD, Origin.CISA_ADP)
        for cwe in ("CWE-79", "NVD-CWE-noinfo")
    )


def test_vendors_and_products_of_what_is_vulnerable_only() -> None:
    def match(cpe: str, **more: object) -> dict[str, object]:
        return {"vulnerable": True, "criteria": cpe, **more}

    firmware, store = r"cpe:2.3:o:acme\!:frob_firmware:*:*:*:*:*:*:*:*", "cpe:2.3:h:boards:frob:-:*:*:*:*:*:*:*"
    parsed_claim = claim(
        configurations=[
            {
                "operator": "AND",
                "nodes": [
                    {
                        "cpeMatch": [
                            match(firmware, versionStartIncluding="1", versionEndIncluding="2"),
                            match(firmware, versionStartExcluding="3", versionEndExcluding="4"),
                        ]
                    },
                    {"cpeMatch": [match(store, vulnerable=False), match(store, vulnerable=False)]},
                ],
            }
        ]
    )
    assert (parsed_claim.vendors, parsed_claim.products) == (("acme!",), ("frob_firmware",))
    assert parsed_claim.affected == (
        Affected(cpe=firmware, version_start_including="1", version_end_including="2"),
        Affected(cpe=firmware, version_start_excluding="3", version_end_excluding="4"),
        Affected(cpe=store, vulnerable=False),
    )


def test_what_is_needed_beside_a_product_has_the_number_of_its_configuration() -> None:
    def configuration(*parts: tuple[str, bool], operator: str = "AND") -> dict[str, object]:
        matches = [{"criteria": f"cpe:2.3:{cpe}", "vulnerable": vulnerable} for cpe, vulnerable in parts]
        return {"operator": operator, "nodes": [{"operator": "OR", "cpeMatch": [match]} for match in matches]}

    parsed_claim = claim(
        configurations=[
            configuration(("a:acme:frob:1", True), operator="OR"),
            configuration(("a:acme:frob:2", True), ("o:acme:os", False)),
            configuration(("o:acme:box_firmware:3", True), ("h:acme:box", False)),
        ]
    )
    assert {entry.cpe.removeprefix("cpe:2.3:"): entry.configuration for entry in parsed_claim.affected} == {
        "a:acme:frob:1": 0,
        "a:acme:frob:2": 2,
        "o:acme:os": 2,
        "o:acme:box_firmware:3": 0,
        "h:acme:box": 0,
    }


def test_the_statements_of_cna_and_cisa_are_kept_apart_from_nvds_own() -> None:
    def product(name: str) -> dict[str, object]:
        version = {"version": "1", "lessThan": "2", "versionType": "semver", "status": "affected"}
        return {"vendor": "Acme", "product": name, "versions": [version]}

    parsed_claim = claim(
        affected=[
            {"source": CNA, "affectedData": [product("Frob")]},
            {"source": CISA_ADP, "affectedData": [product("frob")]},
        ]
    )
    assert parsed_claim.repeated == tuple(
        Affected(vendor="Acme", product=name, versions=("1 to before 2",), version_type="semver", origin=origin)
        for name, origin in (("Frob", Origin.CNA), ("frob", Origin.CISA_ADP))
    )
    assert (parsed_claim.vendors, parsed_claim.products) == (claim().vendors, claim().products)


def test_the_decision_of_cisa_in_records_since_june_2026() -> None:
    def ssvc(source: str, status: str) -> dict[str, object]:
        return {
            "source": source,
            "ssvcData": {
                "timestamp": "2026-08-18T02:16:02.677352Z",
                "id": ID,
                "version": "2.0.3",
                "options": [{"exploitation": status}, {"automatable": "no"}],
            },
        }

    parsed_claim = claim(
        affected=[{"source": CNA, "affectedData": [{"vendor": "IBM"}]}],
        metrics={"ssvcV203": [ssvc(CISA_ADP, "Public PoC"), ssvc(CNA, "active")]},
    )
    assert parsed_claim.exploitation == (Exploitation("cisa-ssvc", date(2026, 8, 18), "poc"),)
    assert parsed(metrics={"ssvcV203": [ssvc(CISA_ADP, "perhaps")]}).mended
    assert parsed_claim.vendors == ("examplesoft",)


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("published", "tomorrow", "published_at"),
        ("lastModified", "0001-01-01T00:00:00.000", "modified_at"),
        ("published", 5, "published_at"),
        ("metrics", ["none"], "scores"),
        ("references", None, "references"),
        ("configurations", {"nodes": 1}, "affected"),
        ("weaknesses", [7], "weaknesses"),
        ("descriptions", "text", "description"),
        ("metrics", {"cvssMetricV31": [{"source": NVD, "cvssData": {"baseScore": 1.0}}]}, "scores"),
    ],
)
def test_an_odd_field_is_left_out_and_told(field: str, value: object, left: str) -> None:
    result = parsed(**{field: value})
    assert len(result.mended) == 1
    [(_, parsed_claim)] = result.claims
    assert not getattr(parsed_claim, left)
    assert parsed_claim.vendors == (() if field == "configurations" else ("examplesoft",))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"{}",
        b'{"cve":{}}',
        b'{"cve":{"id":7}}',
        b'{"cve":{"id":"CVE-2024-1000"',
        b"<!doctype html>",
        b'{"cve":{"id":"CVE-2024-1001"}}',
    ],
)
def test_what_is_not_this_record_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse(ID, raw)


def test_text_that_no_database_takes_is_mended() -> None:
    parsed_claim = claim(descriptions=[{"lang": "en", "value": "a\0b\ud800c"}])
    assert parsed_claim.description == "a\ufffdb\ufffdc"
