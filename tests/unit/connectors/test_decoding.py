"""Decoding of text, dates, records with unexpected fields, and the values of lists."""

from __future__ import annotations

import json
import locale
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.connectors.connector import ParseError
from backend.connectors.decoding import clean, decode, decode_leniently, parse_instant, values_of


class Named(msgspec.Struct):
    name: str
    inner: msgspec.Raw = msgspec.Raw()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31T12:00:00", datetime(2024, 1, 31, 12, tzinfo=UTC)),
        ("2024-01-31T12:00:00.123Z", datetime(2024, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)),
        ("2024-01-31T12:00:00.123456", datetime(2024, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-08-22T03:00:13.1234567", datetime(2026, 8, 22, 3, 0, 13, 123456, tzinfo=UTC)),
        ("2026-08-21T17:46:43.6019Z", datetime(2026, 8, 21, 17, 46, 43, 601900, tzinfo=UTC)),
        ("2024-01-31T12:00:00+00:00", datetime(2024, 1, 31, 12, tzinfo=UTC)),
        ("2024-01-31T12:00:00-05:00", datetime(2024, 1, 31, 17, tzinfo=UTC)),
        ("2022-01-01T00:00:00+0000", datetime(2022, 1, 1, tzinfo=UTC)),
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        (" 2024-01-31T12:00:00 \r\n", datetime(2024, 1, 31, 12, tzinfo=UTC)),
        ("Apr 15, 2025, 10:30:58 AM", datetime(2025, 4, 15, 10, 30, 58, tzinfo=UTC)),
        ("Apr 5, 2025, 1:30:58 PM", datetime(2025, 4, 5, 13, 30, 58, tzinfo=UTC)),
        ("Dec 31, 2024, 12:00:01 AM", datetime(2024, 12, 31, 0, 0, 1, tzinfo=UTC)),
        ("Dec 31, 2024, 12:00:01 PM", datetime(2024, 12, 31, 12, 0, 1, tzinfo=UTC)),
        ("Dec 31, 2024, 12:00:01\u202fPM", datetime(2024, 12, 31, 12, 0, 1, tzinfo=UTC)),
    ],
)
def test_reads_every_way_in_which_the_services_write_a_time(text: str, expected: datetime) -> None:
    assert parse_instant(text) == expected
    assert parse_instant(text).utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "1979-12-31",
        "2201-01-01",
        "20244-01-01",
        "2024-13-01",
        "2024-02-30T00:00:00",
        "Foo 15, 2025, 10:30:58 AM",
        "Apr 31, 2025, 10:30:58 AM",
        "Apr 15, 2025, 13:30:58 AM",
        "Apr 15, 2025, 0:30:58 AM",
        "9999-12-31T23:59:59-05:00",
        "\ud800",
    ],
)
def test_refuses_what_is_no_time_or_cannot_be_meant(text: str) -> None:
    with pytest.raises(ValueError, match=r"year|date|hour|day"):
        parse_instant(text)


def test_euvd_dates_do_not_depend_on_the_machines_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "de_DE.UTF-8")
    except locale.Error:
        pytest.skip("no second locale is installed here")
    try:
        assert parse_instant("Oct 15, 2025, 10:30:58 PM").hour == 22
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_clean_text_can_be_stored_anywhere() -> None:
    assert clean("a\0b\ud800c\U0001f600") == "a\ufffdb\ufffdc\U0001f600"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (rb'{"name": "a\ud800b"}', "a\ufffdb"),
        (rb'{"name": "a\u0000b"}', "a\ufffdb"),
        (rb'{"name": "\ud83d\ude00"}', "\U0001f600"),
        (b'{"name": "a\xffb"}', "a\ufffdb"),
        (rb'{"name": "b", "other": "\udc00", "inner": {"deep": [1, NaN, 1e400]}}', "b"),
        (rb'{"name": "C:\\u0000 is a path"}', "C:\\u0000 is a path"),
    ],
)
def test_decodes_records_whose_only_fault_is_a_character(raw: bytes, expected: str) -> None:
    assert decode(raw, Named).name == expected


def test_parts_kept_raw_survive_the_patient_way() -> None:
    inner = decode(rb'{"name": "\u0000", "inner": {"status": "poc"}}', Named).inner
    assert msgspec.json.decode(inner) == {"status": "poc"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b"<!doctype html>",
        b'{"name": 7}',
        b'{"name": null}',
        b"[" * 200_000,
        b'{"name":' * 50_000,
        b'{"name": "\\ud800", "inner": ' + b"9" * 5000 + b"}",
    ],
)
def test_anything_else_is_a_parse_error(raw: bytes) -> None:
    with pytest.raises(ParseError):
        decode(raw, Named)


class Sheep(msgspec.Struct, rename="camel"):
    id: str
    wool_colour: str = "white"
    legs: int = 4


def test_leaves_out_only_the_field_that_cannot_be_read() -> None:
    sheep, left_out = decode_leniently(b'{"id":"Dolly","woolColour":["black"],"legs":3,"cloned":true}', Sheep)
    assert sheep == Sheep("Dolly", legs=3)
    assert [reason.partition(":")[0] for reason in left_out] == ["woolColour"]


def test_reads_the_object_under_a_key() -> None:
    assert decode_leniently(b'{"sheep":{"id":"Dolly","legs":"4"}}', Sheep, within="sheep")[0] == Sheep("Dolly")


@pytest.mark.parametrize("raw", [b'{"legs":4}', b'{"id":7}', b"[]", b'"Dolly"', b"{", b'{"sheep":1}'])
def test_refuses_what_lacks_a_field_that_must_be_there(raw: bytes) -> None:
    with pytest.raises(ParseError):
        decode_leniently(raw, Sheep, within="sheep" if b"sheep" in raw else "")


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def found(document: bytes, key: str = "") -> list[bytes]:
    return [document[start:end] for start, end in values_of(document, key)]


@given(st.lists(VALUES, max_size=4), VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_finds_each_value_of_a_list_whatever_is_in_it(
    values: list[object], other: object, ascii_only: bool, indent: int | None
) -> None:
    def written(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")

    document = written({"tags": [other], "items": values, "total": {"of": [other]}})
    assert [json.loads(value) for value in found(document, "items")] == values
    assert [json.loads(value) for value in found(written(values))] == values


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<!doctype html>",
        b'{"items":[]}',
        b'{"items":{"a":[1]}}',
        b'{"others":[1]}',
        b'{"items":[{"a":1',
        b'{"items":[ ,]}',
    ],
)
def test_finds_nothing_where_there_is_no_whole_value(document: bytes) -> None:
    assert found(document, "items") == []


def test_a_damaged_value_spoils_only_itself() -> None:
    assert found(b'[{"a":}, nonsense ,{"b":"]"} ]') == [b'{"a":}', b"nonsense", b'{"b":"]"}']


def test_depth_is_no_obstacle() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert found(b'{"items":[1,' + deep + b",2]}", "items") == [b"1", deep, b"2"]
