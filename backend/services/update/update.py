"""The main job: every source that is switched on, one after the other, independent of each other's faults.

All sources, in the order in which an update takes them: the small and quick ones first.

Garbage collection while millions of short-lived objects come and go that hold no reference cycles.

What an update brought, in vulnerabilities: its sources count records, of which most are scores that moved.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors import cisa, epss, euvd, mitre, nvd
from backend.connectors.connector import Connector, Watch
from backend.contract.errors import ConfigurationError, OpenThreatError, SourceError
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.contract.problems import ProblemId, common_cause
from backend.services.maintenance.priorities import refresh_priorities_if_due
from backend.services.query.statistics import update_stats
from backend.services.runs.queue import Run
from backend.services.update.ingest import Ingest
from backend.services.update.outcome import SourceOutcome, result_of
from backend.services.update.rebuild import Rebuild, begin_if_rules_changed, rebuild_position
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.sources import SourceRepository
from backend.store.repositories.statistics import StatisticsRepository, UpdateEffect
from backend.store.retry import patiently


@dataclass(frozen=True)
class SourceEntry:
    connect: Callable[[Settings, Watch], Connector]
    parser_version: int  # salts the record hashes: a better parser reads every record again


def source_entries() -> Mapping[Source, SourceEntry]:
    return {
        Source.CISA: SourceEntry(cisa.CisaConnector, cisa.PARSER_VERSION),
        Source.EPSS: SourceEntry(epss.EpssConnector, epss.PARSER_VERSION),
        Source.MITRE: SourceEntry(mitre.MitreConnector, mitre.PARSER_VERSION),
        Source.NVD: SourceEntry(nvd.NvdConnector, nvd.PARSER_VERSION),
        Source.EUVD: SourceEntry(euvd.EuvdConnector, euvd.PARSER_VERSION),
    }


_ALLOCATIONS = 100_000  # between two looks at the youngest objects; Python's own 700 cost a tenth of an update


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """What is there already is not looked at within the block; what comes is looked at seldom."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


_BEGAN = "update_began"


def note_beginning(connection: Connection, run_id: str, now: datetime) -> datetime:
    """When this run began for the first time: one that was interrupted goes on under the same id."""
    facts = MetadataRepository(connection)
    moment, _, noted = (facts.get(_BEGAN) or "").partition(" ")
    if noted == run_id:
        return datetime.fromisoformat(moment)
    facts.set(_BEGAN, f"{now.isoformat()} {run_id}")
    return now


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
                "All sources are switched off",
                "",
                "Switch on at least one source in the settings.",
                problem_id=ProblemId.SOURCES_OFF,
            )
        for source in self._entries:
            self._run.source(source, state="waiting")
        began = patiently(self._run.sleep, self._note_beginning)
        with rare_garbage_collection():
            outcomes = [self._one_source(source, entry) for source, entry in self._entries.items()]
            Rebuild(self._database, self._run, self._clock).finish()
            refresh_priorities_if_due(self._database, self._run, self._clock)
        if all(outcome.error for outcome in outcomes):
            raise _nothing_landed(outcomes)
        patiently(self._run.sleep, lambda: update_stats(self._settings, self._database, self._run, self._clock))
        return result_of(outcomes, patiently(self._run.sleep, lambda: self._news(began))).model_dump(mode="json")

    def _note_beginning(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return note_beginning(connection, self._run.id, self._clock())

    def _news(self, began: datetime) -> UpdateEffect:
        with self._database.reading() as connection:
            return StatisticsRepository(connection).news(began)

    def _one_source(self, source: Source, entry: SourceEntry) -> SourceOutcome:
        cursor, merged_up_to = patiently(self._run.sleep, lambda: self._begin(source))
        connector = entry.connect(self._settings, self._run)
        ingest = Ingest(self._database, self._run, connector, entry.parser_version, merged_up_to, self._clock)
        try:
            outcome = ingest.take_all(cursor)
        except SourceError as error:
            log.warning("%s: %s", source, error)
            outcome = ingest.outcome
            outcome.error = error
        patiently(self._run.sleep, lambda: self._end(outcome))
        self._run.source(source, **outcome.result().model_dump(mode="json"))
        return outcome

    def _begin(self, source: Source) -> tuple[bytes | None, str | None]:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            facts, sources = MetadataRepository(connection), SourceRepository(connection)
            begin_if_rules_changed(facts)
            sources.attempted(source, self._clock())
            return sources.cursor(source), rebuild_position(facts)

    def _end(self, outcome: SourceOutcome) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            sources = SourceRepository(connection)
            if outcome.error:
                sources.failed(outcome.source, outcome.error)
            else:
                sources.succeeded(outcome.source, self._clock())


def _nothing_landed(outcomes: list[SourceOutcome]) -> OpenThreatError:
    errors = [outcome.error for outcome in outcomes if outcome.error]
    cause = common_cause([error.problem_id for error in errors])
    reasons = [error.message if cause else str(error) for error in errors]  # without a common one each names its source
    return SourceError(
        "No source could be read",
        sentences(*dict.fromkeys(reasons)),
        "Check the network connection and the proxy settings; the next update tries again by itself.",
        problem_id=cause or ProblemId.UPDATE_FAILED,
    )
