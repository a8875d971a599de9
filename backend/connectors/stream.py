"""Compressed files, read in chunks: what they unpack to is never held as a whole and never larger than agreed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from backend.contract.errors import SourceError

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
