"""NVD's feed files: downloaded, verified by their checksum as a whole, and only then read into pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path

from backend.connectors.addresses import NVD_FEEDS, base_address
from backend.connectors.ahead import BackgroundWatch
from backend.connectors.connector import ParseError, RecordPage
from backend.connectors.files import Digest, gunzip
from backend.connectors.http import Http
from backend.connectors.nvd.cursor import FeedPosition, NvdCursor, YearFeed, YearPass, batches, page_of
from backend.connectors.nvd.split import read_envelope, split
from backend.contract.errors import SourceError, SourceRefused, SourceUnusable

MODIFIED = "modified"  # changes of the last 8 days
FIRST_YEAR = 2002  # it also contains 1999-2001
LAG = timedelta(days=2)  # year feeds are rebuilt once a day and lack later changes
_NEW_YEAR = timedelta(days=7)  # the new year's feed may be missing so long: `modified` has the same records

_SHA256 = re.compile(r"[0-9A-F]{64}")
_LONGEST_META = 2**16  # bytes
_LARGEST_FILE, _LARGEST_CONTENT = 2**28, 2**32  # bytes; in 2026 the largest year has 25 MB and 295 MB


@dataclass(frozen=True)
class Meta:
    """The description of a feed. sha256: of the uncompressed JSON, upper case."""

    sha256: str


@dataclass(frozen=True)
class FeedFile:
    """A feed in the cache whose content has the stated checksum.

    records: the announced number; timestamp: the service's clock when it was made.
    """

    name: str
    path: Path
    sha256: str
    records: int
    timestamp: datetime


class Feeds:
    """Downloads, verifies and reads feeds.

    Raises:
        SourceError: a feed is not complete or not as NVD made it; the next run downloads it again.
    """

    def __init__(self, http: Http, base: str, watch: BackgroundWatch) -> None:
        self._http, self.watch = http, watch
        self._address = base_address(base, NVD_FEEDS)

    def meta(self, name: str) -> Meta | None:
        """Fetch the description of a feed; None if there is no such feed (404)."""
        answer = self._http.get(f"{self._address}{name}.meta", max_bytes=_LONGEST_META, allow={404})
        if answer.status == 404:
            return None
        lines = answer.body.decode("utf-8", "replace").splitlines()
        fields = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
        sha256 = fields.get("sha256", "").upper()
        if not _SHA256.fullmatch(sha256):
            raise self._http.unusable(f"The description of the {name} feed has no checksum.", answer.body)
        return Meta(sha256)

    def required_meta(self, name: str) -> Meta:
        meta = self.meta(name)
        if meta is None:
            raise SourceRefused(
                f"{self._http.source} has no {name} feed",
                "It answered 404 Not Found.",
                "The next update tries again automatically.",
            )
        return meta

    def fetch(self, name: str, meta: Meta) -> FeedFile:
        """Download and verify a feed. If the checksum differs, it may just have been rebuilt: it is tried once more."""
        path = self._http.cache / f"nvdcve-2.0-{name}.json.gz"
        if path.exists():  # left by an interrupted run
            try:
                return self._verified(name, path, meta)
            except SourceError:
                path.unlink()
        try:
            return self._downloaded(name, path, meta)
        except _ChecksumMismatch:
            return self._downloaded(name, path, self.meta(name) or meta)

    def records(self, feed: FeedFile) -> Iterator[bytes]:
        pieces = split(self._content(feed.path))
        next(pieces)
        return pieces

    def _downloaded(self, name: str, path: Path, meta: Meta) -> FeedFile:
        self._http.download(f"{self._address}{name}.json.gz", path.name, max_bytes=_LARGEST_FILE)
        try:
            return self._verified(name, path, meta)
        except SourceError:
            path.unlink()
            raise

    def _verified(self, name: str, path: Path, meta: Meta) -> FeedFile:
        digest = hashlib.sha256()
        try:
            with closing(self._content(path, digest)) as content:  # Windows cannot delete an open file
                head = next(split(content))
                for _ in content:
                    pass
            if digest.hexdigest().upper() != meta.sha256:
                raise _ChecksumMismatch(
                    f"{self._http.source} sent a damaged file",
                    f"The {name} feed does not have the stated checksum.",
                    "None of it was stored; the next update downloads it again.",
                )
            envelope = read_envelope(head)
        except ParseError as error:
            raise self._http.unusable(f"The {name} feed has an unexpected format: {error}.") from error
        return FeedFile(name, path, meta.sha256, envelope.total, envelope.timestamp)

    def _content(self, path: Path, digest: Digest | None = None) -> Generator[bytes]:
        for chunk in gunzip(path, _LARGEST_CONTENT, digest):
            self.watch.checkpoint()
            yield chunk


class _ChecksumMismatch(SourceUnusable):
    """The file is complete, but its content differs from the description."""


def read_feed(feeds: Feeds, file: FeedFile, cursor: NvdCursor, finish: Callable[[], None]) -> Iterator[RecordPage]:
    """Read the records of one verified file, from where an earlier run stopped.

    The file was unpacked once before for its checksum, since nothing of a damaged file may be stored. Keeping the
    unpacked file (300 MB) would cost more than unpacking it again (0.5 s for a year). Records are counted only here.

    Args:
        finish: is called before the last page.

    Raises:
        SourceUnusable: the file has more or fewer records than it announces. They are stored, but the file does not
            count as read.
    """
    position = cursor.position
    if position is None or (position.feed, position.sha256) != (file.name, file.sha256):
        position = cursor.position = FeedPosition(file.name, file.sha256)
    part = f"NVD {file.name}"

    def close() -> None:
        cursor.position = None
        finish()

    kept_back = False
    unread = batches(islice(feeds.records(file), position.records, None), part, position.records)
    batch = next(unread, None)
    while batch is not None:
        following = next(unread, None)
        position.records += batch.size
        if following is None and position.records == file.records:
            close()
        page = page_of(batch, cursor, part, position.records, file.records)
        yield page
        kept_back, batch = page.kept_back, following
    if position.records != file.records:
        raise SourceUnusable(
            f"NVD's {file.name} feed is not complete",
            f"It announces {file.records:,} records and has {position.records:,}.",
            "The records present were stored; the next update checks the feed again.",
        )
    if not file.records:
        close()
        yield page_of(None, cursor, part, 0, 0)
    if not kept_back:  # otherwise the next run reads it again
        file.path.unlink(missing_ok=True)


def read_years(feeds: Feeds, cursor: NvdCursor, now: datetime) -> Iterator[RecordPage]:
    """Read all year feeds that changed. The watermark becomes the start of the pass less the feeds' lag, or later.

    Raises:
        SourceUnusable: one of them cannot be used. The others were read, and the pass is not over.
    """
    year_pass = cursor.year_pass = cursor.year_pass or YearPass(now)
    failures: list[SourceUnusable] = []
    years = range(now.year + 1, FIRST_YEAR - 1, -1)  # from the next one: at New Year clocks and time zones differ
    sizes = {year: year - FIRST_YEAR + 2 for year in years if year not in year_pass.done}
    whole, before = sum(sizes.values()) + 1, 0  # there are more records from year to year; 1: what follows the years
    fetches = feeds.watch.ahead(partial(_fetch_year, feeds, cursor.years.get(str(year)), year, now) for year in sizes)
    with closing(fetches):
        for (year, size), fetched in zip(sizes.items(), fetches, strict=True):
            try:
                for page in _read_year(feeds, cursor, year_pass, year, fetched):
                    page.share = (before + size * (page.done / page.total if page.total else 1)) / whole
                    yield page
            except SourceUnusable as error:
                failures.append(error)
            before += size
    if failures:
        raise failures[0]
    if not any(feed.records for feed in cursor.years.values()):
        raise _no_records("All its year feeds are empty.")
    cursor.year_pass, cursor.checked = None, year_pass.since
    reached = year_pass.since - LAG
    cursor.watermark = max(cursor.watermark, reached) if cursor.watermark else reached
    yield page_of(None, cursor, "NVD", 0, 0)


class _YearState(Enum):
    MISSING = "NVD has no such feed"
    UNCHANGED = "it was read before"


def _fetch_year(feeds: Feeds, known: YearFeed | None, year: int, now: datetime) -> FeedFile | _YearState:
    """Fetch the feed of a year. known: as it was read last."""
    name = str(year)
    meta = feeds.meta(name)
    if meta is None:
        if year <= (now - _NEW_YEAR).year:
            raise _no_records(f"Its feed of {year} is missing.")
        return _YearState.MISSING
    if known and known.sha256 == meta.sha256:
        return _YearState.UNCHANGED
    file = feeds.fetch(name, meta)
    if known and known.records and not file.records:
        raise _no_records(f"Its feed of {year} is empty, which it was not before.")
    return file


def _read_year(
    feeds: Feeds, cursor: NvdCursor, year_pass: YearPass, year: int, fetched: Callable[[], FeedFile | _YearState]
) -> Iterator[RecordPage]:
    file = fetched()
    if file is _YearState.UNCHANGED:
        year_pass.done.append(year)
    if isinstance(file, _YearState):
        return

    def finish() -> None:
        cursor.years[file.name] = YearFeed(file.sha256, file.records)
        year_pass.done.append(year)

    yield from read_feed(feeds, file, cursor, finish)


def _no_records(reason: str) -> SourceUnusable:
    return SourceUnusable(
        "NVD sent no records", reason, "The stored records stay unchanged; the next update tries again automatically."
    )
