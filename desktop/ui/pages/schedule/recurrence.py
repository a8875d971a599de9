"""Recurrences that can be chosen without knowing cron: to cron expressions, from them, and in words.

Only steps that divide the hour or the day evenly are offered: cron starts again each hour and each day, so other
steps would be irregular.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from desktop.ui.formatting import time_of_day, translate, weekday_name

MINUTE_STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
HOUR_STEPS = (1, 2, 3, 4, 6, 8, 12)
_EVERY_MINUTES = re.compile(r"\*(?:/(\d+))? \* \* \* \*")
_EVERY_HOURS = re.compile(r"(\d+) \*(?:/(\d+))? \* \* \*")
_AT = re.compile(r"(\d+) (\d+) \* \* (\*|[0-7](?:[,-][0-7])*)")
_WEEK = 7


@dataclass(frozen=True)
class EveryMinutes:
    step: int

    @property
    def line(self) -> str:
        return f"*/{self.step} * * * *" if self.step > 1 else "* * * * *"


@dataclass(frozen=True)
class EveryHours:
    """minute: past the hour."""

    step: int
    minute: int = 0

    @property
    def line(self) -> str:
        return f"{self.minute} */{self.step} * * *" if self.step > 1 else f"{self.minute} * * * *"


@dataclass(frozen=True)
class Daily:
    at: time

    @property
    def line(self) -> str:
        return f"{self.at.minute} {self.at.hour} * * *"


@dataclass(frozen=True)
class Weekly:
    """days: 1 (Monday) to 7, in this order."""

    days: tuple[int, ...]
    at: time

    @property
    def line(self) -> str:
        days = ",".join(str(day % _WEEK) for day in self.days)  # cron's Sunday is 0
        return f"{self.at.minute} {self.at.hour} * * {days}"


@dataclass(frozen=True)
class CronLine:
    line: str


Recurrence = EveryMinutes | EveryHours | Daily | Weekly | CronLine


def recurrence_of(line: str) -> Recurrence:
    """Return the recurrence of a cron expression; a CronLine if no other kind can express it."""
    if (found := _EVERY_MINUTES.fullmatch(line)) and (step := int(found[1] or 1)) in MINUTE_STEPS:
        return EveryMinutes(step)
    if (found := _EVERY_HOURS.fullmatch(line)) and (step := int(found[2] or 1)) in HOUR_STEPS and int(found[1]) < 60:
        return EveryHours(step, int(found[1]))
    if (found := _AT.fullmatch(line)) and int(found[1]) < 60 and int(found[2]) < 24:
        at = time(int(found[2]), int(found[1]))
        if found[3] == "*":
            return Daily(at)
        if days := _days(found[3]):
            return Weekly(days, at)
    return CronLine(line)


def words_of(recurrence: Recurrence, fallback: str) -> str:
    """Describe a recurrence. fallback: the API's description of what only cron can express."""
    match recurrence:
        case EveryMinutes(1):
            return translate("schedule", "Every minute")
        case EveryMinutes(step):
            return translate("schedule", "Every {0} minutes").format(step)
        case EveryHours(step, minute):
            return _every_hours(step, minute)
        case Daily(at):
            return translate("schedule", "Every day at {0}").format(time_of_day(at))
        case Weekly(days, at):
            return translate("schedule", "{0} at {1}").format(_day_words(days), time_of_day(at))
        case CronLine():
            return fallback


def _every_hours(step: int, minute: int) -> str:
    often = translate("schedule", "Every {0} hours").format(step) if step > 1 else translate("schedule", "Every hour")
    if minute == 0:
        return translate("schedule", "{0}, on the hour").format(often)
    return translate("schedule", "{0}, {1} min past the hour").format(often, minute)


def _day_words(days: tuple[int, ...]) -> str:
    if len(days) == 1:
        return translate("schedule", "Every {0}").format(weekday_name(days[0]))
    names = [weekday_name(day, short=True) for day in days]
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return translate("schedule", "{0} to {1}").format(names[0], names[-1])
    return ", ".join(names)


def _days(text: str) -> tuple[int, ...]:
    """Return the days of a cron field, 1 (Monday) to 7; empty for a reversed range such as 5-1."""
    days: set[int] = set()
    for part in text.split(","):
        first, *rest = (int(digit) for digit in part.split("-"))
        last = rest[-1] if rest else first
        if len(rest) > 1 or last < first:
            return ()
        days.update(day or _WEEK for day in range(first, last + 1))
    return tuple(sorted(days))
