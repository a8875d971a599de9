"""The format of bundles.

A bundle is, in this order: 8 bytes that name the format; its version, 2 bytes, little-endian; one zstd frame
(RFC 8878); the SHA-256 digest of all before, 32 bytes; an Ed25519 signature of that digest (RFC 8032), 64 bytes, all
zero if it is not signed. The frame's content is a sequence of messages in MessagePack, each after its length in 4
bytes, little-endian: one Header, a ScoresOfYear for each year of CVE ids, the Portions by falling id, one End.

Claims and heads are in their stored form (`store.repositories.source_records`), so a change of that form is a new
version of this format.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import accumulate, pairwise
from os import SEEK_END
from pathlib import Path

import msgspec

from backend.contract.bundle import MAX_BUNDLE, BundledSource, BundleSummary
from backend.contract.errors import OpenThreatError
from backend.contract.names import Source
from backend.store.repositories.epss import EpssScore, Scores
from backend.store.repositories.source_records import StoredRecords

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 1
_MAGIC = b"OTBUNDLE"
_BEGINNING = len(_MAGIC) + 2
_DIGEST = 32
SIGNATURE = slice(_DIGEST, _DIGEST + 64)
"""The place of the signature after the end of the content; the digest is before it."""
_END = SIGNATURE.stop
_UNSIGNED = bytes(_END - _DIGEST)
LEVEL = 12
"""zstd's; higher ones make the file 3 % smaller and take several times as long."""
_MAX_MESSAGE = 32 * 2**20
_CHUNK = 2**20

Read = Callable[[int, int], bytes]
"""Returns so many bytes (second argument) of the bundle from a position (first); fewer only at its end."""


class BundleRefused(OpenThreatError):  # noqa: N818 - names what happened
    """A file is no bundle that this program can load. Nothing of it was stored."""

    def __init__(self, message: str, hint: str = "Copy the file again, or make a new one.") -> None:
        super().__init__("The bundle cannot be loaded", message, hint)


class SourcePosition(msgspec.Struct, frozen=True):
    """How far a source had been read: its connector's cursor, and the moment and model that it names."""

    source: Source
    cursor: bytes
    watermark: datetime | None = None


class Header(msgspec.Struct, frozen=True, tag="header"):
    id: str
    created_at: datetime
    program: str
    vulnerabilities: int  # portions have about so many
    sources: tuple[SourcePosition, ...]


class ScoresOfYear(msgspec.Struct, frozen=True, tag="epss"):
    """EPSS's scores of the CVE ids of one year. steps: the first number, then the difference of each to the last one;
    scores, percentiles: as in `store.repositories.epss.Score`."""

    year: int
    steps: tuple[int, ...]
    scores: tuple[int, ...]
    percentiles: tuple[int | None, ...]

    @classmethod
    def of(cls, year: int, scores: Scores) -> ScoresOfYear:
        numbers = sorted(scores)
        return cls(
            year,
            tuple(after - before for before, after in pairwise([0, *numbers])),
            tuple(scores[number].epss for number in numbers),
            tuple(scores[number].percentile for number in numbers),
        )

    def table(self) -> Iterator[tuple[int, EpssScore]]:
        """Numbers and scores, by rising number."""
        yield from zip(accumulate(self.steps), map(EpssScore, self.scores, self.percentiles), strict=True)


class Portion(msgspec.Struct, frozen=True, tag="records"):
    rows: list[StoredRecords]


class End(msgspec.Struct, frozen=True, tag="end"):
    vulnerabilities: int


Message = Header | ScoresOfYear | Portion | End
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode


def written(messages: Iterable[Message]) -> Iterator[bytes]:
    """The bytes of a bundle without signature."""
    compressor, digest = zstd.ZstdCompressor(level=LEVEL), hashlib.sha256()

    def compressed() -> Iterator[bytes]:
        yield _MAGIC + struct.pack("<H", FORMAT)
        for message in messages:
            body = _encode(message)
            yield compressor.compress(struct.pack("<I", len(body)) + body)
        yield compressor.flush()

    for part in compressed():
        digest.update(part)
        if part:
            yield part
    yield digest.digest() + _UNSIGNED


