"""Reading of NVD: first the year feeds, afterwards the changes, from the smallest source that has all of them.

That depends on the age of the watermark by the service's clock: up to 7.5 days the `modified` feed, which covers 8; up
to 120 days, its limit, the API; beyond that the year feeds that changed. Since NVD changes records without changing
lastModified, the year feeds are also compared every 30 days. The service's clock is the timestamp of the `modified`
feed; this computer's clock is not used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from backend.config import Settings
from backend.connectors.ahead import BackgroundWatch
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
from backend.contract.errors import SourceError, SourceUnusable
from backend.contract.names import Source
from backend.domain.claims import Feed

MODIFIED_REACHES = timedelta(days=7.5)
CHECK_EVERY = timedelta(days=30)


class NvdConnector:
    """National Vulnerability Database. clock: monotonic seconds, for the service's rate limits."""

    source = Source.NVD

    def __init__(self, settings: Settings, watch: Watch, clock: Callable[[], float] = time.monotonic) -> None:
        key = settings.nvd_api_key
        delay = settings.nvd_delay if settings.nvd_delay is not None else DELAY_WITH_KEY if key else DELAY
        limiter = RateLimit(REQUESTS_WITH_KEY if key else REQUESTS, PERIOD, delay, clock)
        cache, network = settings.cache_folder / "nvd", settings.network
        background = BackgroundWatch(watch)
        feeds = Http(background, cache, source="NVD", network=network)
        self._feeds = Feeds(feeds, settings.nvd_feeds_url, background)
        # NVD's firewall answers 403 to too many requests.
        http = Http(watch, cache, source="NVD", network=network, limiter=limiter, tries=TRIES, also_retried={403})
        self._api = Api(http, settings.nvd_url, key)

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002 - changes are found by hashes
        state = read_cursor(cursor)
        try:
            modified = self._modified_since(state)
        except SourceError as error:
            feeds_error = error
        else:
            if modified:
                yield from self._by_feeds(state, modified)
            return
        yield from self._by_api(state, feeds_error)
        raise feeds_error  # everything is stored, but the failure of the feeds is reported

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002 - only one feed
        return parse(record.key, record.raw)

    def _modified_since(self, state: NvdCursor) -> FeedFile | None:
        """Fetch the `modified` feed; None if it is unchanged and nothing else is to be done."""
        meta = self._feeds.required_meta(MODIFIED)
        if meta.sha256 == state.modified and not (state.year_pass or state.window):
            return None
        return self._feeds.fetch(MODIFIED, meta)

    def _by_feeds(self, state: NvdCursor, modified: FeedFile) -> Iterator[RecordPage]:
        now, failure = modified.timestamp, None
        if state.watermark is None or now - state.watermark > LONGEST:
            state.window = None
            try:
                yield from read_years(self._feeds, state, now)
            except SourceUnusable as error:
                failure = error  # one broken year must not keep the changes of the last days away
        yield from self._catch_up(state, modified, complete=failure is None)
        if failure:
            raise failure
        if state.year_pass or state.checked is None or now - state.checked > CHECK_EVERY:
            yield from read_years(self._feeds, state, now)

    def _catch_up(self, state: NvdCursor, modified: FeedFile, *, complete: bool) -> Iterator[RecordPage]:
        """Read the changes since the watermark. complete: whether all before them are stored."""
        now = modified.timestamp

        def note_edition() -> None:
            state.modified = modified.sha256

        def note_all() -> None:
            state.watermark, state.window = now, None
            note_edition()

        if not complete:
            yield from read_feed(self._feeds, modified, state, lambda: None)
        elif state.watermark and now - state.watermark > MODIFIED_REACHES:
            yield from read_windows(self._api, state, now, note_edition)
            modified.path.unlink(missing_ok=True)
        else:
            yield from read_feed(self._feeds, modified, state, note_all)

    def _by_api(self, state: NvdCursor, feeds_error: SourceError) -> Iterator[RecordPage]:
        """Without the feeds, read all changes since the watermark, however old, or all records if there is none."""
        if state.year_pass and state.watermark is None:
            raise feeds_error  # the first load was started by feeds, and the next run continues it

        def finish() -> None:
            state.checked = state.checked or state.watermark

        yield from read_windows(self._api, state, None, finish)
