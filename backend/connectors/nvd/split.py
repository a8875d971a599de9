"""Cuts NVD's documents (feeds of 300 MB, API pages) into raw records as they stream by, without decoding them.

Every record starts with `{`, white space, `"cve"`, white space, `:`. These bytes cannot begin inside a string: the
quote before `cve` follows the brace with nothing but white space between, so no backslash escapes it, and a bare quote
inside a string ends it; what would follow then, `cve`, is no JSON. Outside of strings they begin an object whose first
key is "cve", and only a record is that. So a record with damage inside never takes its neighbours along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from backend.connectors.connector import ParseError
from backend.connectors.decoding import parse_instant, values_of

_RECORD_START = re.compile(rb'\{\s*"cve"\s*:')
_TOTAL = re.compile(rb'"totalResults"\s*:\s*(\d{1,9})\b')
_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"([^"]{1,40})"')
_NO_JSON = (msgspec.DecodeError, RecursionError)
LONGEST_RECORD = 2**26  # bytes; the longest of 2026 has 0.7 MB


class Envelope(msgspec.Struct, frozen=True):
    """What a document says of itself: how many records there are in all, and when the service made it (its clock)."""

    total: int
    timestamp: datetime


def split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """First what stands before the records (the whole document where there are none), then each record of the list.

    Records come without white space: feeds are laid out, API pages are not, and the same record should hash the same.
    Raises ParseError for a stretch of more than LONGEST_RECORD bytes without a record in it.
    """
    pieces = _pieces(chunks)
    piece = next(pieces)
    yield piece
    for start, end in values_of(piece, "vulnerabilities"):
        yield piece[start:end]  # of unknown shape, before the first known one
    piece = b""
    for following in pieces:
        if piece:
            yield from _records(piece)
        piece = following
    if piece:
        yield from _values(piece)  # the brackets that close the document come after it


def read_envelope(head: bytes) -> Envelope:
    """From what stands before the records. Raises ParseError where that is not NVD's."""
    total, timestamp = _TOTAL.search(head), _TIMESTAMP.search(head)
    if not total or not timestamp:
        raise ParseError("the envelope names no total or no timestamp")
    try:
        return Envelope(int(total[1]), parse_instant(timestamp[1].decode("utf-8", "replace")))
    except ValueError as error:
        raise ParseError(f"the envelope's timestamp: {error}") from error


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The document, cut where a record starts; the first piece is what comes before."""
    buffer, searched = b"", 0
    for chunk in chunks:
        buffer += chunk
        begin = 0
        while start := _RECORD_START.search(buffer, searched):
            yield buffer[begin : start.start()]
            begin, searched = start.start(), start.end()
        # Only the last brace can be a start that the end of this chunk has cut in two.
        brace = buffer.rfind(b"{", searched)
        searched = (brace if brace >= 0 else len(buffer)) - begin
        buffer = buffer[begin:]
        if len(buffer) > LONGEST_RECORD:
            raise ParseError(f"no record begins within {LONGEST_RECORD // 2**20} MiB")
    yield buffer


def _records(piece: bytes) -> Iterator[bytes]:
    """One record, as a rule. What is not one JSON value is taken apart by its brackets."""
    try:
        yield _compact(piece.rstrip().removesuffix(b","))
    except _NO_JSON:
        yield from _values(piece)


def _values(piece: bytes) -> Iterator[bytes]:
    whole = [piece[start - 1 : end - 1] for start, end in values_of(b"[" + piece)]
    for record in whole or [piece]:
        try:
            yield _compact(record)
        except _NO_JSON:
            yield record  # the parser says what is wrong with it, or mends it


def _compact(record: bytes) -> bytes:
    return msgspec.json.format(record, indent=-1)
