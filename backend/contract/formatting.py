"""Numbers, times and text for people: what the commands print, and the rules that the windows translate."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

JUST_NOW = timedelta(minutes=1)
"""Up to this age, a moment is shown as "just now"."""
LONG_AGO = timedelta(days=30)
"""From this age on, the date is shown instead of the age."""
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_WITH_SECONDS = 600  # longer durations are shown without seconds


def clean(text: str) -> str:
    """Remove characters that a terminal would interpret: escapes, carriage returns, direction marks."""
    return "".join(
        " " if letter in "\n\r\t" else "" if unicodedata.category(letter) in ("Cc", "Cf", "Cs") else letter
        for letter in text
    )


def number(value: int) -> str:
    """Format with thousands separators: "1,234,567"."""
    return f"{value:,}"


def size(value: int) -> str:
    """Format bytes in the largest unit of which there is at least one: "1.5 MB"."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= step:
            return f"{value / step:,.1f} {unit}"
    return f"{value} bytes"


def duration_parts(seconds: float, most: int = 2) -> list[tuple[int, str]]:
    """Return the `most` largest units that are not zero as (count, "d" | "h" | "min" | "s"); never empty."""
    left = max(0, round(seconds))
    if left >= _WITH_SECONDS:
        left -= left % 60
    parts = []
    for unit, name in _UNITS:
        count, left = divmod(left, unit)
        if count:
            parts.append((count, name))
    return parts[:most] or [(0, "s")]


def duration(length: timedelta) -> str:
    """Give the two largest units: "2 h 5 min", "45 s", "12 min"."""
    return _joined(duration_parts(length.total_seconds()))


def when(moment: datetime | None, now: datetime) -> str:
    """Give "12 min ago", "in 1 h 5 min", "just now", "never", or the date after 30 days."""
    if moment is None:
        return "never"
    past = now - moment
    if past > LONG_AGO:
        return f"{moment:%Y-%m-%d}"
    if past < timedelta(0):
        return f"in {duration(-past)}"
    if past < JUST_NOW:
        return "just now"
    return f"{_joined(duration_parts(past.total_seconds(), most=1))} ago"


def _joined(parts: list[tuple[int, str]]) -> str:
    return " ".join(f"{count} {unit}" for count, unit in parts)


def plural(count: int, thing: str) -> str:
    return f"{number(count)} {thing}" + ("" if count == 1 else "s")


def sentences(*parts: str) -> str:
    """Join sentences to one line, each with a full stop; empty ones are left out."""
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)
