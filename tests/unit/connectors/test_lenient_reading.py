"""One odd field costs that field: in the records of every source, at every depth, and it is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from backend.connectors.cisa.parse import parse as parse_entry
from backend.connectors.connector import Parsed, ParseError, RawRecord
from backend.connectors.decoding import Inseparable, decode_leniently
from backend.connectors.euvd.parse import parse_kev, parse_record
from backend.connectors.mitre.parse import parse as parse_mitre
from backend.connectors.nvd.parse import parse as parse_nvd
from backend.domain.claims import Claim
from tests.fakes import feed_cisa, feed_euvd, feed_mitre, feed_nvd

CVE, EUVD_ID = "CVE-2024-10000", "EUVD-2024-1"
LONG = "x" * 500_000
Parse = Callable[[object], Parsed]


def mitre(record: object) -> Parsed:
    return parse_mitre(RawRecord(CVE, json.dumps(record).encode(), CVE))


def nvd(record: object) -> Parsed:
    return parse_nvd(CVE, json.dumps({"cve": record}).encode())


def euvd(record: object) -> Parsed:
    return parse_record(EUVD_ID, json.dumps(record).encode())


def kev(record: object) -> Parsed:
    return parse_entry(RawRecord(CVE, json.dumps(record).encode(), CVE))


def eu_kev(record: object) -> Parsed:
    return parse_kev(CVE, json.dumps(record).encode())


RECORDS: dict[Parse, Any] = {
    mitre: feed_mitre.record(CVE),
    nvd: feed_nvd.record(CVE),
    euvd: feed_euvd.record(EUVD_ID, f"{CVE}\n", datetime(2025, 4, 15, tzinfo=UTC)),
    kev: feed_cisa.entry(CVE),
    eu_kev: {"cveId": CVE, "euvdId": None, "dateAdded": "2025-01-02", "sources": ["eukev_kev"]},
}


def changed(parse: Parse, path: tuple[str | int, ...], value: object) -> Parsed:
    """The record of a source with another value at a place."""
    record = deepcopy(RECORDS[parse])
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return parse(record)


def differing(parse: Parse, odd: Parsed) -> set[str]:
    whole, left = parse(RECORDS[parse]).claims[0][1], odd.claims[0][1]
    return {field for field in Claim.__struct_fields__ if getattr(whole, field) != getattr(left, field)}


CNA, NODE = ("containers", "cna"), ("configurations", 0, "nodes", 0)
AFFECTED = {"affected", "vendors", "products"}
CASES: list[tuple[Parse, tuple[str | int, ...], object, set[str]]] = [
    (mitre, (*CNA, "metrics", 0, "cvssV3_1", "baseScore"), "9.8", {"scores"}),
    (mitre, (*CNA, "metrics", 0, "cvssV3_1", "vectorString"), ["AV:N"], {"scores"}),
    (mitre, (*CNA, "metrics"), None, {"scores"}),
    (mitre, (*CNA, "affected", 0, "vendor"), None, {"vendors", "affected"}),
    (mitre, (*CNA, "affected", 0, "platforms"), "Windows", set()),
    (mitre, (*CNA, "affected", 0, "versions"), "all", {"affected"}),
    (mitre, (*CNA, "affected", 0, "versions", 0, "version"), 1.5, {"affected"}),
    (mitre, (*CNA, "affected", 0, "versions", 0, "lessThan"), 2, {"affected"}),
    (mitre, (*CNA, "affected"), {"vendor": "x"}, AFFECTED),
    (mitre, (*CNA, "problemTypes", 0, "descriptions", 0, "description"), 306, {"weaknesses"}),
    (mitre, (*CNA, "references", 0, "tags"), None, {"references"}),
    (mitre, (*CNA, "references", 0, "tags", 0), 7, {"references"}),
    (mitre, (*CNA, "references", 0), "https://example.com/advisory", {"references"}),
    (mitre, (*CNA, "descriptions", 1, "value"), None, {"description"}),
    (mitre, (*CNA, "title"), {"en": "Flaw"}, {"title"}),
    (mitre, ("containers", "adp"), None, set()),
    (mitre, ("containers", "adp"), [None, 7, {"metrics": 1}], set()),
    (mitre, CNA, "see the vendor", {*AFFECTED, "title", "description", "scores", "weaknesses", "references"}),
    (mitre, ("cveMetadata", "datePublished"), None, {"published_at"}),
    (mitre, ("cveMetadata", "dateUpdated"), 1735786800, {"modified_at"}),
    (mitre, ("cveMetadata", "dateUpdated"), "2 January 2025", {"modified_at"}),
    (nvd, ("metrics", "cvssMetricV31", 0, "cvssData", "baseScore"), "9.8", {"scores"}),
    (nvd, ("metrics", "cvssMetricV31"), {"cvssData": {}}, {"scores"}),
    (nvd, ("metrics",), [], {"scores"}),
    (nvd, ("descriptions", 0), None, set()),
    (nvd, ("weaknesses", 0, "description", 0, "value"), 306, {"weaknesses"}),
    (nvd, (*NODE, "cpeMatch", 0, "versionEndExcluding"), 2.0, AFFECTED),
    (nvd, (*NODE, "cpeMatch", 0, "vulnerable"), "true", AFFECTED),
    (nvd, (*NODE, "negate"), "false", set()),
    (nvd, ("references", 0, "tags"), "Vendor Advisory", {"references"}),
    (nvd, ("published",), "01/02/2024", {"published_at"}),
    (nvd, ("vulnStatus",), 3, {"analysis"}),
    (euvd, ("enisaIdProduct", 0, "product"), None, {"affected", "products"}),
    (euvd, ("enisaIdProduct", 0, "product", "vendor"), "Examplesoft", set()),
    (euvd, ("enisaIdProduct", 0, "product_version"), 2.0, {"affected"}),
    (euvd, ("enisaIdVendor", 0), 7, {"vendors"}),
    (euvd, ("references",), None, {"references"}),
    (euvd, ("baseScore",), "9.8", {"scores"}),
    (euvd, ("datePublished",), "2024-02-30", {"published_at"}),
    (kev, ("cwes", 0), None, {"weaknesses"}),
    (kev, ("cwes",), "CWE-306", {"weaknesses"}),
    (kev, ("notes",), ["https://example.com/advisory"], {"references", "kev"}),
    (kev, ("product",), None, {"products"}),
    (kev, ("dateAdded",), "12/02/2024", {"kev", "exploitation"}),
    (kev, ("knownRansomwareCampaignUse",), True, {"kev"}),
    (eu_kev, ("dateAdded",), 20250102, {"exploitation"}),
    (eu_kev, ("sources",), ["eukev_kev", None], set()),
]  # fmt: skip


@pytest.mark.parametrize(("parse", "path", "value", "lost"), CASES)
def test_only_the_odd_part_is_lost_and_it_is_named(
    parse: Parse, path: tuple[str | int, ...], value: object, lost: set[str]
) -> None:
    odd = changed(parse, path, value)
    assert odd.claims[0][0] == CVE
    assert differing(parse, odd) <= lost
    assert odd.mended
    fields = [step for step in path if isinstance(step, str)]
    assert any(fields[-1] in message or fields[-2] in message for message in odd.mended)


@pytest.mark.parametrize(
    ("parse", "path"),
    [(mitre, (*CNA, "title")), (mitre, (*CNA, "descriptions", 1, "value")), (nvd, ("descriptions", 1, "value"))],
)
def test_a_very_long_text_is_a_text(parse: Parse, path: tuple[str | int, ...]) -> None:
    assert not changed(parse, path, LONG).mended


@pytest.mark.parametrize(
    ("parse", "path", "value"),
    [
        (mitre, ("cveMetadata", "cveId"), None),
        (mitre, ("cveMetadata",), []),
        (mitre, ("cveMetadata", "cveId"), "CVE-2024-10001"),
        (nvd, ("id",), 7),
        (euvd, ("id",), None),
        (euvd, ("aliases",), 7),
    ],
)
def test_a_record_without_a_usable_id_is_refused(parse: Parse, path: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(ParseError):
        changed(parse, path, value)


@pytest.mark.parametrize("rest", ["\n<!-- inspected by proxy -->", "\n\n", "{}", "\0", " trailing"])
def test_what_follows_a_record_is_ignored(rest: str) -> None:
    raw = json.dumps(RECORDS[mitre]) + rest
    assert parse_mitre(RawRecord(CVE, raw.encode(), CVE)).claims == mitre(RECORDS[mitre]).claims


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_byte_order_mark_is_no_part_of_a_record(charset: str) -> None:
    mark = b"\xfe\xff" if charset == "utf-16-be" else b""
    raw = mark + json.dumps(RECORDS[mitre]).encode(charset)
    assert parse_mitre(RawRecord(CVE, raw, CVE)).claims == mitre(RECORDS[mitre]).claims


class Span(Inseparable):
    start: str = ""
    end: str = ""


class Part(msgspec.Struct):
    name: str
    spans: list[Span] = []
    note: str | None = None
    raw: msgspec.Raw = msgspec.Raw()


class Whole(msgspec.Struct):
    id: str
    parts: list[Part] = []


@pytest.mark.parametrize(
    ("parts", "left", "odd"),
    [
        ([{"name": "a"}, {"name": 7}, {}], [Part("a")], ["parts[1].name", "parts[1]", "parts[2]"]),
        ([{"name": "a", "note": 7, "other": {}}], [Part("a")], ["parts[0].note"]),
        ([{"name": "a", "spans": [{"end": 2}, {"start": "3"}]}], [Part("a", [Span("3")])], ["parts[0].spans[0]"]),
        ([[{"name": "a"}]], [], ["parts[0]"]),
        ({"name": "a"}, [], ["parts"]),
    ],
)  # fmt: skip
def test_lists_lose_items_and_objects_fields(parts: object, left: list[Part], odd: list[str]) -> None:
    whole, left_out = decode_leniently(json.dumps({"id": "x", "parts": parts}).encode(), Whole)
    assert [msgspec.structs.replace(part, raw=msgspec.Raw()) for part in whole.parts] == left
    assert [message.partition(":")[0] for message in left_out] == odd


def test_a_part_that_is_kept_raw_stays_beside_an_odd_one() -> None:
    raw = b'{"id": "x", "parts": [{"name": "a", "note": 7, "raw": {"deep": [1]}}]}'
    whole, _ = decode_leniently(raw, Whole)
    assert msgspec.json.decode(whole.parts[0].raw) == {"deep": [1]}