@contextmanager
def open_bundle(path: Path) -> Iterator[Bundle]:
    """Open a file.

    Raises:
        BundleRefused: It cannot be read, or is no bundle that this program knows.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BundleRefused(f"{path} cannot be read: {error.strerror or error}.", "Choose another file.") from error
    with file:

        def read(position: int, size: int) -> bytes:
            file.seek(position)
            return file.read(size)

        yield Bundle(read, file.seek(0, SEEK_END))


class Bundle:
    """A bundle whose beginning and digest are intact.

    Args:
        read: reads from it.
        size: in bytes.

    Raises:
        BundleRefused: It is something else, damaged, or of a newer version.
    """

    def __init__(self, read: Read, size: int) -> None:
        self.read, self.size = read, size
        self._check_beginning()
        self.digest, self.signature = self._check_digest()
        self.header = self._header()

    @property
    def is_signed(self) -> bool:
        return self.signature != _UNSIGNED

    def summary(self, signed_by: str | None = None) -> BundleSummary:
        header = self.header
        return BundleSummary(
            id=header.id,
            created_at=header.created_at,
            program=header.program,
            vulnerabilities=header.vulnerabilities,
            sources=tuple(BundledSource(source=state.source, watermark=state.watermark) for state in header.sources),
            size=self.size,
            signed=self.is_signed,
            signed_by=signed_by,
        )

    def messages(self) -> Iterator[Message]:
        """All messages after the header.

        Raises:
            BundleRefused: What was compressed is no sequence of messages as this version writes it.
        """
        messages = self._messages()
        next(messages)
        last = None
        for last in messages:
            yield last
        if not isinstance(last, End):
            raise BundleRefused("It ends too early.")

    def _check_beginning(self) -> None:
        beginning = self.read(0, _BEGINNING)
        if beginning[: len(_MAGIC)] != _MAGIC:
            raise BundleRefused(
                "The file is no bundle of OpenThreat.", "Choose a file made by `openthreat bundle create`."
            )
        if self.size > MAX_BUNDLE:
            raise BundleRefused("The file is far too large.")
        if len(beginning) < _BEGINNING or self.size < _BEGINNING + _END:
            raise BundleRefused("The file is incomplete.")
        (version,) = struct.unpack("<H", beginning[len(_MAGIC) :])
        if version > FORMAT:
            raise BundleRefused(
                f"It was made by a newer version of the program (format {version}; this one knows {FORMAT}).",
                "Install the newer version here, or make the bundle with this one.",
            )

    def _check_digest(self) -> tuple[bytes, bytes]:
        digest = hashlib.sha256()
        for part in self._parts(0):
            digest.update(part)
        end = self.read(self.size - _END, _END)
        if end[:_DIGEST] != digest.digest():
            raise BundleRefused("The file is damaged or incomplete: its digest is another one.")
        return end[:_DIGEST], end[SIGNATURE]

    def _parts(self, start: int) -> Iterator[bytes]:
        """All but the digest and the signature."""
        end = self.size - _END
        for position in range(start, end, _CHUNK):
            yield self.read(position, min(_CHUNK, end - position))

    def _header(self) -> Header:
        first = next(self._messages(), None)
        if not isinstance(first, Header):
            raise BundleRefused("It has no header.")
        return first

    def _messages(self) -> Iterator[Message]:
        try:
            for body in _bodies(_decompressed(self._parts(_BEGINNING))):
                yield _decode(body)
        except (msgspec.DecodeError, zstd.ZstdError) as error:
            raise BundleRefused(f"Its content is not as expected: {error}.") from error


def _decompressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The content of one frame, in pieces of limited size."""
    decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 25})
    for part in parts:
        if decompressor.eof:
            raise BundleRefused("It has more after its end.")
        yield decompressor.decompress(part, _CHUNK)
        while not decompressor.needs_input and not decompressor.eof:
            yield decompressor.decompress(b"", _CHUNK)
    if not decompressor.eof or decompressor.unused_data:
        raise BundleRefused("It ends too early, or has more after its end.")


def _bodies(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The messages, each after its length."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= 4:
            (length,) = struct.unpack_from("<I", buffer)
            if length > _MAX_MESSAGE:
                raise BundleRefused("A part of it is far too long.")
            if len(buffer) < 4 + length:
                break
            yield bytes(buffer[4 : 4 + length])
            del buffer[: 4 + length]
    if buffer:
        raise BundleRefused("It ends within a message.")
