"""NVD's feed files: fetched, held against their checksum as a whole, and only then handed out, record by record.

Feed files read into pages: one file, and the walk over all years.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from backend.connectors.addresses import NVD_FEEDS, base_address
from backend.connectors.connector import ParseError, RecordPage, Watch
from backend.connectors.decoding import parse_instant
from backend.connectors.files import Digest, gunzip
from backend.connectors.http import Http
from backend.connectors.nvd.cursor import FeedPosition, NvdCursor, YearFeed, YearPass, batches, page_of
from backend.connectors.nvd.split import read_envelope, split
from backend.contract.errors import SourceError, SourceRefused

MODIFIED = "modified"  # what changed in the last 8 days
FIRST_YEAR = 2002  # it also holds 1999-2001

_SHA256 = re.compile(r"[0-9A-F]{64}")
_LONGEST_META = 2**16  # bytes
_LARGEST_FILE, _LARGEST_CONTENT = 2**28, 2**32  # bytes; in 2026 the largest year has 25 MB and 295 MB


@dataclass(frozen=True)
class Meta:
    """What the file beside a feed says: sha256 of the uncompressed JSON (upper case), and when it was made."""

    sha256: str
    modified_at: datetime


@dataclass(frozen=True)
class FeedFile:
    """A feed in the cache whose content has the stated checksum.

    records: how many it announces; timestamp: the service's clock when it was made.
    """

    name: str
    path: Path
    sha256: str
    records: int
    timestamp: datetime


class Feeds:
    """Raises SourceError for whatever is not a whole feed as NVD made it; the file is then fetched again next time."""

    def __init__(self, http: Http, base: str, watch: Watch) -> None:
        self._http, self._watch = http, watch
        self._address = base_address(base, NVD_FEEDS)

    def meta(self, name: str) -> Meta | None:
        """None: there is no such feed (404)."""
        answer = self._http.get(f"{self._address}{name}.meta", max_bytes=_LONGEST_META, allow={404})
        if answer.status == 404:
            return None
        lines = answer.body.decode("utf-8", "replace").splitlines()
        said = {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
        try:
            sha256, made = said["sha256"].upper(), parse_instant(said["lastModifiedDate"])
        except (KeyError, ValueError) as error:
            raise self._http.unusable(f"The description of the {name} feed is not one.", answer.body) from error
        if not _SHA256.fullmatch(sha256):
            raise self._http.unusable(f"The description of the {name} feed holds no checksum.", answer.body)
        return Meta(sha256, made)

    def required_meta(self, name: str) -> Meta:
        meta = self.meta(name)
        if meta is None:
            raise SourceRefused(
                f"{self._http.source} has no {name} feed",
                "It answered 404 Not Found.",
                "The next update tries again by itself.",
            )
        return meta

    def fetch(self, name: str, meta: Meta) -> FeedFile:
        """The feed, verified. One that was rebuilt between its description and itself is asked for once more."""
        path = self._http.cache / f"nvdcve-2.0-{name}.json.gz"
        if path.exists():  # left by a run that was stopped
            try:
                return self._verified(name, path, meta)
            except SourceError:
                path.unlink()
        try:
            return self._downloaded(name, path, meta)
        except _OtherEdition:
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
            with closing(self._content(path, digest)) as content:  # Windows deletes no file that is still open
                head = next(split(content))
                for _ in content:
                    pass
            if digest.hexdigest().upper() != meta.sha256:
                raise _OtherEdition(
                    f"{self._http.source} sent a damaged file",
                    f"The {name} feed is not what its checksum says.",
                    "Nothing of it was taken in; the next update downloads it again.",
                )
            envelope = read_envelope(head)
        except ParseError as error:
            raise self._http.unusable(f"The {name} feed is not what it should be: {error}.") from error
        return FeedFile(name, path, meta.sha256, envelope.total, envelope.timestamp)

    def _content(self, path: Path, digest: Digest | None = None) -> Generator[bytes]:
        for chunk in gunzip(path, _LARGEST_CONTENT, digest):
            self._watch.checkpoint()
            yield chunk


class _OtherEdition(SourceError):  # noqa: N818 - names what came
    """The file is whole, but not the one that was described."""


LAG = timedelta(days=2)  # year feeds are rebuilt once a day, so they may lack what changed since
_NEW_YEAR = timedelta(days=7)  # for so long the new year's feed may be missing: `modified` holds the same


def read_feed(feeds: Feeds, file: FeedFile, cursor: NvdCursor, finish: Callable[[], None]) -> Iterator[RecordPage]:
    """Read the records of one verified file, from where an earlier run stopped.

    The file was unpacked once before, for its checksum: nothing of a damaged file may be taken in, and keeping what it
    unpacks to (300 MB) costs more than to unpack it again (0.5 s for a year). Records are counted only here.

    Args:
        finish: is called before the last page.

    Raises:
        SourceError: the file holds more or fewer records than it announces. They are taken in, but the file does not
            count as read.
    """
    place = cursor.place
    if place is None or (place.feed, place.sha256) != (file.name, file.sha256):
        place = cursor.place = FeedPosition(file.name, file.sha256)
    phase = f"NVD {file.name}"

    def close() -> None:
        cursor.place = None
        finish()

    unread = batches(islice(feeds.records(file), place.records, None), phase, place.records)
    batch = next(unread, None)
    while batch is not None:
        following = next(unread, None)
        place.records += batch.size
        if following is None and place.records == file.records:
            close()
        yield page_of(batch, cursor, phase, place.records, file.records)
        batch = following
    if place.records != file.records:
        raise SourceError(
            f"NVD's {file.name} feed is not complete",
            f"It announces {file.records:,} records and holds {place.records:,}.",
            "The records that it holds were taken in; the next update checks the feed again.",
        )
    if not file.records:
        close()
        yield page_of(None, cursor, phase, 0, 0)
    file.path.unlink(missing_ok=True)


def read_years(feeds: Feeds, cursor: NvdCursor, now: datetime) -> Iterator[RecordPage]:
    """All year feeds that differ from what is in. The watermark ends where the walk began, less their lag, or later."""
    walk = cursor.walk = cursor.walk or YearPass(now)
    for year in range(FIRST_YEAR, now.year + 2):  # the next one as well: at New Year clocks and time zones differ
        if year not in walk.done:
            yield from _read_year(feeds, cursor, walk, year, now)
    if not any(feed.records for feed in cursor.years.values()):
        raise _nothing("Its year feeds are empty, all of them.")
    cursor.walk, cursor.checked = None, walk.since
    reached = walk.since - LAG
    cursor.watermark = max(cursor.watermark, reached) if cursor.watermark else reached
    yield page_of(None, cursor, "NVD", 0, 0)


def _read_year(feeds: Feeds, cursor: NvdCursor, walk: YearPass, year: int, now: datetime) -> Iterator[RecordPage]:
    name = str(year)
    meta = feeds.meta(name)
    if meta is None:
        if year <= (now - _NEW_YEAR).year:
            raise _nothing(f"Its feed of {year} is missing.")
        return
    known = cursor.years.get(name)
    if known and known.sha256 == meta.sha256:
        walk.done.append(year)
        return
    file = feeds.fetch(name, meta)
    if known and known.records and not file.records:
        raise _nothing(f"Its feed of {year} is empty, which it was not before.")

    def finish() -> None:
        cursor.years[name] = YearFeed(file.sha256, file.records)
        walk.done.append(year)

    yield from read_feed(feeds, file, cursor, finish)


def _nothing(reason: str) -> SourceError:
    return SourceError(
        "NVD sent no records", reason, "What is known stays as it is; the next update tries again by itself."
    )
