"""Text, JSON and dates as services write them, made fit for storing. Nothing here depends on the machine's locale.

Reads a record in which one field is of an unknown shape: that field is left out, the others still count.

Finds the values of a JSON list without decoding them, so that one broken record spoils only itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from backend.connectors.connector import ParseError

_T = TypeVar("_T")

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 no lone surrogate
_NUL_ESCAPE = b"\\u0000"
_EUVD_DATE = re.compile(r"(\w{3}) (\d{1,2}), (\d{4}), (\d{1,2}):(\d{2}):(\d{2})\s([AP])M")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST_YEAR, _LAST_YEAR = 1980, 2200


def clean(text: str) -> str:
    """`text` with every NUL and lone surrogate replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def parse_instant(text: str) -> datetime:
    """A point in time, in UTC; what names no zone is UTC already. Fractions beyond microseconds are cut off.

    Takes ISO 8601 and EUVD's "Apr 15, 2025, 10:30:58 AM". Raises ValueError for anything else and for years
    outside 1980-2200, which are slips of the pen.
    """
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _euvd_instant(text)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"the year {moment.year} cannot be meant")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _euvd_instant(text: str) -> datetime:
    found = _EUVD_DATE.fullmatch(text)
    if not found or found[1] not in _MONTHS:
        raise ValueError(f"not a date: {clean(text)[:60]!r}")
    hour = int(found[4])
    if not 1 <= hour <= 12:
        raise ValueError(f"not an hour of twelve: {hour}")
    hour = hour % 12 + (12 if found[7] == "P" else 0)
    month = _MONTHS.index(found[1]) + 1
    return datetime(int(found[3]), month, int(found[2]), hour, int(found[5]), int(found[6]), tzinfo=UTC)


def decode(raw: bytes, kind: type[_T]) -> _T:
    """JSON as `kind`; no text in it carries NUL or a lone surrogate. Raises ParseError."""
    try:
        if _NUL_ESCAPE not in raw:
            return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise ParseError(clean(str(error))) from error
    except (ValueError, RecursionError):
        pass  # perhaps only a lone surrogate or a byte that is not UTF-8: the patient way tells
    return _decode_patiently(raw, kind)


def _decode_patiently(raw: bytes, kind: type[_T]) -> _T:
    """Python's own decoder lets through what msgspec refuses for its characters alone."""
    try:
        return msgspec.json.decode(msgspec.json.encode(_cleaned(json.loads(raw.decode("utf-8", "replace")))), type=kind)
    except RecursionError as error:
        raise ParseError("nested too deeply") from error
    except (ValueError, OverflowError) as error:
        raise ParseError(clean(str(error))) from error


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


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


_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]', re.DOTALL)  # a string, or a bracket or comma outside of one


def values_of(document: bytes, key: str = "") -> Iterator[tuple[int, int]]:
    """Start and end of each value of a list: the one under `key` of the document's object or, without a key, the
    document itself. A value that never ends is left out."""
    inside, wanted = (2, f'"{key}"'.encode()) if key else (1, b"")
    level, start, text = 0, -1, b""
    for token in _TOKEN.finditer(document):
        mark = token.group()
        if mark in (b"{", b"["):
            level += 1
            if level == inside and mark == b"[" and text == wanted:
                start = token.end()
        elif mark in (b"}", b"]"):
            level -= 1
            if level < inside and start >= 0:
                yield from _filled(document, start, token.start())
                return
        elif mark != b",":
            text = mark if level < inside else text
        elif level == inside and start >= 0:
            yield from _filled(document, start, token.start())
            start = token.end()


def _filled(document: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Without the white space around it; nothing where there is nothing else."""
    value = document[start:end].lstrip()
    if value:
        yield end - len(value), end - len(value) + len(value.rstrip())
