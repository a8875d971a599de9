"""Raw records gathered into pages, each one transaction of the ingest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from backend.connectors.model import Page, Problem, RawRecord
from backend.connectors.nvd.cursor import Cursor
from backend.domain.claims import Feed

RECORDS, BYTES = 1000, 2**23  # of a page at most (a single record may be longer)

_ID = re.compile(rb'"id"\s*:\s*"(CVE-\d{4}-\d{4,19})"')


class Batch(msgspec.Struct):
    """size: how many records of the document it stands for, the unusable ones included."""

    records: list[RawRecord] = []
    problems: list[Problem] = []
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
            batch.problems.append(Problem(f"{document}, record {number}", "it names no CVE id"))
        batch.size += 1
        length += len(raw)
    if batch.size:
        yield batch


def page_of(batch: Batch | None, cursor: Cursor, phase: str, done: int, total: int) -> Page:
    """Without a batch a page that only moves the cursor."""
    batch = batch or Batch()
    return Page(Feed.NVD, batch.records, cursor.written(), batch.problems, done=done, total=total, phase=phase)
