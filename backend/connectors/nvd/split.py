"""Splitting of NVD's documents (feeds of 300 MB, API pages) into raw records as a stream, without decoding them.

Every record starts with `{`, white space, `"cve"`, white space, `:`. These bytes cannot begin inside a string: between
the brace and the quote is only white space, so the quote is not escaped and would end the string, and `cve` after the
end of a string is not JSON. Outside of strings they begin an object whose first key is "cve", which only a record is.
So a damaged record never affects its neighbours.
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
    """The head of a document. total: the number of all records; timestamp: when the service made it, by its clock."""

    total: int
    timestamp: datetime


def split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split a document.

    Returns:
        First the text before the records (the whole document if there are none), then each record of the list without
        white space: feeds are indented, API pages are not, and the same record must have the same hash.

    Raises:
        ParseError: more than LONGEST_RECORD bytes contain no record.
    """
    pieces = _pieces(chunks)
    piece = next(pieces)
    yield piece
    for start, end in values_of(piece, "vulnerabilities"):
        yield piece[start:end]  # of unknown form, before the first known record
    piece = b""
    for following in pieces:
        if piece:
            yield from _records(piece)
        piece = following
    if piece:
        yield from _values(piece)  # followed by the closing brackets of the document


def read_envelope(head: bytes) -> Envelope:
    """Read the envelope from the text before the records.

    Raises:
        ParseError: it has no valid total or timestamp.
    """
    total, timestamp = _TOTAL.search(head), _TIMESTAMP.search(head)
    if not total or not timestamp:
        raise ParseError("the envelope has no total or no timestamp")
    try:
        return Envelope(int(total[1]), parse_instant(timestamp[1].decode("utf-8", "replace")))
    except ValueError as error:
        raise ParseError(f"the envelope's timestamp: {error}") from error


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut the document where records start; the first piece is the text before them."""
    buffer, searched = b"", 0
    for chunk in chunks:
        buffer += chunk
        begin = 0
        while start := _RECORD_START.search(buffer, searched):
            yield buffer[begin : start.start()]
            begin, searched = start.start(), start.end()
        # Only the last brace can begin a start that continues in the next chunk.
        brace = buffer.rfind(b"{", searched)
        searched = (brace if brace >= 0 else len(buffer)) - begin
        buffer = buffer[begin:]
        if len(buffer) > LONGEST_RECORD:
            raise ParseError(f"no record begins within {LONGEST_RECORD // 2**20} MiB")
    yield buffer


def _records(piece: bytes) -> Iterator[bytes]:
    """Usually one record. A piece that is not one JSON value is split by its brackets."""
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
            yield record  # the parser repairs or reports it


def _compact(record: bytes) -> bytes:
    return msgspec.json.format(record, indent=-1)
