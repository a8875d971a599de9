"""The update of one source in one run: its state before, its pages, its outcome after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors.connector import (
    Connector,
    KnownVersions,
    Parsed,
    ParseError,
    RawRecord,
    ReadById,
    RecordLookup,
    RecordPage,
    Watch,
)
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.claims import Feed
from backend.services.maintenance.priorities import record_scoring_day
from backend.services.update.epss import EpssIngest
from backend.services.update.ingest import Companion, Ingest, known_versions
from backend.services.update.outcome import SourceOutcome
from backend.services.update.peer import Peer
from backend.services.update.progress import SourceRun
from backend.services.update.rebuild import begin_if_rules_changed, rebuild_position
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import LOADING_KEY, NEWS_SINCE_KEY, MetadataRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceEntry:
    """How a source is read.

    parser_version: salts the record hashes, so that a new parser reads every record again.
    """

    connect: Callable[[Settings, Watch], Connector]
    parser_version: int


@dataclass(frozen=True)
class Start:
    """The state of a source when an update begins.

    merged_up_to: as for `Ingest`. loading: this is the source's first load, perhaps continued.
    """

    cursor: bytes | None
    merged_up_to: str | None
    loading: bool


def begin_sources(connection: Connection, sources: Iterable[Source], now: datetime) -> dict[Source, Start]:
    """Note that an update of these sources begins, and return their states."""
    metadata, stored = MetadataRepository(connection), SourceRepository(connection)
    begin_if_rules_changed(connection)
    if IngestRepository(connection).is_empty():
        record_scoring_day(metadata, now.date())  # no score is of another day
    merged_up_to, starts = rebuild_position(metadata), {}
    for source in sources:
        stored.record_attempt(source, now)
        cursor, key = stored.cursor(source), LOADING_KEY.format(source=source)
        if cursor is None:
            metadata.set(key, "yes")
        starts[source] = Start(cursor, merged_up_to, metadata.get(key) is not None)
    return starts


def is_complete(connection: Connection, source: Source) -> bool:
    """Whether a source was read once from its beginning to its end."""
    has_cursor = SourceRepository(connection).cursor(source) is not None
    return has_cursor and MetadataRepository(connection).get(LOADING_KEY.format(source=source)) is None


def end_source(connection: Connection, outcome: SourceOutcome, start: Start, now: datetime) -> None:
    """Note how an update of a source ended; if all was read, its first load is over."""
    sources, metadata = SourceRepository(connection), MetadataRepository(connection)
    if outcome.error:
        sources.record_failure(outcome.source, outcome.error)
        return
    sources.record_success(outcome.source, now)
    metadata.delete(LOADING_KEY.format(source=outcome.source))
    if start.loading and outcome.seen:
        metadata.set(NEWS_SINCE_KEY, now.isoformat())


class SourceUpdate:
    """The update of one source, which may be read in two steps."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        run: SourceRun,
        source: Source,
        entry: SourceEntry,
        start: Start,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self._source, self._entry, self._start = source, entry, start
        self._connector = _connected(settings, run, source, entry)
        self._ingest: Ingest | EpssIngest | None = None
        self._has_ended = False
        self.run = run
        self.outcome = SourceOutcome(source)

    @property
    def has_cursor(self) -> bool:
        """Whether it was read before, if only in part."""
        return self._start.cursor is not None

    @property
    def is_half_read(self) -> bool:
        """Whether it was read up to a certain feed."""
        return self._ingest is not None and not self._has_ended

    @property
    def loading(self) -> bool:
        """Whether this is the source's first load, perhaps continued."""
        return self._start.loading

    def pages(self) -> Iterator[RecordPage]:
        """Everything that is new since the last update; begins to fetch with the first page."""
        return self._connector.pages(self._start.cursor, known_versions(self._database, self.run))

    @contextmanager
    def companion(self, has_arrived: Callable[[], bool]) -> Iterator[Companion | None]:
        """This source as a companion of another one, from when it has arrived; None if it cannot be read by id."""
        connector = self._connector
        if not isinstance(connector, ReadById):
            yield None
            return
        opened: list[RecordLookup] = []

        def lookup() -> RecordLookup | None:
            if not opened and has_arrived():
                opened.append(connector.open_lookup())
            return opened[0] if opened else None

        try:
            yield Companion(self._source, connector.parse, self._entry.parser_version, lookup, self.outcome)
        finally:
            for records in opened:
                records.close()

    def begin(self, pages: Iterable[RecordPage], companions: Iterable[Companion], peer: Peer | None) -> None:
        """Prepare to read these pages, with the companions' records of the same vulnerabilities."""
        start, connector = self._start, self._connector
        thresholds = None if start.loading else self._settings.user.inbox
        self._ingest = (
            EpssIngest(self._database, self.run, connector.parse, pages, start.merged_up_to, self._clock, thresholds)
            if self._source is Source.EPSS
            else Ingest(
                self._database,
                self.run,
                connector,
                pages,
                self._entry.parser_version,
                start.merged_up_to,
                self._clock,
                self.outcome,
                thresholds=thresholds,
                companions=companions,
                peer=peer,
            )
        )
        self.outcome = self._ingest.outcome

    def read(self, *, until: Collection[Feed] = ()) -> None:
        """Ingest the pages, up to the first of certain feeds; the next call goes on there."""
        if self._ingest is None or self._has_ended:
            return
        try:
            if isinstance(self._ingest, EpssIngest):
                self._ingest.ingest()
            else:
                self._ingest.ingest(until=until)
        except SourceError as error:
            log.warning("%s: %s", self._source, error)
            self.outcome.error = error
        if not until or self.outcome.error:
            self._has_ended = True
            retry_while_away(self.run.sleep, self._end)
            self.run.source(self._source, trouble="", **self.outcome.result().model_dump(mode="json"))

    def _end(self) -> None:
        with self._database.transaction() as connection:
            self.run.fence(connection)
            end_source(connection, self.outcome, self._start, self._clock())


def _connected(settings: Settings, watch: Watch, source: Source, entry: SourceEntry) -> Connector:
    """The connector of a source; if it cannot be set up, one that fails when it is read, as all else of that source."""
    try:
        return entry.connect(settings, watch)
    except SourceError as error:
        return _FailedConnector(source, error)


class _FailedConnector:
    def __init__(self, source: Source, error: SourceError) -> None:
        self.source, self._error = source, error

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002
        raise self._error

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002
        raise ParseError(str(self._error))
