"""Splitting of NVD's documents into records, with any chunk boundaries and any record content."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.connectors.connector import ParseError
from backend.connectors.nvd import split as splitting
from backend.connectors.nvd.split import read_envelope, split
from tests.fakes.feed_model import Json, World
from tests.fakes.feed_nvd import document, record

TRAP = '{"cve":{"id":"CVE-1999-0001"}}, { "cve" : \\" \\\\'
IDS = [f"CVE-2024-{number}" for number in range(1000, 1004)]
CVES = [record(cve_id, descriptions=[{"lang": "en", "value": TRAP}]) for cve_id in IDS]
COMPACT = [json.dumps({"cve": cve}, separators=(",", ":")).encode() for cve in CVES]


def cut(whole: bytes, *places: int) -> Iterator[bytes]:
    edges = [0, *sorted(places), len(whole)]
    return (whole[start:end] for start, end in itertools.pairwise(edges))


@pytest.mark.parametrize("spread", [False, True])
def test_gives_the_same_records_wherever_a_chunk_ends(spread: bool) -> None:
    whole = document(World(), CVES[:2], spread=spread)
    for place in range(len(whole)):
        head, *records = split(cut(whole, place))
        assert records == COMPACT[:2]
        assert read_envelope(head).total == 2


def test_gives_the_same_records_byte_by_byte() -> None:
    whole = document(World(), CVES, spread=True)
    assert list(split(cut(whole, *range(len(whole)))))[1:] == COMPACT


@given(st.lists(st.text(), max_size=4), st.lists(st.integers(0, 5000), max_size=6), st.booleans())
def test_no_text_in_a_record_is_taken_for_another_record(texts: list[str], places: list[int], spread: bool) -> None:
    cves = [{"id": "CVE-2024-1000", text: [TRAP + text]} for text in texts]
    whole = document(World(), cves, spread=spread)
    head, *records = split(cut(whole, *(min(place, len(whole)) for place in places)))
    assert [json.loads(raw)["cve"] for raw in records] == cves
    assert read_envelope(head).total == len(cves)


@pytest.mark.parametrize(
    "damage",
    [
        b'{"cve":{"id":"CVE-2024-9999","open":[1,2',
        b'{"cve":{"id":"CVE-2024-9999"}}}]',
        b'{"cve":{"id":"CVE-2024-9999","a":"\x01\xff"}}',
        b'{"cve":{"id":"CVE-2024-9999","deep":' + b"[" * 9999 + b"]" * 9999 + b"}}",
        b"null",
        b"42",
        b'"CVE-2024-9999"',
        b'{"cve":"CVE-2024-9999" "no comma"}',
        b'{"cve":{"id":"CVE-2024-9999","lone":"\\ud800"}}',
        b'{"cve":null}',
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_damaged_record_spoils_only_itself(damage: bytes, place: int) -> None:
    pieces = [*COMPACT[:place], damage, *COMPACT[place:2]]
    records = list(split([b'{"totalResults":3,"vulnerabilities":[' + b",".join(pieces) + b"]}"]))[1:]
    assert len(records) == 3
    assert [raw for raw in records if raw in COMPACT] == COMPACT[:2]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_record_of_unknown_shape_counts_as_one(place: int) -> None:
    pieces = [*COMPACT[:place], b'{"vulnerability":{"id":"CVE-2024-9999"}}', *COMPACT[place:2]]
    whole = b'{"totalResults":3,"vulnerabilities":[' + b" ,\n".join(pieces) + b" ] }"
    assert sorted(list(split([whole]))[1:]) == sorted(pieces)


def test_what_comes_after_the_records_belongs_to_none() -> None:
    whole = b'{"vulnerabilities":[' + b",".join(COMPACT) + b'],"notice":{"text":"{\\"cve\\":1}"}}'
    assert list(split([whole]))[1:] == COMPACT


@pytest.mark.parametrize("cves", [CVES, []])
def test_gives_as_many_records_as_the_document_announces(cves: list[Json]) -> None:
    head, *records = split([document(World(), cves)])
    assert len(records) == read_envelope(head).total == len(cves)


def test_reads_the_clock_of_the_service() -> None:
    head = next(split([document(World(), [])]))
    assert read_envelope(head).timestamp == datetime(2025, 1, 10, 0, 0, 0, 123456, UTC)


@pytest.mark.parametrize(
    "head", [b"", b"<!doctype html>", b'{"totalResults":5}', b'{"totalResults":5,"timestamp":"noon"}']
)
def test_refuses_an_envelope_that_is_not_one(head: bytes) -> None:
    with pytest.raises(ParseError):
        read_envelope(head)


def test_does_not_hold_a_document_without_records_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "LONGEST_RECORD", 2**16)
    with pytest.raises(ParseError):
        list(split(b"[0]" * 1000 for _ in range(100)))
