"""Where reading NVD stands. Written with every page, so that a run that is killed goes on from there.

Raw records gathered into pages, each one transaction of the ingest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from backend.connectors.connector import RawRecord, RecordPage, RecordProblem
from backend.domain.claims import Feed


class YearFeed(msgspec.Struct):
    """A year feed as it was last taken in: sha256 of its JSON, and how many records it had."""

    sha256: str
    records: int


class YearPass(msgspec.Struct):
    """A walk over all year feeds. since: the service's clock when it began; done: years that need no second look."""

    since: datetime
    done: list[int] = []


class FeedPosition(msgspec.Struct):
    """How many records of which feed (and of which edition of it) are in already."""

    feed: str
    sha256: str
    records: int = 0


class Window(msgspec.Struct):
    """A stretch of changes read by the API; without dates, everything. timestamp: the service's clock when it began."""

    start: datetime | None = None
    end: datetime | None = None
    index: int = 0
    total: int = 0
    timestamp: datetime | None = None


class NvdCursor(msgspec.Struct, omit_defaults=True):
    """watermark: all changes up to there are in; checked: when all year feeds were last compared; modified: sha256 of
    the `modified` feed last taken in. All times are the service's, never this computer's."""

    watermark: datetime | None = None
    checked: datetime | None = None
    modified: str = ""
    years: dict[str, YearFeed] = {}
    walk: YearPass | None = None
    place: FeedPosition | None = None
    window: Window | None = None

    def written(self) -> bytes:
        return msgspec.json.encode(self)


def read_cursor(written: bytes | None) -> NvdCursor:
    """What this version cannot read is as good as none: everything is read once more, and nothing is lost."""
    try:
        return msgspec.json.decode(written, type=NvdCursor) if written else NvdCursor()
    except msgspec.DecodeError:
        return NvdCursor()


RECORDS, BYTES = 1000, 2**23  # of a page at most (a single record may be longer)

_ID = re.compile(rb'"id"\s*:\s*"(CVE-\d{4}-\d{4,19})"')


class Batch(msgspec.Struct):
    """size: how many records of the document it stands for, the unusable ones included."""

    records: list[RawRecord] = []
    problems: list[RecordProblem] = []
    size: int = 0


def batches(records: Iterable[bytes], document: str, first: int) -> Iterator[Batch]:
    """Never empty ones. `first`: the number of the first record, by which one without an id is reported."""
    batch, length = Batch(), 0
    for number, raw in enumerate(records, first + 1):
        if batch.size and (batch.size == RECORDS or length + len(raw) > BYTES):
            yield batch
            batch, length = Batch(), 0
        if found := _ID.search(raw):
            key = found[1].decode()
            batch.records.append(RawRecord(key, raw, key))
        else:
            batch.problems.append(RecordProblem(f"{document}, record {number}", "it names no CVE id"))
        batch.size += 1
        length += len(raw)
    if batch.size:
        yield batch


def page_of(batch: Batch | None, cursor: NvdCursor, phase: str, done: int, total: int) -> RecordPage:
    """Without a batch a page that only moves the cursor."""
    batch = batch or Batch()
    return RecordPage(Feed.NVD, batch.records, cursor.written(), batch.problems, done=done, total=total, phase=phase)
