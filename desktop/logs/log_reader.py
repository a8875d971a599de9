"""Follows a log that another thread writes, rotates, truncates or deletes, with limits on what is read at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.logs.log_lines import LogLine, LogLineParser

MAX_BYTES = 2 * 2**20
MAX_LINES = 20_000
"""Limits for the first reading."""
NEW_BYTES = 512 * 1024
NEW_LINES = 2000
"""Limits for a later reading: half from the beginning of the new lines, half from their end."""
_OLDER_PARTS = 3
_CONTEXT_BYTES = 64
_PARTIAL_BYTES = 64 * 1024


@dataclass(frozen=True)
class NewLines:
    """What was written since the last reading; `skipped` bytes between `lines` and `later` were not read."""

    lines: tuple[LogLine, ...] = ()
    skipped: int = 0
    later: tuple[LogLine, ...] = ()


@dataclass(frozen=True)
class _Position:
    """How far a file was read. The file is recognised by its inode and by the bytes before the position."""

    inode: int = 0
    offset: int = 0
    context: bytes = b""


@dataclass(frozen=True)
class _Span:
    """Bytes of a file, from `start` to before `end`."""

    path: Path
    start: int
    end: int


def end_of_log(path: Path, most: int) -> bytes:
    """Return at most the last `most` bytes of a log and its older parts, from the beginning of a line.

    Raises:
        OSError: A part cannot be read.
    """
    spans = _full_spans(_parts_of(path))
    total = _length(spans)
    data = _read_spans(spans, total - most, total)
    return _from_line_start(data, total > most)


class LogTail:
    """Used by one thread at a time. A file is open only while it is read, so that Windows can rotate it.

    Args:
        path: The path of `<name>.log`; older parts are `<name>.log.1` and so on.
    """

    def __init__(self, path: Path) -> None:
        self._parts = _parts_of(path)
        self._position: _Position | None = None
        self._partial = b""
        self._parser = LogLineParser()

    def read(self) -> NewLines:
        """Return the end of the log at the first call, later what was appended.

        Raises:
            OSError: The log cannot be read.
        """
        first, spans = self._position is None, self._spans()
        self._position = _position_at(next((span for span in spans if span.path == self._parts[0]), None))
        return self._last_lines(spans) if first else self._new_lines(spans)

    def _last_lines(self, spans: Sequence[_Span]) -> NewLines:
        total = _length(spans)
        data = _read_spans(spans, total - MAX_BYTES, total)
        lines = self._lines(_from_line_start(data, total > MAX_BYTES))
        return NewLines(tuple(self._parser.parse(lines[-MAX_LINES:])))

    def _new_lines(self, spans: Sequence[_Span]) -> NewLines:
        total, half = _length(spans), NEW_LINES // 2
        if total > NEW_BYTES:
            head = self._lines(_read_spans(spans, 0, NEW_BYTES // 2))
            self._partial = b""
            tail = self._lines(_read_spans(spans, total - NEW_BYTES // 2, total).partition(b"\n")[2])
        else:
            head, tail = self._lines(_read_spans(spans, 0, total)), []
            if len(head) > NEW_LINES:
                head, tail = head[:half], head[half:]
        if not tail:
            return NewLines(tuple(self._parser.parse(head)))
        head, tail = head[:half], tail[-half:]
        skipped = max(0, total - _size_in_bytes(head) - _size_in_bytes(tail) - len(self._partial))
        return NewLines(tuple(self._parser.parse(head)), skipped, tuple(self._parser.parse(tail)))

    def _spans(self) -> list[_Span]:
        """Return what was not read yet, oldest first."""
        position = self._position
        if position is None:
            return _full_spans(self._parts)
        index = next((number for number, part in enumerate(self._parts) if _is_at(part, position)), None)
        if index is None:  # truncated, deleted, or rotated too often: everything there is new
            self._partial = b""
            return _full_spans(self._parts[:1])
        spans = _full_spans(self._parts[: index + 1])
        return [replace(span, start=position.offset) if span.path == self._parts[index] else span for span in spans]

    def _lines(self, data: bytes) -> list[bytes]:
        """Return complete lines; a partial line waits for its end, unless it is too long."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > _PARTIAL_BYTES:
            lines.append(self._partial)
            self._partial = b""
        return lines


def _parts_of(path: Path) -> list[Path]:
    """Return the log and its older parts, newest first."""
    return [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, _OLDER_PARTS + 1))]


def _full_spans(parts: Sequence[Path]) -> list[_Span]:
    """Return a span for each part that exists, oldest first."""
    sizes = ((part, _size_of(part)) for part in reversed(parts))
    return [_Span(part, 0, size) for part, size in sizes if size is not None]


def _size_of(part: Path) -> int | None:
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return None


def _is_at(part: Path, position: _Position) -> bool:
    try:
        with part.open("rb") as file:
            if os.fstat(file.fileno()).st_ino != position.inode:
                return False
            file.seek(position.offset - len(position.context))
            return file.read(len(position.context)) == position.context
    except FileNotFoundError:
        return False


def _position_at(span: _Span | None) -> _Position:
    """Return the position at the end of the span."""
    if span is None:
        return _Position()
    try:
        with span.path.open("rb") as file:
            file.seek(max(0, span.end - _CONTEXT_BYTES))
            return _Position(os.fstat(file.fileno()).st_ino, span.end, file.read(min(_CONTEXT_BYTES, span.end)))
    except FileNotFoundError:
        return _Position()


def _read_spans(spans: Sequence[_Span], first: int, last: int) -> bytes:
    """Return the bytes from `first` to before `last` of all spans together."""
    pieces, begins = [], 0
    for span in spans:
        start, end = span.start + max(0, first - begins), min(span.end, span.start + last - begins)
        if start < end:
            pieces.append(_read_file(span.path, start, end))
        begins += span.end - span.start
    return b"".join(pieces)


def _read_file(path: Path, start: int, end: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)
    except FileNotFoundError:
        return b""


def _from_line_start(data: bytes, cut: bool) -> bytes:
    return data.partition(b"\n")[2] if cut else data


def _length(spans: Sequence[_Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _size_in_bytes(lines: Sequence[bytes]) -> int:
    return sum(len(line) + 1 for line in lines)
