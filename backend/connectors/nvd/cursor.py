"""The cursor of NVD, and the batches of raw records that become pages.

The cursor is written with every page, so that the next run continues after a kill.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from backend.connectors.connector import RawRecord, RecordPage, RecordProblem
from backend.connectors.nvd.parse import PARSER_VERSION
from backend.domain.claims import Feed

RECORDS, BYTES = 1000, 2**23  # limits of a page (a single record may be longer)

_ID = re.compile(rb'"id"\s*:\s*"(CVE-\d{4}-\d{4,19})"')


class YearFeed(msgspec.Struct):
    """A year feed as read last: the sha256 of its JSON and the number of its records."""

    sha256: str
    records: int


class YearPass(msgspec.Struct):
    """A pass over all year feeds. since: the service's clock at its start; done: years read or unchanged."""

    since: datetime
    done: list[int] = []


class FeedPosition(msgspec.Struct):
    """How many records of an edition (sha256) of a feed are stored already."""

    feed: str
    sha256: str
    records: int = 0


class Window(msgspec.Struct):
    """A range of changes read by the API; without dates, all records. timestamp: the service's clock at its start."""

    start: datetime | None = None
    end: datetime | None = None
    index: int = 0
    total: int = 0
    timestamp: datetime | None = None


class NvdCursor(msgspec.Struct, omit_defaults=True):
    """How far NVD has been read. All times are the service's own, never this computer's.

    watermark: changes up to then are stored; parser: the version of the parser that read them; checked: when all year
    feeds were last compared; modified: sha256 of the `modified` feed read last.
    """

    watermark: datetime | None = None
    parser: int = 0
    checked: datetime | None = None
    modified: str = ""
    years: dict[str, YearFeed] = {}
    year_pass: YearPass | None = msgspec.field(default=None, name="walk")
    position: FeedPosition | None = msgspec.field(default=None, name="place")
    window: Window | None = None

    def written(self) -> bytes:
        return msgspec.json.encode(self)


def read_cursor(written: bytes | None) -> NvdCursor:
    """Decode a cursor. One that this version cannot read counts as none: everything is read again.

    Of one written by another parser version only the watermark is used: all year feeds are read again.
    """
    try:
        state = msgspec.json.decode(written, type=NvdCursor) if written else NvdCursor()
    except msgspec.DecodeError:
        state = NvdCursor()
    return state if state.parser == PARSER_VERSION else NvdCursor(state.watermark, PARSER_VERSION)


class ParsedPage(msgspec.Struct):
    """The records of one page. size: their number including unusable ones."""

    records: list[RawRecord] = []
    problems: list[RecordProblem] = []
    size: int = 0


def batches(records: Iterable[bytes], document: str, first: int) -> Iterator[ParsedPage]:
    """Group raw records into batches, none of them empty.

    Args:
        document: its name in the report of a record without an id.
        first: the number of records before the first one.
    """
    batch, length = ParsedPage(), 0
    for number, raw in enumerate(records, first + 1):
        if batch.size and (batch.size == RECORDS or length + len(raw) > BYTES):
            yield batch
            batch, length = ParsedPage(), 0
        if found := _ID.search(raw):
            key = found[1].decode()
            batch.records.append(RawRecord(key, raw, key))
        else:
            batch.problems.append(RecordProblem(f"{document}, record {number}", "it has no CVE id"))
        batch.size += 1
        length += len(raw)
    if batch.size:
        yield batch


def page_of(batch: ParsedPage | None, cursor: NvdCursor, part: str, done: int, total: int) -> RecordPage:
    """A page of a batch; without one, a page that only advances the cursor."""
    batch = batch or ParsedPage()
    return RecordPage(Feed.NVD, batch.records, cursor.written(), batch.problems, done=done, total=total, part=part)
