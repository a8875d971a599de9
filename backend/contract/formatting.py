"""Numbers, times and text as a person reads them.

Texts put together.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_SECONDS_MATTER = timedelta(minutes=10)
_NOW = timedelta(seconds=5)
_LONG_AGO = timedelta(days=60)


def clean(text: str) -> str:
    """Text of feeds without what a terminal would obey: escapes, carriage returns, marks that turn lines around."""
    return "".join(
        " " if letter in "\n\r\t" else "" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter
        for letter in text
    )


def number(value: int) -> str:
    """1234567 -> "1,234,567"."""
    return f"{value:,}"


def size(value: int) -> str:
    """Bytes in the unit that reads best."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= step:
            return f"{value / step:,.1f} {unit}"
    return f"{value} bytes"


def duration(length: timedelta) -> str:
    """The two largest units: "2 h 5 min", "45 s", "12 min"."""
    seconds = max(0, round(length.total_seconds()))
    if length >= _SECONDS_MATTER:
        seconds -= seconds % 60
    parts = []
    for unit, name in _UNITS:
        count, seconds = divmod(seconds, unit)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def when(moment: datetime | None, now: datetime) -> str:
    """ "12 min ago", "in 1 h 5 min", "just now", "never"; the day itself where it is long ago."""
    if moment is None:
        return "never"
    if now - moment > _LONG_AGO:
        return f"{moment:%Y-%m-%d}"
    if abs(now - moment) < _NOW:
        return "just now"
    return f"in {duration(moment - now)}" if moment > now else f"{duration(now - moment)} ago"


def plural(count: int, thing: str) -> str:
    return f"{number(count)} {thing}" + ("" if count == 1 else "s")


def sentences(*parts: str) -> str:
    """In one line, each with a full stop; empty ones are left out."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
