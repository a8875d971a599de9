"""A service's log: bounded, whatever the service writes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import BinaryIO

MAX_LINE = 16 * 1024
_CUT = " … (cut off)\n".encode()


class LogFile:
    """Written by one thread. Older parts are `<name>.log.1`, `.2` …; together at most (keep + 1) * max_bytes.

    A disk that is full loses lines, never the service that writes them.
    """

    def __init__(self, path: Path, *, max_bytes: int = 5 * 2**20, keep: int = 3) -> None:
        self._path, self._max_bytes, self._keep = path, max_bytes, keep
        self._file: BinaryIO | None = None
        self._size = 0

    def write(self, line: bytes) -> None:
        """One line, or a part of one; a line that is too long is cut before it comes here."""
        try:
            if self._file is None:
                self._file = self._open()
            if self._size + len(line) > self._max_bytes and self._size:
                self._file = self._rotated(self._file)
            self._file.write(line)
            self._size += len(line)
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

    def _rotated(self, file: BinaryIO) -> BinaryIO:
        file.close()
        try:
            for number in range(self._keep, 0, -1):
                source = self._part(number - 1)
                if source.exists():
                    source.replace(self._part(number))
        except OSError:  # somebody reads it, which on Windows forbids renaming: bounded counts more than kept
            self._path.write_bytes(b"")
        return self._open()

    def _part(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


class LineCutter:
    """Makes lines of at most `MAX_LINE` bytes out of chunks; what is longer is cut off, and says so."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def lines(self, chunk: bytes) -> list[bytes]:
        first, *others = chunk.split(b"\n")
        found = [self._ended(self._rest + first), *map(self._ended, others[:-1])] if others else []
        self._rest = others[-1] if others else self._rest + first
        if len(self._rest) > MAX_LINE:
            found += [] if self._skipping else [self._rest[:MAX_LINE] + _CUT]
            self._rest, self._skipping = b"", True
        return [line for line in found if line]

    def last(self) -> list[bytes]:
        return [self._ended(self._rest)] if self._rest and not self._skipping else []

    def _ended(self, line: bytes) -> bytes:
        if self._skipping:
            self._skipping = False
            return b""
        return line + b"\n" if len(line) <= MAX_LINE else line[:MAX_LINE] + _CUT
