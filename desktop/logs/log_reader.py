"""Follows a log that another thread writes, rotates, empties or deletes; reads no more of it than people can."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.logs.log_lines import LineJudge, LogLine

MAX_BYTES = 2 * 2**20
MAX_LINES = 20_000
"""Kept of a log that is shown."""
NEWS_BYTES = 512 * 1024
NEWS_LINES = 2000
"""Taken of what was written between two looks: half from its beginning, half from its end."""
_OLDER_PARTS = 3
_MARK_BYTES = 64
_REST_BYTES = 64 * 1024


@dataclass(frozen=True)
class NewLines:
    """What was written since the last look. left_out: bytes between `lines` and `later` that nobody could read."""

    lines: tuple[LogLine, ...] = ()
    left_out: int = 0
    later: tuple[LogLine, ...] = ()


@dataclass(frozen=True)
class _Place:
    """How far a file was read. It is known again by its inode and by what stands before the place."""

    inode: int = 0
    offset: int = 0
    mark: bytes = b""


@dataclass(frozen=True)
class _Span:
    """Bytes of a file, from `start` to before `end`."""

    path: Path
    start: int
    end: int


def end_of_log(path: Path, most: int) -> bytes:
    """The last bytes of a log with its older parts, from the beginning of a line. Raises OSError."""
    spans = _whole(_parts_of(path))
    total = _length(spans)
    data = _taken(spans, total - most, total)
    return _from_a_line(data, total > most)


class LogTail:
    """Used by one thread at a time. A file is open only while it is read: on Windows nobody could rotate it else.

    path: of `<name>.log`; older parts are `<name>.log.1` and so on.
    """

    def __init__(self, path: Path) -> None:
        self._parts = _parts_of(path)
        self._place: _Place | None = None
        self._rest = b""
        self._judge = LineJudge()

    def read(self) -> NewLines:
        """At the first time the end of what there is, later what has come. Raises OSError where it may not be read."""
        first, spans = self._place is None, self._spans()
        self._place = _place_at(next((span for span in spans if span.path == self._parts[0]), None))
        return self._end(spans) if first else self._news(spans)

    def _end(self, spans: Sequence[_Span]) -> NewLines:
        total = _length(spans)
        data = _taken(spans, total - MAX_BYTES, total)
        lines = self._lines(_from_a_line(data, total > MAX_BYTES))
        return NewLines(tuple(self._judge.judged(lines[-MAX_LINES:])))

    def _news(self, spans: Sequence[_Span]) -> NewLines:
        total, half = _length(spans), NEWS_LINES // 2
        if total > NEWS_BYTES:
            head = self._lines(_taken(spans, 0, NEWS_BYTES // 2))
            self._rest = b""
            tail = self._lines(_taken(spans, total - NEWS_BYTES // 2, total).partition(b"\n")[2])
        else:
            head, tail = self._lines(_taken(spans, 0, total)), []
            if len(head) > NEWS_LINES:
                head, tail = head[:half], head[half:]
        if not tail:
            return NewLines(tuple(self._judge.judged(head)))
        head, tail = head[:half], tail[-half:]
        left_out = max(0, total - _size(head) - _size(tail) - len(self._rest))
        return NewLines(tuple(self._judge.judged(head)), left_out, tuple(self._judge.judged(tail)))

    def _spans(self) -> list[_Span]:
        """What is new, oldest first."""
        place = self._place
        if place is None:
            return _whole(self._parts)
        known = next((number for number, part in enumerate(self._parts) if _is_at(part, place)), None)
        if known is None:  # emptied, deleted, or rotated out of sight: whatever is there now is new
            self._rest = b""
            return _whole(self._parts[:1])
        spans = _whole(self._parts[: known + 1])
        return [replace(span, start=place.offset) if span.path == self._parts[known] else span for span in spans]

    def _lines(self, data: bytes) -> list[bytes]:
        """Whole ones; the beginning of one waits for its end, unless it is endless."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _REST_BYTES:
            lines.append(self._rest)
            self._rest = b""
        return lines


def _parts_of(path: Path) -> list[Path]:
    """The newest first."""
    return [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, _OLDER_PARTS + 1))]


def _whole(parts: Sequence[Path]) -> list[_Span]:
    """Of those that exist, the oldest first."""
    sizes = ((part, _size_of(part)) for part in reversed(parts))
    return [_Span(part, 0, size) for part, size in sizes if size is not None]


def _size_of(part: Path) -> int | None:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return None


def _is_at(part: Path, place: _Place) -> bool:
    try:
        with part.open("rb") as file:
            if os.fstat(file.fileno()).st_ino != place.inode:
                return False
            file.seek(place.offset - len(place.mark))
            return file.read(len(place.mark)) == place.mark
    except FileNotFoundError:
        return False


def _place_at(span: _Span | None) -> _Place:
    """The end of the span."""
    if span is None:
        return _Place()
    try:
        with span.path.open("rb") as file:
            file.seek(max(0, span.end - _MARK_BYTES))
            return _Place(os.fstat(file.fileno()).st_ino, span.end, file.read(min(_MARK_BYTES, span.end)))
    except FileNotFoundError:
        return _Place()


def _taken(spans: Sequence[_Span], first: int, last: int) -> bytes:
    """Of all spans together, the bytes from `first` to before `last`."""
    pieces, begins = [], 0
    for span in spans:
        start, end = span.start + max(0, first - begins), min(span.end, span.start + last - begins)
        if start < end:
            pieces.append(_bytes_of(span.path, start, end))
        begins += span.end - span.start
    return b"".join(pieces)


def _bytes_of(path: Path, start: int, end: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)
    except FileNotFoundError:
        return b""


def _from_a_line(data: bytes, cut: bool) -> bytes:
    return data.partition(b"\n")[2] if cut else data


def _length(spans: Sequence[_Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _size(lines: Sequence[bytes]) -> int:
    return sum(len(line) + 1 for line in lines)
