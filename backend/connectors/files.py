"""A file that is being written, from the network or from an archive: it grows as `<name>.part` and gets its name when
it is whole.

Compressed files, read in chunks: what they unpack to is never held as a whole and never larger than agreed.
"""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from backend.contract.errors import SourceError
from backend.contract.problems import ProblemId


class PartialFile:
    """`<name>.part` with the validator (strong ETag or Last-Modified) of what it is a part of beside it.

    Without a validator a continued download could join two versions of a file, so what has none starts again.
    Raises SourceError when it cannot be written; where the disk is full, the part is given up: the database needs the
    room more.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._note = path.with_name(path.name + ".part.of")
        self._file: BinaryIO | None = None

    def resumable(self) -> tuple[int, str]:
        """How many bytes are there and what they are a part of; (0, "") to start from the beginning."""
        try:
            size, validator = self._part.stat().st_size, self._note.read_text(encoding="utf-8")
        except OSError:
            return 0, ""
        return (size, validator) if size and validator else (0, "")

    def open(self, start: int, validator: str) -> Self:
        """For writing from byte `start` on; `validator` is remembered before the first byte is written."""
        with self._told():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if start == 0:
                self._part.unlink(missing_ok=True)
                self._note.write_text(validator, encoding="utf-8")
            self._file = self._part.open("ab")
        return self

    def write(self, chunk: bytes) -> None:
        if self._file is None:
            raise ValueError("the partial file is not open")
        with self._told():
            self._file.write(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._told():
            self._close()

    def finish(self) -> None:
        """The part is whole: it takes the place of any older file in one step."""
        with self._told():
            self._part.replace(self._path)
            self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        with self._told():
            self._remove()

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _remove(self) -> None:
        self._part.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise SourceError(
                    "A download cannot be written",
                    f"{self._path}: {error.strerror or error}.",
                    "Check that this folder exists and may be written to.",
                ) from error
            with suppress(OSError):  # closing writes what is buffered, for which there is no room either
                self._close()
            self._remove()
            raise SourceError(
                "The disk is full",
                f"There was no room for {self._path.name} in {self._path.parent}.",
                "Free some space on that disk; the next update downloads the file again.",
                problem_id=ProblemId.DISK_FULL,
            ) from error


CHUNK = 2**18
_GZIP = 31  # zlib: 32 KiB window, gzip header and trailer, whose checksum it verifies


class Digest(Protocol):
    """What hashlib's objects are."""

    def update(self, data: bytes, /) -> None: ...


def gunzip(path: Path, max_bytes: int, digest: Digest | None = None) -> Iterator[bytes]:
    """The content of a gzip file, a chunk at a time; `digest` is fed with it on the way.

    Raises SourceError for a file that is damaged, cut off, no gzip file, or unpacks to more than `max_bytes`.
    """
    done = 0
    for chunk in _members(path):
        done += len(chunk)
        if done > max_bytes:
            raise unusable_file(path, f"it unpacks to more than {max_bytes // 2**20} MiB")
        if digest is not None:
            digest.update(chunk)
        yield chunk


def _members(path: Path) -> Iterator[bytes]:
    """A gzip file may consist of several members, one after the other."""
    unpacker, whole = zlib.decompressobj(_GZIP), False
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            chunk = b""
            while block or len(chunk) == CHUNK:  # a full chunk: there may be more although all input is taken
                try:
                    chunk = unpacker.decompress(block, CHUNK)
                except zlib.error as error:
                    raise unusable_file(path, "it is damaged or not a gzip file") from error
                if chunk:
                    yield chunk
                block, whole = unpacker.unconsumed_tail, unpacker.eof
                if whole:
                    block = unpacker.unused_data.lstrip(b"\0")  # some writers pad the end
                    unpacker, chunk = zlib.decompressobj(_GZIP), b""
    if not whole:
        raise unusable_file(path, "it ends too early")


def unusable_file(path: Path, reason: str) -> SourceError:
    """reason: what is wrong with it, as half a sentence ("it ends too early")."""
    return SourceError(
        "A downloaded file cannot be used",
        f"{path.name}: {reason}.",
        "Nothing of it was taken in; the next update downloads it again.",
    )
