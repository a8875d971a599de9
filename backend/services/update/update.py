"""The update: all enabled sources one after the other, so that the failure of one does not affect the others.

The order makes a first load readable early: the short lists come first, with what is exploited, then NVD's years, the
newest first, and together with each of its pages MITRE's records of the same ids, so that a vulnerability is merged
once. What only MITRE has follows, and last EUVD's single records, whose service allows few requests.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime

from sqlalchemy import Connection

from backend.config import Settings
from backend.connectors import cisa, epss, euvd, mitre, nvd
from backend.contract.errors import ConfigurationError, OpenThreatError, SourceError
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.contract.problems import ProblemId, common_cause
from backend.contract.tasks import SourceStage
from backend.contract.wire import utc_now
from backend.domain.claims import Feed
from backend.services.maintenance.priorities import refresh_priorities_if_due
from backend.services.query.statistics import update_stats
from backend.services.runs.queue import Run
from backend.services.update.outcome import SourceOutcome, result_of
from backend.services.update.rebuild import Rebuild
from backend.services.update.source_update import SourceEntry, SourceUpdate
from backend.store.engine import Database
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.statistics import StatisticsRepository, UpdateEffect
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)

_ALLOCATIONS = 100_000  # per collection of the youngest objects; Python's default of 700 took a tenth of an update
_STARTED = "update_began"


def source_entries() -> Mapping[Source, SourceEntry]:
    """All sources in the order in which they begin."""
    return {
        Source.CISA: SourceEntry(cisa.CisaConnector, cisa.PARSER_VERSION),
        Source.EPSS: SourceEntry(epss.EpssConnector, epss.PARSER_VERSION),
        Source.EUVD: SourceEntry(euvd.EuvdConnector, euvd.PARSER_VERSION),
        Source.NVD: SourceEntry(nvd.NvdConnector, nvd.PARSER_VERSION),
        Source.MITRE: SourceEntry(mitre.MitreConnector, mitre.PARSER_VERSION, mitre.open_lookup),
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
        for source in self._entries:
            self._run.source(source, state=SourceStage.WAITING)
        started = retry_while_away(self._run.sleep, self._first_started_at)
        with rare_garbage_collection():
            outcomes = self._update_sources()
            Rebuild(self._database, self._run, self._clock).finish()
            refresh_priorities_if_due(self._database, self._run, self._clock)
        if all(outcome.error for outcome in outcomes):
            raise _all_failed(outcomes)
        self._update_stats()
        return result_of(outcomes, retry_while_away(self._run.sleep, lambda: self._effect(started))).model_dump(
            mode="json"
        )

    def _update_sources(self) -> list[SourceOutcome]:
        """Update all sources. EUVD is two steps: its lists, and after the other sources its single records."""
        updates = {
            source: SourceUpdate(self._settings, self._database, self._run, source, entry, self._clock)
            for source, entry in self._entries.items()
        }
        steps = len(updates) + (Source.EUVD in updates) + 1  # merging, priorities and statistics: the last one
        for step, (source, update) in enumerate(updates.items(), 1):
            self._run.begin_step(step, steps)
            match source:
                case Source.EUVD:
                    update.run(until=Feed.EUVD)
                    if update.loading:
                        self._update_stats()  # the Overview is not empty from now on
                case Source.NVD:
                    self._update_nvd(update, updates.get(Source.MITRE))
                case _:
                    update.run()
        if Source.EUVD in updates:
            self._run.begin_step(steps - 1, steps)
            updates[Source.EUVD].run()
        self._run.begin_step(steps, steps)
        return [update.outcome for update in updates.values()]

    def _update_nvd(self, nvd: SourceUpdate, mitre: SourceUpdate | None) -> None:
        """Update NVD, in its first load together with MITRE's records of the same ids."""
        companion = mitre.companion() if mitre and nvd.loading else None
        if companion is None:
            nvd.run()
            return
        with closing(companion.lookup):
            nvd.run(companion=companion)

    def _update_stats(self) -> None:
        retry_while_away(self._run.sleep, lambda: update_stats(self._settings, self._database, self._run, self._clock))

    def _first_started_at(self) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return first_started_at(connection, self._run.id, self._clock())

    def _effect(self, started: datetime) -> UpdateEffect:
        with self._database.reading() as connection:
            return StatisticsRepository(connection).effect_since(started)


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
