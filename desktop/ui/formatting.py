"""Format times, durations, numbers and sizes for people; clean text from outside.

Dates are ISO in tables, records and sentences; tooltips have the long form of the user's locale, which is that of the
chosen language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from html import escape
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, Qt, QTime

from backend.contract.access import Actor
from backend.contract.formatting import JUST_NOW, LONG_AGO, duration_parts

translate = QCoreApplication.translate

_WEEK = 7
_NAME = 80
_LINKS = ("http", "https")
_ADDRESS = re.compile(r"https?://[^\s<>\"'“”;]+", re.IGNORECASE)
_TRAILING = ".,:!?"
"""What ends a sentence and no address."""
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # all but tab and line feed
_DIRECTION = r"\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_SURROGATES = r"\ud800-\udfff"
_INVISIBLE = re.compile(f"[{_CONTROL}{_DIRECTION}{_SURROGATES}]")


def number(value: float, decimals: int = 0) -> str:
    """Format a number with the locale's separators."""
    return QLocale().toString(float(value), "f", decimals) if decimals else QLocale().toString(int(value))


def size(count: float) -> str:
    """Format a number of bytes in powers of 1000, as the API does."""
    return QLocale().formattedDataSize(int(count), 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def percent(share: float, decimals: int = 0) -> str:
    """Format a share from 0 to 1."""
    return translate("words", "{0} %").format(number(share * 100, decimals) if decimals else number(round(share * 100)))


def duration(seconds: float) -> str:
    """Give the two largest units: "1 h 12 min", "45 s", "3 d 4 h"."""
    return _joined(duration_parts(seconds))


def ago(moment: datetime, now: datetime) -> str:
    """Give "just now", "12 min ago", "3 d ago", the date after 30 days, or "in 5 min" for the future."""
    past = now - moment
    if past < timedelta(0):
        return until(moment, now)
    if past < JUST_NOW:
        return translate("words", "just now")
    if past > LONG_AGO:
        return day(moment)
    return translate("words", "{0} ago").format(_joined(duration_parts(past.total_seconds(), most=1)))


def happened(moment: datetime, now: datetime) -> str:
    """Give the time since something happened; "just now" where a clock that was set back puts it in the future."""
    return ago(min(moment, now), now)


def until(moment: datetime, now: datetime) -> str:
    """Give "in 1 h 12 min", or "now" when the moment has come."""
    seconds = (moment - now).total_seconds()
    if seconds < 1:
        return translate("words", "now")
    return translate("words", "in {0}").format(duration(seconds))


def absolute(moment: datetime) -> str:
    """Give the long form of the user's locale and time zone, for tooltips."""
    return QLocale().toString(_local(moment), QLocale.FormatType.LongFormat)


def day(moment: datetime) -> str:
    """Give the ISO date in the user's time zone: "2026-03-01"."""
    return str(_local(moment).date().toString(Qt.DateFormat.ISODate))


def timestamp(moment: datetime) -> str:
    """Give the ISO date and the time in the user's time zone: "2026-03-01 17:20"."""
    return str(_local(moment).toString("yyyy-MM-dd HH:mm"))


def day_and_time(moment: datetime, now: datetime) -> str:
    """Give "today, 08:10", "yesterday, 17:20", "Tuesday, 17:20", or the date after six days."""
    local = _local(moment)
    past = local.date().daysTo(_local(now).date())
    near = {0: translate("words", "today"), 1: translate("words", "yesterday")}
    within = QLocale().dayName(local.date().dayOfWeek()) if 1 < past < _WEEK else day(moment)
    return translate("words", "{0}, {1}").format(near.get(past, within), clock_time(moment))


def weekday(moment: datetime) -> str:
    """Give the short name of the day of the week in the user's time zone."""
    return weekday_name(_local(moment).date().dayOfWeek(), short=True)


def weekday_name(day: int, *, short: bool = False) -> str:
    """Give the name of a day of the week, 1 (Monday) to 7."""
    return QLocale().standaloneDayName(day, QLocale.FormatType.ShortFormat if short else QLocale.FormatType.LongFormat)


def month_and_year(at: date) -> str:
    return QLocale().toString(QDate(at.year, at.month, at.day), "MMMM yyyy")


def month_initial(month: int) -> str:
    """Give the letter by which a narrow chart names a month, 1 to 12."""
    return QLocale().standaloneMonthName(month, QLocale.FormatType.NarrowFormat)


def clock_time(moment: datetime) -> str:
    local = _local(moment).time()
    return time_of_day(time(local.hour(), local.minute()))


def time_of_day(at: time) -> str:
    """Give "17:20" or "5:20 PM", as the locale has it."""
    return QLocale().toString(QTime(at.hour, at.minute), QLocale.FormatType.ShortFormat)


def time_format() -> str:
    """Return the locale's form of a time of day, for fields in which one is entered."""
    return QLocale().timeFormat(QLocale.FormatType.ShortFormat)


def short_day(at: date) -> str:
    """Give day and month in the locale's order, without the year: "3 Nov", "3. Nov", "Nov 3"."""
    order = QLocale().dateFormat(QLocale.FormatType.ShortFormat).upper()
    form = "MMM d" if order.find("M") < order.find("D") else "d. MMM" if "." in order else "d MMM"
    return QLocale().toString(QDate(at.year, at.month, at.day), form)


def plain(text: str, limit: int = 20_000) -> str:
    """Clean text from outside: no control characters and none that change the direction of what follows.

    Text longer than `limit` characters ends with an ellipsis.
    """
    visible = _INVISIBLE.sub("", text[: limit + 1])
    return visible[:limit] + "…" if len(text) > limit else visible


def one_line(text: str, limit: int = 300) -> str:
    return " ".join(plain(text, limit).split())


def program_words(program: str, version: str) -> str:
    """Give "Mozilla Firefox 115.0"; many programs have their version in their name already."""
    name, installed = one_line(program, _NAME), one_line(version, _NAME)
    return name if not installed or installed in name else f"{name} {installed}"


def actor_words(by: Actor) -> str:
    """Name who changed something: an account on a PC, or a token."""
    user, machine = one_line(by.user), one_line(by.machine)
    return translate("words", "{0} on {1}").format(user, machine) if user and machine else user or machine


def tip(text: str) -> str:
    """Escape text from outside for a tooltip.

    Qt renders a tooltip that looks like HTML, and would load its pictures from other machines.
    """
    return f"<qt>{escape(text)}</qt>" if "<" in text else text


def safe_link(url: str) -> str:
    """Return the address if it may be opened (http or https with a host), else an empty string."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in _LINKS and parts.hostname else ""


def addresses_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield each address in a text that may be opened, with its place."""
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_TRAILING)
        if address.count(")") > address.count("("):
            address = address.rstrip(")")
        if safe_link(address):
            yield found.start(), address


def _joined(parts: list[tuple[int, str]]) -> str:
    words = {
        "d": translate("words", "{0} d"),
        "h": translate("words", "{0} h"),
        "min": translate("words", "{0} min"),
        "s": translate("words", "{0} s"),
    }
    return " ".join(words[unit].format(number(count)) for count, unit in parts)


def _local(moment: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(moment.timestamp() * 1000))
