"""The update: all enabled sources one after the other, so that the failure of one does not affect the others."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors import cisa, epss, euvd, mitre, nvd
from backend.connectors.connector import Connector, Watch
from backend.contract.errors import ConfigurationError, OpenThreatError, SourceError, StoreDamaged
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.contract.problems import ProblemId, common_cause
from backend.contract.tasks import SourceStage
from backend.contract.wire import utc_now
from backend.services.maintenance.priorities import refresh_priorities_if_due
from backend.services.query.statistics import update_stats
from backend.services.runs.queue import Run
from backend.services.update.ingest import Ingest
from backend.services.update.outcome import SourceOutcome, result_of
from backend.services.update.rebuild import (
    Rebuild,
    begin_if_rules_changed,
    rebuild_position,
    renew_search_index_if_damaged,
)
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.statistics import StatisticsRepository, UpdateEffect
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)

_ALLOCATIONS = 100_000  # per collection of the youngest objects; Python's default of 700 took a tenth of an update
_STARTED = "update_began"


@dataclass(frozen=True)
class SourceEntry:
    connect: Callable[[Settings, Watch], Connector]
    parser_version: int  # salts the record hashes: a new parser version reads every record again


def source_entries() -> Mapping[Source, SourceEntry]:
    """All sources in the order of an update: the small and fast ones first."""
    return {
        Source.CISA: SourceEntry(cisa.CisaConnector, cisa.PARSER_VERSION),
        Source.EPSS: SourceEntry(epss.EpssConnector, epss.PARSER_VERSION),
        Source.MITRE: SourceEntry(mitre.MitreConnector, mitre.PARSER_VERSION),
        Source.NVD: SourceEntry(nvd.NvdConnector, nvd.PARSER_VERSION),
        Source.EUVD: SourceEntry(euvd.EuvdConnector, euvd.PARSER_VERSION),
    }


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Exempt existing objects from garbage collection within the block, and collect new ones rarely.

    An update creates millions of short-lived objects without reference cycles.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def first_started_at(connection: Connection, run_id: str, now: datetime) -> datetime:
    """The first start of this run: an interrupted run continues under the same id."""
    facts = MetadataRepository(connection)
    moment, _, noted_run = (facts.get(_STARTED) or "").partition(" ")
    if noted_run == run_id:
        return datetime.fromisoformat(moment)
    facts.set(_STARTED, f"{now.isoformat()} {run_id}")
    return now


def run_update(
    settings: Settings,
    database: Database,
    run: Run,
    *,
    entries: Mapping[Source, SourceEntry] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> dict[str, object]:
    """Update the database from all enabled sources.

    Returns:
        An `UpdateResult` as JSON. Sources that failed are listed in `degraded`.

    Raises:
        SourceError: all sources failed.
        ConfigurationError: all sources are disabled.
        StoreFull: the disk is full.
    """
    update = Update(settings, database, run, entries or source_entries(), clock)
    try:
        return update.complete()
    except StoreDamaged as error:
        log.warning("%s; its indexes are built anew", error)
        database.rebuild_indexes()
    return update.complete()


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
                "All sources are turned off",
                "",
                "Turn on at least one source in the settings.",
                problem_id=ProblemId.SOURCES_OFF,
            )
        for source in self._entries:
            self._run.source(source, state=SourceStage.WAITING)
        steps = len(self._entries) + 1  # merging, priorities and statistics are the last one
        started = retry_while_away(self._run.sleep, self._first_started_at)
        with rare_garbage_collection():
            if retry_while_away(self._run.sleep, self._renew_search_index):
                Rebuild(self._database, self._run, self._clock).finish()
            outcomes = []
            for step, (source, entry) in enumerate(self._entries.items(), 1):
                self._run.begin_step(step, steps)
                outcomes.append(self._update_source(source, entry))
            self._run.begin_step(steps, steps)
            Rebuild(self._database, self._run, self._clock).finish()
            refresh_priorities_if_due(self._database, self._run, self._clock)
        if all(outcome.error for outcome in outcomes):
            raise _all_failed(outcomes)
        retry_while_away(self._run.sleep, lambda: update_stats(self._settings, self._database, self._run, self._clock))
        return result_of(outcomes, retry_while_away(self._run.sleep, lambda: self._effect(started))).model_dump(
            mode="json"
        )

    def _first_started_at(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return first_started_at(connection, self._run.id, self._clock())

    def _renew_search_index(self) -> bool:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            renewed = renew_search_index_if_damaged(connection)
        if renewed:
            log.warning("the search index was damaged and is made anew from the records")
        return renewed

    def _effect(self, started: datetime) -> UpdateEffect:
        with self._database.reading() as connection:
            return StatisticsRepository(connection).effect_since(started)

    def _update_source(self, source: Source, entry: SourceEntry) -> SourceOutcome:
        cursor, merged_up_to = retry_while_away(self._run.sleep, lambda: self._begin(source))
        connector = entry.connect(self._settings, self._run)
        ingest = Ingest(self._database, self._run, connector, entry.parser_version, merged_up_to, self._clock)
        try:
            outcome = ingest.ingest(cursor)
        except SourceError as error:
            log.warning("%s: %s", source, error)
            outcome = ingest.outcome
            outcome.error = error
        retry_while_away(self._run.sleep, lambda: self._end(outcome))
        self._run.source(source, **outcome.result().model_dump(mode="json"))
        return outcome

    def _begin(self, source: Source) -> tuple[bytes | None, str | None]:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            facts, sources = MetadataRepository(connection), SourceRepository(connection)
            begin_if_rules_changed(facts)
            sources.record_attempt(source, self._clock())
            return sources.cursor(source), rebuild_position(facts)

    def _end(self, outcome: SourceOutcome) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            sources = SourceRepository(connection)
            if outcome.error:
                sources.record_failure(outcome.source, outcome.error)
            else:
                sources.record_success(outcome.source, self._clock())


def _all_failed(outcomes: list[SourceOutcome]) -> OpenThreatError:
    errors = [outcome.error for outcome in outcomes if outcome.error]
    cause = common_cause([error.problem_id for error in errors])
    reasons = [error.message if cause else str(error) for error in errors]  # str(error) names the source
    return SourceError(
        "No source could be read",
        sentences(*dict.fromkeys(reasons)),
        "Check the network connection and the proxy settings; the next update tries again automatically.",
        problem_id=cause or ProblemId.UPDATE_FAILED,
    )
