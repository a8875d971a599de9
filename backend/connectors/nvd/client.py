"""Reads NVD: year feeds at first, afterwards what has changed, by whichever way holds all of it.

How far the watermark lies behind the service's clock decides: up to 7.5 days the `modified` feed is enough, which holds
8; up to 120, its limit, the API is asked; beyond that the year feeds that differ are read again. Since NVD changes
records without touching lastModified, the year feeds are compared every 30 days anyway. The service's clock is the
timestamp of the `modified` feed; this computer's plays no part.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from backend.config import Settings
from backend.connectors.connector import KnownVersions, Parsed, RawRecord, RecordPage, Watch
from backend.connectors.http import Http
from backend.connectors.nvd.api import (
    DELAY,
    DELAY_WITH_KEY,
    LONGEST,
    PERIOD,
    REQUESTS,
    REQUESTS_WITH_KEY,
    TRIES,
    Api,
    read_windows,
)
from backend.connectors.nvd.cursor import NvdCursor, read_cursor
from backend.connectors.nvd.feeds import MODIFIED, FeedFile, Feeds, read_feed, read_years
from backend.connectors.nvd.parse import parse
from backend.connectors.retry import RateLimit
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.claims import Feed

MODIFIED_REACHES = timedelta(days=7.5)
CHECK_EVERY = timedelta(days=30)


class NvdConnector:
    """National Vulnerability Database. clock: seconds that only grow, to keep the service's limits by."""

    source = Source.NVD

    def __init__(self, settings: Settings, watch: Watch, clock: Callable[[], float] = time.monotonic) -> None:
        key = settings.nvd_api_key
        delay = settings.nvd_delay if settings.nvd_delay is not None else DELAY_WITH_KEY if key else DELAY
        limiter = RateLimit(REQUESTS_WITH_KEY if key else REQUESTS, PERIOD, delay, clock)
        cache = settings.cache_folder / "nvd"
        self._feeds = Feeds(Http(watch, cache, source="NVD"), settings.nvd_feeds_url, watch)
        # NVD's firewall answers 403 where it was asked too often.
        http = Http(watch, cache, source="NVD", limiter=limiter, tries=TRIES, also_retried={403})
        self._api = Api(http, settings.nvd_url, key)

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002 - hashes tell what is new
        state = read_cursor(cursor)
        try:
            modified = self._modified_since(state)
        except SourceError as error:
            problem = error
        else:
            if modified:
                yield from self._by_feeds(state, modified)
            return
        yield from self._by_api(state, problem)
        raise problem  # all is in, but people should know that the usual way is closed

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002 - there is only one
        return parse(record.key, record.raw)

    def _modified_since(self, state: NvdCursor) -> FeedFile | None:
        """None: it is the one that was taken in last, and nothing else is left to do."""
        meta = self._feeds.required_meta(MODIFIED)
        if meta.sha256 == state.modified and not (state.walk or state.window):
            return None
        return self._feeds.fetch(MODIFIED, meta)

    def _by_feeds(self, state: NvdCursor, modified: FeedFile) -> Iterator[RecordPage]:
        now = modified.timestamp
        if state.watermark is None or now - state.watermark > LONGEST:
            state.window = None
            yield from read_years(self._feeds, state, now)
        yield from self._catch_up(state, modified)
        if state.walk or state.checked is None or now - state.checked > CHECK_EVERY:
            yield from read_years(self._feeds, state, now)

    def _catch_up(self, state: NvdCursor, modified: FeedFile) -> Iterator[RecordPage]:
        now = modified.timestamp

        def covered() -> None:
            state.modified = modified.sha256

        def taken_in() -> None:
            state.watermark, state.window = now, None
            covered()

        if state.watermark and now - state.watermark > MODIFIED_REACHES:
            yield from read_windows(self._api, state, now, covered)
            modified.path.unlink(missing_ok=True)
        else:
            yield from read_feed(self._feeds, modified, state, taken_in)

    def _by_api(self, state: NvdCursor, problem: SourceError) -> Iterator[RecordPage]:
        """Without the feeds: what has changed, however long ago that was; or everything, where nothing is in yet."""
        if state.walk and state.watermark is None:
            raise problem  # the first load has begun by feeds, and the next run goes on with it

        def finish() -> None:
            state.checked = state.checked or state.watermark

        yield from read_windows(self._api, state, None, finish)
