"""The update: all enabled sources, asked at once and read one after the other, so that the failure of one does not
affect the others."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors import cisa, epss, euvd, mitre, nvd
from backend.connectors.connector import Connector, RecordPage, Watch
from backend.contract.errors import ConfigurationError, OpenThreatError, SourceError
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.contract.problems import ProblemId, common_cause
from backend.contract.wire import utc_now
from backend.services.maintenance.priorities import refresh_priorities_if_due
from backend.services.query.statistics import update_stats
from backend.services.runs.queue import Run
from backend.services.update.epss import EpssIngest
from backend.services.update.ingest import Ingest, known_versions
from backend.services.update.outcome import SourceOutcome, result_of
from backend.services.update.progress import (
    SourceRun,
    StageRun,
    UpdateProgress,
    parts_of,
    read_durations,
    write_durations,
)
from backend.services.update.rebuild import Rebuild, begin_if_rules_changed, rebuild_position
from backend.services.update.side_by_side import SideBySide
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
                "All sources are turned off",
                "",
                "Turn on at least one source in the settings.",
                problem_id=ProblemId.SOURCES_OFF,
            )
        steps = len(self._entries) + 1  # merging, priorities and statistics are the last one
        started = retry_while_away(self._run.sleep, self._first_started_at)
        cursors, durations = retry_while_away(self._run.sleep, self._begin)
        parts = parts_of({source: cursor is None for source, cursor in cursors.items()})
        whole = UpdateProgress(self._run, parts, durations)
        merge, finish = (StageRun(self._run, whole, part) for part in parts[-2:])
        try:
            with rare_garbage_collection():
                outcomes = self._update_sources(cursors, whole, steps)
                self._run.begin_step(steps, steps)
                whole.begin(merge.part)
                Rebuild(self._database, merge, self._clock).finish()
                whole.reach(merge.part, 1.0)
                whole.begin(finish.part)
                refresh_priorities_if_due(self._database, finish, self._clock)
            if all(outcome.error for outcome in outcomes):
                raise _all_failed(outcomes)
            retry_while_away(self._run.sleep, lambda: update_stats(self._settings, self._database, finish, self._clock))
        finally:
            whole.stop()
        whole.finish()
        retry_while_away(self._run.sleep, lambda: self._note_durations(whole, outcomes))
        return result_of(outcomes, retry_while_away(self._run.sleep, lambda: self._effect(started))).model_dump(
            mode="json"
        )

    def _update_sources(
        self, cursors: Mapping[Source, bytes | None], whole: UpdateProgress, steps: int
    ) -> list[SourceOutcome]:
        runs = {source: SourceRun(self._run, whole, source, first=cursor is None) for source, cursor in cursors.items()}
        connectors = {source: self._entries[source].connect(self._settings, run) for source, run in runs.items()}
        readings = {
            source: partial(connectors[source].pages, cursor, known_versions(self._database, runs[source]))
            for source, cursor in cursors.items()
        }
        outcomes = []
        with SideBySide(self._run, readings, waiting=lambda source: whole.begin(runs[source].fetching)) as sources:
            for step, (source, pages) in enumerate(sources, 1):
                run = runs[source]
                self._run.begin_step(step, steps)
                whole.reach(run.fetching, 1.0)
                whole.begin(run.reading)
                outcomes.append(self._update_source(connectors[source], run, pages, first=cursors[source] is None))
                whole.reach(run.reading, 1.0)
        return outcomes

    def _first_started_at(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return first_started_at(connection, self._run.id, self._clock())

    def _effect(self, started: datetime) -> UpdateEffect:
        with self._database.reading() as connection:
            return StatisticsRepository(connection).effect_since(started)

    def _update_source(
        self, connector: Connector, run: SourceRun, pages: Iterable[RecordPage], *, first: bool
    ) -> SourceOutcome:
        version = self._entries[connector.source].parser_version
        merged_up_to = retry_while_away(self._run.sleep, self._rebuild_position)
        ingest = (
            EpssIngest(self._database, run, connector, merged_up_to, self._clock)
            if connector.source is Source.EPSS
            else Ingest(self._database, run, connector, version, merged_up_to, self._clock)
        )
        try:
            outcome = ingest.ingest(pages, first_load=first)
        except SourceError as error:
            log.warning("%s: %s", connector.source, error)
            outcome = ingest.outcome
            outcome.error = error
        retry_while_away(self._run.sleep, lambda: self._end(outcome))
        run.source(connector.source, trouble="", **outcome.result().model_dump(mode="json"))
        return outcome

    def _begin(self) -> tuple[dict[Source, bytes | None], dict[str, float]]:
        """The cursors of the sources, and the durations of the last runs."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            begin_if_rules_changed(MetadataRepository(connection))
            sources = SourceRepository(connection)
            for source in self._entries:
                sources.record_attempt(source, self._clock())
            return {source: sources.cursor(source) for source in self._entries}, read_durations(connection)

    def _rebuild_position(self) -> str | None:
        with self._database.reading() as connection:
            return rebuild_position(MetadataRepository(connection))

    def _note_durations(self, whole: UpdateProgress, outcomes: Sequence[SourceOutcome]) -> None:
        failed = {outcome.source for outcome in outcomes if outcome.error}
        with self._database.transaction() as connection:
            self._run.fence(connection)
            write_durations(connection, {part: s for part, s in whole.taken.items() if part.source not in failed})

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
