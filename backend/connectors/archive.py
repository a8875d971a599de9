"""Reading of a zip archive member by member, without an index of all members in memory.

The standard library's zipfile keeps an object for each member: 223 MiB for the 350,000 members of the CVE list, more
than the limit of the whole worker. The format is PKWARE's APPNOTE.TXT, sections 4.3.7 to 4.3.16, with zip64.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from backend.connectors.files import unusable_file
from backend.contract.errors import SourceError, SourceUnusable

_LOCAL = struct.Struct("<4s22xHH")
_CENTRAL = struct.Struct("<4s4xHH4xIIIHHH8xI")
_END = struct.Struct("<4s6xHII2x")
_LOCATOR = struct.Struct("<4s4xQ4x")
_END64 = struct.Struct("<4s28xQQQ")
_LONGEST_COMMENT = 2**16
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_BUFFER = 2**20


class MemberUnusable(ValueError):  # noqa: N818 - names the state of the member
    """One member cannot be unpacked although the archive is intact."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the directory, sizes in bytes. following: the position of the next entry in the directory."""

    name: str
    size: int
    packed: int
    offset: int
    checksum: int
    method: int
    flags: int
    following: int


class Archive:
    """An open zip file. count: the number of members stated by the directory.

    Raises:
        SourceError: the file is damaged, truncated or not a zip archive.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = path.open("rb", buffering=_BUFFER)
        self._directory = path.open("rb", buffering=_BUFFER)
        try:
            self.count, self._length, self._start = self._find_directory()
        except SourceError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._data.close()
        self._directory.close()

    def members(self, position: int = 0) -> Iterator[Member]:
        """Read the directory in its order from `position` (0, or the `following` of a member)."""
        while position < self._length:
            self._directory.seek(self._start + position)
            head = self._directory.read(_CENTRAL.size)
            if len(head) < _CENTRAL.size or not head.startswith(b"PK\1\2"):
                raise self._damaged()
            _, flags, method, checksum, packed, size, name_length, extra_length, comment_length, offset = (
                _CENTRAL.unpack(head)
            )
            name = self._directory.read(name_length).decode("utf-8", "replace")
            if 0xFFFFFFFF in (size, packed, offset):
                size, packed, offset = self._wide(self._directory.read(extra_length), size, packed, offset)
            position += _CENTRAL.size + name_length + extra_length + comment_length
            yield Member(name, size, packed, offset, checksum, method, flags, position)

    def read(self, member: Member, max_bytes: int) -> bytes:
        """Read a member and verify its checksum.

        Raises:
            MemberUnusable: it is larger than `max_bytes`, or compressed by an unsupported method.
        """
        return b"".join(self.chunks(member, max_bytes))

    def chunks(self, member: Member, max_bytes: int) -> Iterator[bytes]:
        """Read a member in chunks; the checksum is verified after the last one."""
        if member.size > max_bytes:
            raise MemberUnusable(f"larger than {max_bytes // 2**20} MiB")
        if member.flags & _ENCRYPTED or member.method not in (_STORED, _DEFLATED):
            raise MemberUnusable("packed by an unsupported method")
        checksum, size = 0, 0
        try:
            for chunk in self._unpacked(member):
                checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
                if size > member.size:
                    break
                yield chunk
        except zlib.error as error:
            raise self._damaged() from error
        if size != member.size or checksum != member.checksum:
            raise self._damaged()

    def _unpacked(self, member: Member) -> Iterator[bytes]:
        self._data.seek(member.offset)
        head = self._data.read(_LOCAL.size)
        if len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
            raise self._damaged()
        _, name_length, extra_length = _LOCAL.unpack(head)
        self._data.seek(name_length + extra_length, 1)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None
        left = member.packed
        while left and (packed := self._data.read(min(left, _BUFFER))):
            left -= len(packed)
            while unpacker and packed:
                yield unpacker.decompress(packed, _BUFFER)
                packed = unpacker.unconsumed_tail
            if packed:
                yield packed
        if unpacker:
            yield unpacker.flush()

    def _find_directory(self) -> tuple[int, int, int]:
        """The number of members, and the length and start of the directory."""
        size = self._path.stat().st_size
        tail_start = max(0, size - _END.size - _LONGEST_COMMENT - _LOCATOR.size)
        self._directory.seek(tail_start)
        tail = self._directory.read()
        end_at = tail.rfind(b"PK\5\6")
        if end_at < 0 or len(tail) < end_at + _END.size:
            raise unusable_file(self._path, "it is not a zip archive, or it is truncated")
        _, count, length, start = _END.unpack_from(tail, end_at)
        before = end_at - _LOCATOR.size
        if before >= 0 and tail.startswith(b"PK\6\7", before):
            self._directory.seek(_LOCATOR.unpack_from(tail, before)[1])
            end = self._directory.read(_END64.size)
            if len(end) < _END64.size or not end.startswith(b"PK\6\6"):
                raise self._damaged()
            _, count, length, start = _END64.unpack(end)
        if start + length > size:
            raise self._damaged()
        return count, length, start

    def _wide(self, extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
        """The values that do not fit into 32 bits: extra field 1 has only these, in this order."""
        while len(extra) >= 4:
            kind, length = struct.unpack_from("<HH", extra)
            if kind == 1:
                wide = iter(struct.unpack_from(f"<{min(length, len(extra) - 4) // 8}Q", extra, 4))
                values = [next(wide, value) if value == 0xFFFFFFFF else value for value in (size, packed, offset)]
                return values[0], values[1], values[2]
            extra = extra[4 + length :]
        raise self._damaged()

    def _damaged(self) -> SourceUnusable:
        return unusable_file(self._path, "it is damaged")
