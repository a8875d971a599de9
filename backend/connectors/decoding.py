"""Decoding of text, dates and JSON from services, independent of the machine's locale.

All text is made storable. A record in which something has an unexpected type is read without that part, however deep it
is, and the values of a JSON list are found without decoding them, so that a broken record affects only itself.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from backend.connectors.connector import ParseError

_T = TypeVar("_T")

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL stores no NUL, UTF-8 encodes no lone surrogate
_NUL_ESCAPE = b"\\u0000"
_EUVD_DATE = re.compile(r"(\w{3}) (\d{1,2}), (\d{4}), (\d{1,2}):(\d{2}):(\d{2})\s([AP])M")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST_YEAR, _LAST_YEAR = 1980, 2200


def clean(text: str) -> str:
    """Replace every NUL and lone surrogate by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def as_utf8(body: bytes) -> bytes:
    """The text of a document in UTF-8 without a byte order mark, which may also name UTF-16."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace").encode("utf-8", "replace")
    return body.removeprefix(codecs.BOM_UTF8)


def parse_instant(text: str) -> datetime:
    """Parse an instant in ISO 8601 or in EUVD's form "Apr 15, 2025, 10:30:58 AM".

    Returns:
        The time in UTC, which is also assumed without a zone; fractions beyond microseconds are dropped.

    Raises:
        ValueError: another form, or an implausible year (outside 1980-2200).
    """
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _euvd_instant(text)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"implausible year: {moment.year}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def instant_or_none(text: str) -> datetime | None:
    """Parse an instant as `parse_instant` does; None for text that is not one."""
    try:
        return parse_instant(text)
    except ValueError:
        return None


def instant_of(field: str, text: str, mended: list[str]) -> datetime | None:
    """Parse the instant of a field; None if it is empty or, with a message added to `mended`, not an instant."""
    try:
        return parse_instant(text) if text else None
    except ValueError as error:
        mended.append(f"{field}: {error}")
        return None


def _euvd_instant(text: str) -> datetime:
    found = _EUVD_DATE.fullmatch(text)
    if not found or found[1] not in _MONTHS:
        raise ValueError(f"not a date: {clean(text)[:60]!r}")
    hour = int(found[4])
    if not 1 <= hour <= 12:
        raise ValueError(f"not an hour from 1 to 12: {hour}")
    hour = hour % 12 + (12 if found[7] == "P" else 0)
    month = _MONTHS.index(found[1]) + 1
    return datetime(int(found[3]), month, int(found[2]), hour, int(found[5]), int(found[6]), tzinfo=UTC)


def decode(raw: bytes, kind: type[_T]) -> _T:
    """Decode JSON as `kind`; no text in the result contains NUL or a lone surrogate.

    What follows a complete value is ignored: some proxies append a comment of their own.

    Raises:
        ParseError: it is not JSON, or not of this type.
    """
    try:
        if _NUL_ESCAPE not in raw:
            return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise ParseError(clean(str(error))) from error
    except (ValueError, RecursionError):
        pass  # possibly only a lone surrogate, a byte that is not UTF-8, or something after the value
    return _decode_cleaned(raw, kind)


def _decode_cleaned(raw: bytes, kind: type[_T]) -> _T:
    """Decode with the json module, which accepts characters that msgspec rejects, and clean all text."""
    text = as_utf8(raw).decode("utf-8", "replace").lstrip()
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
        return msgspec.json.decode(msgspec.json.encode(_cleaned(value)), type=kind)
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


class Inseparable(msgspec.Struct):
    """Base of objects whose fields have their meaning together only: with one of them odd, the object is left out.

    A range of versions without its end, for example, would say that all later versions are affected.
    """


def decode_or_mend(raw: bytes, kind: type[_Record]) -> tuple[_Record, list[str]]:
    """Decode a valid record directly and any other by `decode_leniently`."""
    try:
        return decode(raw, kind), []
    except ParseError:
        return decode_leniently(raw, kind)


def decode_leniently(raw: bytes, kind: type[_Record], within: str = "") -> tuple[_Record, list[str]]:
    """Decode a JSON object without the parts that have an unexpected type: single fields, down to items of lists.

    Args:
        within: the key of the object to decode; "": the document itself.

    Returns:
        The record, and a message for each part that was left out.

    Raises:
        ParseError: it is not a JSON object, or a required field is missing or was left out.
    """
    value: object = decode(raw, dict[str, object])
    if within and isinstance(value, dict):
        value = value.get(within)
    if not isinstance(value, dict):
        raise ParseError(f"no object{f' under {within}' if within else ''}")
    left_out: list[str] = []
    try:
        return msgspec.convert(_usable(value, kind, "", left_out), kind), left_out
    except msgspec.ValidationError as error:
        raise ParseError("; ".join([str(error), *left_out])) from error


def _usable(value: object, kind: object, place: str, left_out: list[str]) -> object:
    """The part of a decoded value that can be read as `kind`.

    Raises:
        msgspec.ValidationError: no part of it can.
    """
    if kind is msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(value))
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        failure = error
    else:
        return value
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    for option in options:
        if isinstance(option, type) and issubclass(option, msgspec.Struct) and isinstance(value, dict):
            return _usable_fields(value, option, place, left_out)
        if get_origin(option) in (list, tuple) and isinstance(value, list):
            return _usable_items(value, get_args(option)[0], place, left_out)
    raise failure


def _usable_fields(
    value: dict[str, object], kind: type[msgspec.Struct], place: str, left_out: list[str]
) -> dict[str, object]:
    if issubclass(kind, Inseparable):
        msgspec.convert(value, kind)
    usable: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name in value:
            inner = f"{place}.{name}".lstrip(".")
            try:
                usable[name] = _usable(value[name], field.type, inner, left_out)
            except msgspec.ValidationError as error:
                left_out.append(f"{inner}: {_reason(error)}")
    msgspec.convert(usable, kind)  # a required field may be missing
    return usable


def _usable_items(value: list[object], kind: object, place: str, left_out: list[str]) -> list[object]:
    items = []
    for number, item in enumerate(value):
        inner = f"{place}[{number}]"
        try:
            items.append(_usable(item, kind, inner, left_out))
        except msgspec.ValidationError as error:
            left_out.append(f"{inner}: {_reason(error)}")
    return items


def _reason(error: msgspec.ValidationError) -> str:
    return clean(str(error).partition(" - at ")[0])


_TOKEN = re.compile(
    rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],]', re.DOTALL
)  # a string, or a bracket or comma outside strings


def values_of(document: bytes, key: str = "") -> Iterator[tuple[int, int]]:
    """Find the values of a JSON list without decoding them.

    Args:
        key: of the list in the document's object; "": the document is the list.

    Returns:
        Start and end of each value. A value without an end is left out.
    """
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
    """The range without surrounding white space; nothing if it is empty."""
    value = document[start:end].lstrip()
    if value:
        yield end - len(value), end - len(value) + len(value.rstrip())
