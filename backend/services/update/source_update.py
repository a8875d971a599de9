"""The update of one source in one run: its cursor before, its outcome after."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend.config import Settings
from backend.connectors.connector import Connector, RecordLookup, Watch
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.claims import Feed
from backend.services.runs.queue import Run
from backend.services.update.epss import EpssIngest
from backend.services.update.ingest import Companion, Ingest
from backend.services.update.outcome import SourceOutcome
from backend.services.update.rebuild import begin_if_rules_changed, rebuild_position
from backend.store.engine import Database
from backend.store.repositories.metadata import LOADING_KEY, MetadataRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SourceEntry:
    """How a source is read.

    parser_version: salts the record hashes, so that a new parser reads every record again. lookup: opens all its
    records for reading by id.
    """

    connect: Callable[[Settings, Watch], Connector]
    parser_version: int
    lookup: Callable[[Settings, Watch], RecordLookup] | None = None


@dataclass(frozen=True)
class _Start:
    """The state of the source when its update begins."""

    cursor: bytes | None
    merged_up_to: str | None
    loading: bool


class SourceUpdate:
    """The update of one source. It begins when it is first asked for, and may run in two steps."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        run: Run,
        source: Source,
        entry: SourceEntry,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings, self._database, self._run, self._clock = settings, database, run, clock
        self._source, self._entry = source, entry
        self._ingest: Ingest | EpssIngest | None = None
        self._ended = False
        self.outcome = SourceOutcome(source)

    @property
    def loading(self) -> bool:
        """Whether this is the source's first load, perhaps continued."""
        return self._start.loading

    def companion(self) -> Companion | None:
        """This source as a companion of another one.

        Returns:
            None if it was read before, if its records cannot be read by id, or if that fails: it is then read later.
        """
        if self._entry.lookup is None or self._start.cursor is not None:
            return None
        try:
            lookup = self._entry.lookup(self._settings, self._run)
        except SourceError as error:
            log.warning("%s cannot be read together with another source: %s", self._source, error)
            return None
        connector = self._entry.connect(self._settings, self._run)
        return Companion(Feed(self._source), connector, self._entry.parser_version, lookup)

    def run(self, *, until: Feed | None = None, companion: Companion | None = None) -> None:
        """Read the source, up to the first page of a feed if one is given; the next call goes on there."""
        if self._ended:
            return
        if self._ingest is None:
            self._ingest = self._begun(companion)
            self.outcome = self._ingest.outcome
        try:
            self._ingest.ingest(until=until)
        except SourceError as error:
            log.warning("%s: %s", self._source, error)
            self.outcome.error = error
        if until is None or self.outcome.error:
            self._ended = True
            retry_while_away(self._run.sleep, self._end)
            self._run.source(self._source, **self.outcome.result().model_dump(mode="json"))

    def _begun(self, companion: Companion | None) -> Ingest | EpssIngest:
        start, connector = self._start, self._entry.connect(self._settings, self._run)
        common = (self._database, self._run, connector)
        ingest = (
            EpssIngest(*common, start.merged_up_to, self._clock)
            if self._source is Source.EPSS
            else Ingest(
                *common,
                self._entry.parser_version,
                start.merged_up_to,
                self._clock,
                loading=start.loading,
                companion=companion,
            )
        )
        ingest.begin(start.cursor)
        return ingest

    @cached_property
    def _start(self) -> _Start:
        return retry_while_away(self._run.sleep, self._begin)

    def _begin(self) -> _Start:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            metadata, sources = MetadataRepository(connection), SourceRepository(connection)
            begin_if_rules_changed(metadata)
            sources.record_attempt(self._source, self._clock())
            cursor, key = sources.cursor(self._source), LOADING_KEY.format(source=self._source)
            if cursor is None:
                metadata.set(key, "yes")
            return _Start(cursor, rebuild_position(metadata), metadata.get(key) is not None)

    def _end(self) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            sources = SourceRepository(connection)
            if self.outcome.error:
                sources.record_failure(self._source, self.outcome.error)
            else:
                sources.record_success(self._source, self._clock())
                MetadataRepository(connection).delete(LOADING_KEY.format(source=self._source))
