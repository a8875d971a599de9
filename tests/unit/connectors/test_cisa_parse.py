from __future__ import annotations

import json
from datetime import date

import pytest

from backend.connectors.cisa.parse import parse
from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.domain.claims import Claim, Exploitation, KevEntry, decode_claim, encode_claim
from tests.fakes.feed_cisa import entry

CVE = "CVE-2024-10003"


def parsed(**changes: object) -> Parsed:
    return parse(RawRecord(CVE, json.dumps(entry(CVE, **changes)).encode(), CVE))


def claim(**changes: object) -> Claim:
    ((vulnerability_id, parsed_claim),) = parsed(**changes).claims
    assert vulnerability_id == CVE
    return parsed_claim


def test_an_entry_becomes_a_claim() -> None:
    parsed_claim = claim()
    assert parsed_claim.kev == KevEntry(
        date(2024, 12, 2),
        date(2024, 12, 23),
        False,
        "Apply the update.",
        "https://example.com/advisory ; https://nvd.example/1",
    )
    assert parsed_claim.title == "Examplesoft Frob Server CVE-2024-10003 Vulnerability"
    assert parsed_claim.description == "Examplesoft Frob Server lets anybody in."
    assert [weakness.cwe_id for weakness in parsed_claim.weaknesses] == ["CWE-306"]
    assert [reference.url for reference in parsed_claim.references] == [
        "https://example.com/advisory",
        "https://nvd.example/1",
    ]
    assert parsed_claim.exploitation == (Exploitation("cisa-kev", date(2024, 12, 2)),)
    assert decode_claim(encode_claim(parsed_claim)) == parsed_claim


def test_blanks_at_the_end_and_no_break_spaces_are_taken_out() -> None:
    assert (claim().vendors, claim().products) == (("Examplesoft",), ("Frob Server",))


@pytest.mark.parametrize(("given", "expected"), [("Known", True), ("known ", True), ("Unknown", False), ("", None)])
def test_ransomware_is_known_or_not_known(given: str, expected: bool | None) -> None:
    kev = claim(knownRansomwareCampaignUse=given).kev
    assert kev is not None
    assert kev.ransomware is expected


def test_an_odd_date_is_reported_and_the_rest_lands() -> None:
    odd = parsed(dueDate="soon")
    assert odd.mended == ["dueDate: not a date: 'soon'"]
    kev = odd.claims[0][1].kev
    assert kev is not None
    assert (kev.due_date, kev.date_added) == (None, date(2024, 12, 2))


def test_new_keys_and_missing_ones_are_no_trouble() -> None:
    assert claim(forensicTriage="Yes", nested={"a": [1]}) == claim()
    parsed_claim = parse(RawRecord(CVE, b'{"cveID": "CVE-2024-10003", "dateAdded": "2024-12-02"}', CVE)).claims[0][1]
    assert (parsed_claim.vendors, parsed_claim.products, parsed_claim.title) == ((), (), "")


def test_text_that_cannot_be_stored_is_mended() -> None:
    raw = json.dumps(entry(CVE, notes="a\0b\ud800")).encode()
    parsed_claim = parse(RawRecord(CVE, raw, CVE)).claims[0][1]
    assert parsed_claim.kev is not None
    assert parsed_claim.kev.notes == "a\ufffdb\ufffd"


def test_a_field_of_another_shape_is_left_out_and_reported() -> None:
    parsed = parse(
        RawRecord("CVE-2024-10003", b'{"cveID": "CVE-2024-10003", "cwes": "CWE-1", "product": "Frob"}', None)
    )
    ((_, claim),) = parsed.claims
    assert (claim.weaknesses, claim.products) == ((), ("Frob",))
    assert claim.exploitation
    assert any("cwes" in repair for repair in parsed.mended)


@pytest.mark.parametrize("raw", [b"[]", b"7", b'{"cveID": 7}', b""])
def test_another_shape_is_a_parse_error(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse(RawRecord(CVE, raw, CVE))
