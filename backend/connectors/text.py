"""Text, JSON and dates as services write them, made fit for storing. Nothing here depends on the machine's locale."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from backend.connectors.model import ParseError

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
