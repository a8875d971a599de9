"""The lines of one log that the page has: no more than can be shown, and what they say in sum."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from desktop.logs.log_lines import Level, LogLine
from desktop.logs.log_reader import MAX_LINES, News
from desktop.ui.formatting import size, translate


class LogLines:
    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=MAX_LINES)

    def __len__(self) -> int:
        return len(self._lines)

    def clear(self) -> None:
        self._lines.clear()

    def add(self, news: News) -> Sequence[LogLine]:
        """Gives what is to be shown of it: where something was left out, a line says so."""
        fresh = [*news.lines, *(_gap(news.left_out) if news.left_out else ()), *news.later]
        self._lines.extend(fresh)
        return fresh

    def from_level(self, level: Level) -> Sequence[LogLine]:
        return [line for line in self._lines if line.level >= level]

    def entries(self, level: Level) -> int:
        """How many begin at this level."""
        return sum(line.begins and line.level is level for line in self._lines)


def at_least(lines: Iterable[LogLine], level: Level) -> Sequence[LogLine]:
    return [line for line in lines if line.level >= level]


def _gap(left_out: int) -> tuple[LogLine]:
    """Seen at every level."""
    words = translate("logs", "… {0} came faster than anybody reads, and are left out here …").format(size(left_out))
    return (LogLine(words, Level.ERROR, begins=False),)
