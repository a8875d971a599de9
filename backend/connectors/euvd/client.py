"""Reading of EUVD: two complete listings, the changes, and older records within a budget of requests per run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from backend.config import Settings
from backend.connectors.connector import KnownVersions, Parsed, RawRecord, RecordLookup, RecordPage, Watch
from backend.connectors.euvd.api import EuvdApi
from backend.connectors.euvd.cursor import read_cursor
from backend.connectors.euvd.listings import MappingLookup, read_kev, read_mapping
from backend.connectors.euvd.parse import parse_kev, parse_mapping, parse_record
from backend.connectors.euvd.records import read_records
from backend.connectors.http import Http
from backend.connectors.retry import RateLimit
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.claims import Feed


class EuvdConnector:
    """European Vulnerability Database. clock: monotonic seconds, for the pause between requests."""

    source = Source.EUVD

    def __init__(self, settings: Settings, watch: Watch, clock: Callable[[], float] = time.monotonic) -> None:
        pause = RateLimit(1, 0, settings.euvd_delay, clock)
        http = Http(watch, settings.cache_folder / "euvd", source="EUVD", network=settings.network, limiter=pause)
        self._service = EuvdApi(http, settings.euvd_url)
        self._budget = settings.euvd_pages

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002 - changes are found by hashes
        state = read_cursor(cursor)
        recent = self._service.recent()
        failure: SourceError | None = None
        for listing in (read_kev(self._service, state), read_mapping(self._service, state, recent)):
            try:
                for page in listing:
                    page.share = 0.0  # records follow, which take longer
                    yield page
            except SourceError as error:
                failure = failure or error  # a broken listing must not stop the reading of records
        yield from read_records(self._service, state, recent, self._budget)
        if failure:
            raise failure

    def open_lookup(self) -> RecordLookup:
        """Open the mapping that `pages` has downloaded and not listed yet, for reading by CVE id.

        Raises:
            SourceError: it has not.
        """
        path = self._service.downloaded_mapping
        if path is None or not path.exists():
            raise SourceError("EUVD's list of ids is not there")
        return MappingLookup(self._service, path)

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:
        match feed:
            case Feed.EUVD_MAPPING:
                return parse_mapping(record.raw)
            case Feed.EUVD_KEV:
                return parse_kev(record.key, record.raw)
            case _:
                return parse_record(record.key, record.raw)
