"""The main job: every source that is switched on, one after the other, independent of each other's faults."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from backend.config import Settings
from backend.connectors.registry import SourceEntry, source_entries
from backend.contract.errors import ConfigurationError, OpenThreatError, SourceError
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.services import rebuild_state
from backend.services.garbage import rare_garbage_collection
from backend.services.ingest import Ingest
from backend.services.news import note_beginning
from backend.services.outcome import SourceOutcome, result_of
from backend.services.rebuild import Rebuild
from backend.services.run import Run
from backend.services.scores import refresh_priorities_if_due
from backend.services.statistics import update_stats
from backend.store.engine import Database
from backend.store.repositories.metadata import FactRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.statistics import News, StatisticsRepository
from backend.store.retry import patiently

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


def run_update(
    settings: Settings,
    database: Database,
    run: Run,
    *,
    entries: Mapping[Source, SourceEntry] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, object]:
    """Brings the database up to date and returns what was done: UpdateResult as JSON.

    A source that fails is named in `degraded` and leaves the others alone. Raises SourceError when no source landed,
    ConfigurationError when all are switched off, StoreFull when the disk is full.
    """
    return Update(settings, database, run, entries or source_entries(), clock).complete()


class Update:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        run: Run,
        entries: Mapping[Source, SourceEntry],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings, self._database, self._run, self._clock = settings, database, run, clock
        self._entries = {source: entry for source, entry in entries.items() if settings.user.source_enabled(source)}

    def complete(self) -> dict[str, object]:
        if not self._entries:
            raise ConfigurationError(
                "All sources are switched off", "", "Switch on at least one source in the settings."
            )
        for source in self._entries:
            self._run.source(source, state="waiting")
        began = patiently(self._run, self._note_beginning)
        with rare_garbage_collection():
            outcomes = [self._one_source(source, entry) for source, entry in self._entries.items()]
            Rebuild(self._database, self._run, self._clock).finish()
            refresh_priorities_if_due(self._database, self._run, self._clock)
        if all(outcome.error for outcome in outcomes):
            raise _nothing_landed(outcomes)
        patiently(self._run, lambda: update_stats(self._settings, self._database, self._run, self._clock))
        return result_of(outcomes, patiently(self._run, lambda: self._news(began))).model_dump(mode="json")

    def _note_beginning(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return note_beginning(connection, self._run.id, self._clock())

    def _news(self, began: datetime) -> News:
        with self._database.reading() as connection:
            return StatisticsRepository(connection).news(began)

    def _one_source(self, source: Source, entry: SourceEntry) -> SourceOutcome:
        cursor, merged_up_to = patiently(self._run, lambda: self._begin(source))
        connector = entry.connect(self._settings, self._run)
        ingest = Ingest(self._database, self._run, connector, entry.parser_version, merged_up_to, self._clock)
        try:
            outcome = ingest.take_all(cursor)
        except SourceError as error:
            log.warning("%s: %s", source, error)
            outcome = ingest.outcome
            outcome.error = error
        patiently(self._run, lambda: self._end(outcome))
        self._run.source(source, **outcome.result().model_dump(mode="json"))
        return outcome

    def _begin(self, source: Source) -> tuple[bytes | None, str | None]:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            facts, sources = FactRepository(connection), SourceRepository(connection)
            rebuild_state.begin_if_rules_changed(facts)
            sources.attempted(source, self._clock())
            return sources.cursor(source), rebuild_state.position(facts)

    def _end(self, outcome: SourceOutcome) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            sources = SourceRepository(connection)
            if outcome.error:
                sources.failed(outcome.source, outcome.error)
            else:
                sources.succeeded(outcome.source, self._clock())


def _nothing_landed(outcomes: list[SourceOutcome]) -> OpenThreatError:
    reasons = sentences(*(str(outcome.error) for outcome in outcomes))  # each names its source
    return SourceError(
        "No source could be read",
        reasons,
        "Check the network connection and the proxy settings; the next update tries again by itself.",
    )
