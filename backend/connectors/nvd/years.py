"""Feed files read into pages: one file, and the walk over all years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from backend.connectors.model import Page
from backend.connectors.nvd.cursor import Cursor, Place, YearFeed, YearPass
from backend.connectors.nvd.feeds import FIRST_YEAR, FeedFile, Feeds
from backend.connectors.nvd.pages import batches, page_of
from backend.contract.errors import SourceError

LAG = timedelta(days=2)  # year feeds are rebuilt once a day, so they may lack what changed since
_NEW_YEAR = timedelta(days=7)  # for so long the new year's feed may be missing: `modified` holds the same


def read_feed(feeds: Feeds, file: FeedFile, cursor: Cursor, finish: Callable[[], None]) -> Iterator[Page]:
    """The records of one verified file, from where an earlier run stopped. `finish` is called before the last page."""
    place = cursor.place
    if place is None or (place.feed, place.sha256) != (file.name, file.sha256):
        place = cursor.place = Place(file.name, file.sha256)
    phase = f"NVD {file.name}"

    def close() -> None:
        cursor.place = None
        finish()

    for batch in batches(islice(feeds.records(file), place.records, None), phase, place.records):
        place.records += batch.size
        if place.records == file.records:
            close()
        yield page_of(batch, cursor, phase, place.records, file.records)
    if not file.records:
        close()
        yield page_of(None, cursor, phase, 0, 0)
    file.path.unlink(missing_ok=True)


def read_years(feeds: Feeds, cursor: Cursor, now: datetime) -> Iterator[Page]:
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


def _read_year(feeds: Feeds, cursor: Cursor, walk: YearPass, year: int, now: datetime) -> Iterator[Page]:
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
