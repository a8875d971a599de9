"""The lines of text files in the encodings that Windows programs write."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HEAD = 4096  # bytes that tell the encoding
_CHUNK = 1 << 16
_ANSI = "cp1252"  # of Western Windows; other code pages cannot be distinguished


def encoding_of(data: bytes) -> str:
    """Determine the encoding by byte order mark, by the places of zero bytes, or by trying UTF-8."""
    if marked := next((name for mark, name in _BOMS if data.startswith(mark)), None):
        return marked
    head = data[:_HEAD]
    zeros = head.count(0)
    if zeros > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > zeros // 2 else "utf-16-be"
    return "utf-8" if _is_utf8(data) else _ANSI


def lines_of(data: bytes) -> Iterator[str]:
    """The lines without their ends, decoded piece by piece; what cannot be decoded becomes U+FFFD."""
    for line in io.TextIOWrapper(io.BytesIO(data), encoding=encoding_of(data), errors="replace"):
        yield line.rstrip("\n")


def head_of(data: bytes) -> str:
    """The beginning of the text, for telling the format."""
    return data[:_HEAD].decode(encoding_of(data), "replace").lstrip("\ufeff \t\r\n")


def as_utf8(data: bytes) -> bytes:
    """The whole text in UTF-8 without a byte order mark."""
    encoding = encoding_of(data)
    if encoding == "utf-8":
        return data
    return data.removeprefix(codecs.BOM_UTF8) if encoding == "utf-8-sig" else data.decode(encoding, "replace").encode()


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
    except UnicodeDecodeError:
        return False
    return True
