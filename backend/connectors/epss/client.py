"""Reading of the daily scores: one compressed table of all CVE ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice

import msgspec

from backend.config import Settings
from backend.connectors.addresses import EPSS_SCORES, base_address
from backend.connectors.connector import KnownVersions, Parsed, RawRecord, RecordPage, RecordProblem, Watch
from backend.connectors.decoding import as_utf8, clean
from backend.connectors.epss.parse import (
    PARSER_VERSION,
    ScoreColumns,
    columns_of,
    is_row,
    model_version,
    parse,
    score_date,
)
from backend.connectors.files import gunzip
from backend.connectors.http import Http
from backend.contract.names import Source
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

PAGE = 2000  # rows; on most days each changes a vulnerability
MAX_BYTES, MAX_UNPACKED = 64 * 2**20, 256 * 2**20  # 2.1 MB and 9 MB in 2026
MAX_LINE = 1000  # bytes; a row has about 30


class EpssCursor(msgspec.Struct, omit_defaults=True):
    """How far the scores have been read.

    watermark: score_date of the table read last; model: the version of FIRST's model that computed it, and since when.
    A new model changes nearly all scores in one day, as in 2026-06: that is no news of the vulnerabilities.
    """

    watermark: datetime | None = None
    model: str | None = None
    model_since: datetime | None = None
    etag: str = ""
    parser: int = 0


class EpssConnector:
    source = Source.EPSS

    def __init__(self, settings: Settings, watch: Watch, http: Http | None = None) -> None:
        self._address = base_address(settings.epss_url, EPSS_SCORES)
        self._http = http or Http(watch, settings.cache_folder, source="EPSS", network=settings.network)

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002 - always a complete listing
        last = msgspec.json.decode(cursor, type=EpssCursor) if cursor else EpssCursor()
        etag = last.etag if last.parser == PARSER_VERSION else ""
        file = self._http.download(self._address, "epss_scores-current.csv.gz", max_bytes=MAX_BYTES, etag=etag)
        if not file.fetched:
            return
        for _ in gunzip(file.path, MAX_UNPACKED):
            pass  # a damaged file raises an error at its end, which must come before the first page
        comments, columns, rows = self._begin(_lines(gunzip(file.path, MAX_UNPACKED)))
        day = score_date(comments) or last.watermark
        model = model_version(comments) or last.model
        model_since = last.model_since if model == last.model else day
        after = EpssCursor(day, model, model_since, file.etag, PARSER_VERSION)
        yield from self._listing(rows, columns, msgspec.json.encode(last), msgspec.json.encode(after))

    def _begin(self, lines: Iterator[bytes]) -> tuple[bytes, ScoreColumns, Iterator[bytes]]:
        """Return the comments above the table, its columns and its rows. Without a header it has the usual columns."""
        comments, head = b"", as_utf8(next(lines, b""))
        while head.startswith(b"#"):
            comments, head = comments + head, next(lines, b"")
        if is_row(head):
            return comments, ScoreColumns(), chain([head], lines)
        columns = columns_of(head)
        if columns is None:
            raise self._http.unusable(f"The table has no columns cve and epss: “{clean(_text(head))[:80]}”.", head)
        return comments, columns, lines

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002 - only one feed
        return parse(record)

    def _listing(
        self, lines: Iterator[bytes], columns: ScoreColumns, before: bytes, after: bytes
    ) -> Iterator[RecordPage]:
        """Pages of rows. Reads one page ahead, to know which is the last."""
        done = 0
        rows = list(islice(lines, PAGE))
        if not rows:
            raise self._http.unusable("The table has no scores.")
        while rows:
            following = list(islice(lines, PAGE))
            records, problems = _records(rows, columns, done)
            done += len(rows)
            yield RecordPage(
                Feed.EPSS,
                records,
                before if following else after,
                problems,
                done=done,
                total=None if following else done,
                part="EPSS",
                sweep="part" if following else "last",
            )
            rows = following


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that are not empty. A line over MAX_LINE comes in pieces, each of them an invalid row."""
    rest = b""
    for chunk in chain(chunks, (b"\n",)):
        *complete, rest = (rest + chunk).split(b"\n")
        yield from (line for line in map(bytes.strip, complete) if line)
        if len(rest) > MAX_LINE:
            yield rest[:MAX_LINE]
            rest = b""


def _records(rows: list[bytes], columns: ScoreColumns, before: int) -> tuple[list[RawRecord], list[RecordProblem]]:
    records, problems = [], []
    for number, row in enumerate(rows, start=before + 1):
        usual = columns.usual(row)
        name = _text(usual.partition(b",")[0])
        if is_cve_id(name):
            records.append(RawRecord(name, usual, name))
        else:
            problems.append(RecordProblem(f"row {number}", f"“{clean(name)[:60]}” is not a CVE id"))
    return records, problems


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace")
