"""Reads a record in which one field is of an unknown shape: that field is left out, the others still count."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from backend.connectors.model import ParseError
from backend.connectors.text import decode

_Record = TypeVar("_Record", bound=msgspec.Struct)


def decode_or_mend(raw: bytes, kind: type[_Record]) -> tuple[_Record, list[str]]:
    """A record that is as it should be at the price of decoding it; any other as `decode_leniently` reads it."""
    try:
        return decode(raw, kind), []
    except ParseError:
        return decode_leniently(raw, kind)


def decode_leniently(raw: bytes, kind: type[_Record], within: str = "") -> tuple[_Record, list[str]]:
    """A JSON object (or the one under its key `within`) as `kind`, and what had to be left out of it.

    Raises ParseError where it is no JSON object or a field is missing or left out that `kind` cannot be without.
    """
    fields: object = decode(raw, dict[str, object])
    if within and isinstance(fields, dict):
        fields = fields.get(within)
    if not isinstance(fields, dict):
        raise ParseError(f"no object{f' under {within}' if within else ''}")
    kept, left_out = {}, []
    for field in msgspec.structs.fields(kind):
        if field.encode_name in fields:
            try:
                kept[field.encode_name] = fields[field.encode_name]
                msgspec.convert(kept[field.encode_name], field.type)
            except msgspec.ValidationError as error:
                del kept[field.encode_name]
                left_out.append(f"{field.encode_name}: {error}")
    try:
        return msgspec.convert(kept, kind), left_out
    except msgspec.ValidationError as error:
        raise ParseError("; ".join([str(error), *left_out])) from error
