"""Records with a field of an unknown shape."""

from __future__ import annotations

import msgspec
import pytest

from backend.connectors.connector import ParseError
from backend.connectors.decoding import decode_leniently


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
