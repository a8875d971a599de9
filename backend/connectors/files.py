"""Downloaded files: written as `<name>.part` until complete, and decompressed in chunks up to a size limit."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from backend.contract.errors import SourceError, SourceUnusable
from backend.contract.problem_catalogue import ProblemId

CHUNK = 2**18
_GZIP_MAGIC = b"\x1f\x8b"  # RFC 1952, section 2.3.1
_GZIP = 31  # zlib: 32 KiB window, gzip header and trailer, whose checksum it verifies


class PartialFile:
    """An incomplete download, `<name>.part`, and beside it the validator (strong ETag or Last-Modified).

    A download without a validator starts again, since a continued one could join two versions of a file.

    Raises:
        SourceError: the file cannot be written. If the disk is full, the part is deleted to leave space for the
            database.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._note = path.with_name(path.name + ".part.of")
        self._file: BinaryIO | None = None

    def resumable(self) -> tuple[int, str]:
        """The number of bytes present and their validator; (0, "") to start from the beginning."""
        try:
            size, validator = self._part.stat().st_size, self._note.read_text(encoding="utf-8")
        except OSError:
            return 0, ""
        return (size, validator) if size and validator else (0, "")

    def open(self, start: int, validator: str) -> Self:
        """Open for writing from byte `start` on; the validator is stored before the first byte."""
        with self._translated_errors():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if start == 0:
                self._part.unlink(missing_ok=True)
                self._note.write_text(validator, encoding="utf-8")
            self._file = self._part.open("ab")
        return self

    def write(self, chunk: bytes) -> None:
        if self._file is None:
            raise ValueError("the partial file is not open")
        with self._translated_errors():
            self._file.write(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._translated_errors():
            self._close()

    def finish(self) -> None:
        """Replace any older file by the complete part in one step."""
        with self._translated_errors():
            self._part.replace(self._path)
            self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        with self._translated_errors():
            self._remove()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _remove(self) -> None:
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise SourceError(
                    "A download cannot be written",
                    f"{self._path}: {error.strerror or error}.",
                    "Check that this folder exists and may be written to.",
                ) from error
            with suppress(OSError):  # closing flushes the buffer, for which there is no space either
                self._close()
            self._remove()
            raise SourceError(
                "The disk is full",
                f"There is no space for {self._path.name} in {self._path.parent}.",
                "Free some space on that disk; the next update downloads the file again.",
                problem_id=ProblemId.DISK_FULL,
            ) from error


class Digest(Protocol):
    """The interface of hashlib's objects."""

    def update(self, data: bytes, /) -> None: ...


def gunzip(path: Path, max_bytes: int, digest: Digest | None = None) -> Iterator[bytes]:
    """Decompress a gzip file in chunks. One that a proxy has unpacked on the way is read as it is.

    Args:
        digest: updated with the content.

    Raises:
        SourceUnusable: the file is damaged or truncated, or its content exceeds `max_bytes`.
    """
    done = 0
    for chunk in _members(path) if _is_packed(path) else _blocks(path):
        done += len(chunk)
        if done > max_bytes:
            raise unusable_file(path, f"it unpacks to more than {max_bytes // 2**20} MiB")
        if digest is not None:
            digest.update(chunk)
        yield chunk


def _is_packed(path: Path) -> bool:
    """Whether the file begins like a gzip file, or has less than that beginning."""
    with path.open("rb") as file:
        return file.read(len(_GZIP_MAGIC)) in (_GZIP_MAGIC, _GZIP_MAGIC[:1], b"")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            yield block


def _members(path: Path) -> Iterator[bytes]:
    """Decompress all members of a gzip file, which may have several."""
    unpacker, complete = zlib.decompressobj(_GZIP), False
    for block in _blocks(path):
        left, chunk = block, b""
        while left or len(chunk) == CHUNK:  # a full chunk: there may be more output although all input is consumed
            try:
                chunk = unpacker.decompress(left, CHUNK)
            except zlib.error as error:
                raise unusable_file(path, "it is damaged") from error
            if chunk:
                yield chunk
            left, complete = unpacker.unconsumed_tail, unpacker.eof
            if complete:
                left = unpacker.unused_data.lstrip(b"\0")  # some writers pad the end with zeros
                unpacker, chunk = zlib.decompressobj(_GZIP), b""
    if not complete:
        raise unusable_file(path, "it ends too early")


def unusable_file(path: Path, reason: str) -> SourceUnusable:
    """The error for a file. reason: a clause such as "it ends too early"."""
    return SourceUnusable(
        "A downloaded file cannot be used",
        f"{path.name}: {reason}.",
        "None of it was stored; the next update downloads it again.",
    )
