"""A service's log file with rotation: its size is bounded, whatever the service writes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

MAX_LINE = 16 * 1024
_CUT_MARK = " … (cut off)".encode()


class LogFile:
    """Written by one thread. Older parts are `<name>.log.1`, `.2` …; together at most (keep + 1) * max_bytes.

    On a full disk lines are lost, but writing never fails.
    """

    def __init__(self, path: Path, *, max_bytes: int = 5 * 2**20, keep: int = 3) -> None:
        self._path, self._max_bytes, self._keep = path, max_bytes, keep
        self._file: BinaryIO | None = None
        self._size = 0

    def write(self, lines: bytes) -> None:
        """Append complete lines."""
        try:
            if self._file is None:
                self._file = self._open()
            if self._size + len(lines) > self._max_bytes and self._size:
                self._file = self._rotate(self._file)
            self._file.write(lines)
            self._size += len(lines)
        except OSError:
            self.close()

    def flush(self) -> None:
        if self._file is not None:
            try:
                self._file.flush()
            except OSError:
                self.close()

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("ab")
        self._size = file.tell()
        return file

    def _rotate(self, file: BinaryIO) -> BinaryIO:
        file.close()
        try:
            for number in range(self._keep, 0, -1):
                source = self._part(number - 1)
                if source.exists():
                    source.replace(self._part(number))
        except OSError:  # Windows cannot rename a file that is open: truncate it, to stay within the bound
            self._path.write_bytes(b"")
        return self._open()

    def _part(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


class LineCutter:
    """Splits chunks into complete lines; a line longer than `MAX_LINE` bytes is cut off and marked."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def cut(self, chunk: bytes) -> bytes:
        pieces = (self._rest + chunk).split(b"\n")
        if self._skipping:
            if len(pieces) == 1:
                return b""
            del pieces[0]
        *lines, self._rest = pieces
        self._skipping = len(self._rest) > MAX_LINE
        if self._skipping:
            lines.append(self._rest)
            self._rest = b""
        if max(map(len, lines), default=0) > MAX_LINE:
            lines = [line if len(line) <= MAX_LINE else line[:MAX_LINE] + _CUT_MARK for line in lines]
        return b"\n".join([*lines, b""])

    def last(self) -> bytes:
        return self._rest + b"\n" if self._rest else b""
