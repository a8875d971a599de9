"""Finding the values of a list by its brackets and commas."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.connectors.decoding import values_of

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
