"""Times, durations, numbers and sizes in words, by the user's locale; and text of strangers made harmless.

The windows' words in the user's language. So far there is English, which needs its plurals.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import escape
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTranslator

from desktop.host.resources import resource

translate = QCoreApplication.translate

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STALE_DAYS = 30
_WEEK = 7
_LINKS = ("http", "https")
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # all but tab and line feed
_DIRECTING = r"\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_HALF = r"\ud800-\udfff"
_UNSEEN = re.compile(f"[{_CONTROL}{_DIRECTING}{_HALF}]")


def number(value: float, decimals: int = 0) -> str:
    """With the locale's group separators."""
    return QLocale().toString(float(value), "f", decimals) if decimals else QLocale().toString(int(value))


def size(count: float) -> str:
    """Bytes; in thousands, as the API says them."""
    return QLocale().formattedDataSize(int(count), 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def percent(share: float, decimals: int = 0) -> str:
    """share: 0-1."""
    return translate("words", "{0} %").format(number(share * 100, decimals) if decimals else number(round(share * 100)))


def duration(seconds: float) -> str:
    """The two largest units: "1 h 12 min", "45 s", "3 d 4 h"."""
    whole = max(0, round(seconds))
    days, hours = whole // _DAY, whole % _DAY // _HOUR
    minutes, rest = whole % _HOUR // _MINUTE, whole % _MINUTE
    if days:
        return translate("words", "{0} d {1} h").format(number(days), hours)
    if hours:
        return translate("words", "{0} h {1} min").format(hours, minutes)
    if minutes >= 10 or (minutes and not rest):
        return translate("words", "{0} min").format(minutes)
    if minutes:
        return translate("words", "{0} min {1} s").format(minutes, rest)
    return translate("words", "{0} s").format(rest)


def ago(moment: datetime, now: datetime) -> str:
    """ "just now", "12 min ago", "3 d ago"; what is older than a month by its date; what lies ahead as "in 5 min"."""
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return until(moment, now)
    if seconds < _MINUTE:
        return translate("words", "just now")
    if seconds >= _STALE_DAYS * _DAY:
        return day(moment)
    return translate("words", "{0} ago").format(_coarse(seconds))


def until(moment: datetime, now: datetime) -> str:
    """ "in 1 h 12 min"; "now" when it is due."""
    seconds = (moment - now).total_seconds()
    if seconds < 1:
        return translate("words", "now")
    return translate("words", "in {0}").format(duration(seconds))


def absolute(moment: datetime) -> str:
    """In the user's own zone, for tooltips."""
    return QLocale().toString(_local(moment), QLocale.FormatType.LongFormat)


def day(moment: datetime) -> str:
    return QLocale().toString(_local(moment).date(), QLocale.FormatType.ShortFormat)


def calendar_day(one: date) -> str:
    """A day that is the same in every zone."""
    return QLocale().toString(QDate(one.year, one.month, one.day), QLocale.FormatType.ShortFormat)


def day_and_time(moment: datetime, now: datetime) -> str:
    """ "today, 08:10", "yesterday, 17:20", "Tuesday, 17:20"; what is older than six days by its date."""
    local = _local(moment)
    past = local.date().daysTo(_local(now).date())
    near = {0: translate("words", "today"), 1: translate("words", "yesterday")}
    within = QLocale().dayName(local.date().dayOfWeek()) if 1 < past < _WEEK else day(moment)
    return translate("words", "{0}, {1}").format(near.get(past, within), clock_time(moment))


def weekday(moment: datetime) -> str:
    """In short, in the user's own zone."""
    return QLocale().standaloneDayName(_local(moment).date().dayOfWeek(), QLocale.FormatType.ShortFormat)


def clock_time(moment: datetime) -> str:
    return QLocale().toString(_local(moment).time(), QLocale.FormatType.ShortFormat)


def plain(text: str, limit: int = 20_000) -> str:
    """Text of strangers for people: no control characters, nothing that turns the direction of what follows; at most
    `limit` characters, and an ellipsis where more was cut off.
    """
    kept = _UNSEEN.sub("", text[: limit + 1])
    return kept[:limit] + "…" if len(text) > limit else kept


def one_line(text: str, limit: int = 300) -> str:
    return " ".join(plain(text, limit).split())


def tip(text: str) -> str:
    """Text of strangers for a tooltip, which Qt would take for HTML where it looks like some: with its pictures, which
    may lie on another machine.
    """
    return f"<qt>{escape(text)}</qt>" if "<" in text else text


def safe_link(url: str) -> str:
    """The address where it may be opened (http and https with a host), else empty."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme.lower() in _LINKS and parts.hostname else ""


def now() -> datetime:
    return datetime.now(UTC)


def _coarse(seconds: float) -> str:
    if seconds >= _DAY:
        return translate("words", "{0} d").format(int(seconds // _DAY))
    if seconds >= _HOUR:
        return translate("words", "{0} h").format(int(seconds // _HOUR))
    return translate("words", "{0} min").format(int(seconds // _MINUTE))


def _local(moment: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(moment.timestamp() * 1000))


_INTERNATIONAL = QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
_CATALOGUE, _OTHERWISE = "openthreat", "openthreat_en"


def install_translation(application: QCoreApplication) -> None:
    """The catalogue of the system's language, else English.

    A system that names no language writes numbers without separators: it gets English ones.
    """
    if QLocale().language() is QLocale.Language.C:
        QLocale.setDefault(_INTERNATIONAL)
    folder = str(resource("translations"))
    translator = QTranslator(application)
    if translator.load(QLocale(), _CATALOGUE, "_", folder) or translator.load(_OTHERWISE, folder):
        application.installTranslator(translator)
