"""Lines of a service's log for display: without control characters, each with the level of its entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

MAX_CHARACTERS = 4000
"""Limit for a displayed line; lines of tracebacks are far shorter."""

# The format of backend.log; lines of the supervisor have no level.
_ENTRY = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S* +(?:(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)?")
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TRACEBACK = "Traceback (most recent call last)"


class Level(IntEnum):
    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line; `begins`: it is the first of an entry. The lines that follow, such as a traceback, have its level."""

    text: str
    level: Level
    begins: bool = True


class LogLineParser:
    """Parses lines in the order in which they were written."""

    def __init__(self) -> None:
        self._level = Level.INFO

    def parse(self, lines: Iterable[bytes]) -> list[LogLine]:
        return [self._parse(_printable(line)) for line in lines]

    def _parse(self, text: str) -> LogLine:
        if entry := _ENTRY.match(text):
            self._level = _level_of(entry["level"])
        elif self._level < Level.ERROR and text.startswith(_TRACEBACK):  # written to standard error without a log entry
            self._level = Level.ERROR
        else:
            return LogLine(text, self._level, begins=False)
        return LogLine(text, self._level)


def _level_of(word: str | None) -> Level:
    return Level.ERROR if word == "CRITICAL" else Level[word] if word else Level.INFO


def _printable(line: bytes) -> str:
    text = line.decode("utf-8", "replace").rstrip("\r")
    text = text.rpartition("\r")[2]  # a terminal shows what follows the last carriage return
    text = _INVISIBLE.sub("", _TERMINAL.sub("", text))
    return text[:MAX_CHARACTERS] + "…" if len(text) > MAX_CHARACTERS else text
