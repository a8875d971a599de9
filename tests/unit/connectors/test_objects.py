"""Finding objects by their brackets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.connectors.objects import objects_at

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6)


@given(st.lists(st.dictionaries(st.text(max_size=9), VALUES, max_size=3), max_size=4), st.booleans())
def test_finds_each_object_of_a_list_whatever_is_in_it(records: list[dict[str, object]], ascii_only: bool) -> None:
    def written(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    document = written({"items": records, "total": {"of": 1}})
    found = [document[start:end] for start, end in objects_at(2, document)]
    assert found == [written(record) for record in records]


@pytest.mark.parametrize("document", [
    b"", b"<!doctype html>", b'{"items":[]}', b'{"items":[1,null,"{}"]}', b'{"items":[{"a":1'])
def test_finds_nothing_where_there_is_no_whole_object(document: bytes) -> None:
    assert list(objects_at(2, document)) == []
