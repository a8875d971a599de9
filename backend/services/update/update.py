"""The update: all enabled sources are asked at once and read one after the other; the failure of one affects no other.

The order makes a first load readable early: the short lists come first, with what is exploited, then NVD's years, the
newest first, and together with each of its pages MITRE's records and EUVD's ids of the same vulnerabilities, so that
each is merged once. What only MITRE has follows, and last the rest of EUVD, whose service allows few requests.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial

from backend.config import Settings
from backend.connectors import cisa, epss, euvd, mitre, nvd
from backend.contract.errors import ConfigurationError, OpenThreatError, SourceError, StoreDamaged
from backend.contract.formatting import sentences
from backend.contract.names import Source
from backend.contract.problem_catalogue import ProblemId
from backend.contract.problems import common_cause
from backend.contract.wire import utc_now
from backend.domain.claims import Feed
from backend.services.runs.queue import Run
from backend.services.update.completion import Completion, rare_garbage_collection
from backend.services.update.ingest import Companion
from backend.services.update.outcome import SourceOutcome, result_of
from backend.services.update.peer import Peer, StartPeer, no_peer, peer_while_loading
from backend.services.update.progress import (
    SourceRun,
    StageRun,
    UpdateProgress,
    parts_of,
    read_durations,
    write_durations,
)
from backend.services.update.rebuild import renew_search_index_if_damaged
from backend.services.update.side_by_side import SideBySide
from backend.services.update.source_update import SourceEntry, SourceUpdate, Start, begin_sources
from backend.store.engine import Database
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)

ARCHIVE_PATIENCE = 10.0
"""Seconds for which NVD's first load waits for MITRE's archive. Pages that are written without it are in the list from
then on, and merged again when it is there, which takes about as long as waiting would have."""
_LARGE = (Source.NVD, Source.MITRE)
"""The sources whose first load is large enough for a second process."""


def source_entries() -> Mapping[Source, SourceEntry]:
    """All sources in the order in which they begin."""
    return {
        Source.CISA: SourceEntry(cisa.CisaConnector, cisa.PARSER_VERSION),
        Source.EPSS: SourceEntry(epss.EpssConnector, epss.PARSER_VERSION),
        Source.EUVD: SourceEntry(euvd.EuvdConnector, euvd.PARSER_VERSION),
        Source.NVD: SourceEntry(nvd.NvdConnector, nvd.PARSER_VERSION),
        Source.MITRE: SourceEntry(mitre.MitreConnector, mitre.PARSER_VERSION),
    }


def run_update(
    settings: Settings,
    database: Database,
    run: Run,
    *,
    entries: Mapping[Source, SourceEntry] | None = None,
    clock: Callable[[], datetime] = utc_now,
    start_peer: StartPeer = no_peer,
) -> dict[str, object]:
    """Update the database from all enabled sources.

    Args:
        start_peer: starts a second process for a first load.

    Returns:
        An `UpdateResult` as JSON. Sources that failed are listed in `degraded`.

    Raises:
        SourceError: all sources failed.
        ConfigurationError: all sources are disabled.
        StoreFull: the disk is full.
    """
    update = Update(settings, database, run, entries or source_entries(), clock, start_peer)
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
        start_peer: StartPeer,
    ) -> None:
        self._settings, self._database, self._run, self._clock = settings, database, run, clock
        self._start_peer = start_peer
        self._completion = Completion(settings, database, run, clock)
        self._entries = {source: entry for source, entry in entries.items() if settings.user.source_enabled(source)}

    def complete(self) -> dict[str, object]:
        if not self._entries:
            raise ConfigurationError(
                "All sources are turned off",
                "",
                "Turn on at least one source in the settings.",
                problem_id=ProblemId.SOURCES_OFF,
            )
        self._completion.begin()
        starts, durations = retry_while_away(self._run.sleep, self._begin)
        whole = UpdateProgress(
            self._run, parts_of({source: start.loading for source, start in starts.items()}), durations
        )
        merge, finish = (StageRun(self._run, whole, part) for part in whole.parts[-2:])
        try:
            with rare_garbage_collection():
                if retry_while_away(self._run.sleep, self._renew_search_index):
                    self._completion.merge(self._run)
                loading = any(source in starts and starts[source].loading for source in _LARGE)
                with peer_while_loading(self._start_peer, loading=loading) as peer:
                    outcomes = self._update_sources(starts, whole, peer)
                whole.begin(merge.part)
                self._completion.merge(merge)
                whole.begin(finish.part)
                self._completion.prioritise(finish)
            if all(outcome.error for outcome in outcomes):
                raise _all_failed(outcomes)
            self._completion.count(finish)
            self._completion.request_matching()
        finally:
            whole.stop()
        whole.finish()
        retry_while_away(self._run.sleep, lambda: self._note_durations(whole, outcomes))
        return result_of(outcomes, self._completion.effect()).model_dump(mode="json")

    def _update_sources(
        self, starts: Mapping[Source, Start], whole: UpdateProgress, peer: Peer | None
    ) -> list[SourceOutcome]:
        """Update all sources. EUVD is two steps, the second after the other sources."""
        updates = {
            source: SourceUpdate(
                self._settings,
                self._database,
                SourceRun(self._run, whole, source, first=start.loading),
                source,
                self._entries[source],
                start,
                self._clock,
            )
            for source, start in starts.items()
        }
        steps = len(updates) + (Source.EUVD in updates) + 1  # merging, priorities and statistics: the last one
        readings = {source: update.pages for source, update in updates.items()}
        with SideBySide(self._run, readings, lambda source: whole.begin(updates[source].run.fetching)) as sources:
            for step, (source, pages) in enumerate(sources, 1):
                self._run.begin_step(step, steps)
                update = updates[source]
                whole.reach(update.run.fetching, 1.0)
                with ExitStack() as stack:
                    companions = self._companions(updates, sources, stack) if source is Source.NVD else []
                    whole.begin(update.run.reading)
                    update.begin(pages, companions, peer)
                    update.read(until=self._put_off(source, updates))
                if source is Source.EUVD and update.loading:
                    self._completion.count(self._run)  # the figures of the windows are not empty from now on
            if Source.EUVD in updates:
                self._run.begin_step(steps - 1, steps)
                whole.begin(updates[Source.EUVD].run.reading)
                updates[Source.EUVD].read()
        for update in updates.values():
            whole.reach(update.run.reading, 1.0)
        self._run.begin_step(steps, steps)
        return [update.outcome for update in updates.values()]

    def _put_off(self, source: Source, updates: Mapping[Source, SourceUpdate]) -> Collection[Feed]:
        """The feeds of EUVD that are read after the other sources: its single records, whose service allows few
        requests; and in NVD's first load the mapping, which NVD's pages bring along."""
        if source is not Source.EUVD:
            return ()
        return (Feed.EUVD, Feed.EUVD_MAPPING) if _is_loading(updates.get(Source.NVD)) else (Feed.EUVD,)

    def _companions(
        self, updates: Mapping[Source, SourceUpdate], sources: SideBySide, stack: ExitStack
    ) -> list[Companion]:
        """MITRE's records and EUVD's ids, in NVD's first load: each vulnerability is then merged and written once."""
        if not updates[Source.NVD].loading:
            return []
        companions = []
        mitre, euvd = updates.get(Source.MITRE), updates.get(Source.EUVD)
        if mitre is not None and not mitre.has_cursor:
            sources.wait_for(Source.MITRE, at_most=ARCHIVE_PATIENCE)
            companions.append(mitre.companion(partial(sources.has_arrived, Source.MITRE)))
        if euvd is not None and euvd.loading and euvd.is_half_read:
            companions.append(euvd.companion(lambda: True))
        return [companion for entered in companions if (companion := stack.enter_context(entered))]

    def _begin(self) -> tuple[dict[Source, Start], dict[str, float]]:
        """The states of the sources, and the durations of the last runs."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return begin_sources(connection, self._entries, self._clock()), read_durations(connection)

    def _note_durations(self, whole: UpdateProgress, outcomes: Sequence[SourceOutcome]) -> None:
        failed = {outcome.source for outcome in outcomes if outcome.error}
        with self._database.transaction() as connection:
            self._run.fence(connection)
            write_durations(connection, {part: s for part, s in whole.taken.items() if part.source not in failed})

    def _renew_search_index(self) -> bool:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            renewed = renew_search_index_if_damaged(connection)
        if renewed:
            log.warning("the search index was damaged and is made anew from the records")
        return renewed


def _is_loading(update: SourceUpdate | None) -> bool:
    return update is not None and update.loading


def _all_failed(outcomes: list[SourceOutcome]) -> OpenThreatError:
    """The error of an update without any source. Each reason is there once, with the sources that gave it."""
    failed = [(outcome.source.value.upper(), outcome.error) for outcome in outcomes if outcome.error]
    cause = common_cause([error.problem_id for _, error in failed])
    sources: dict[str, list[str]] = {}
    for source, error in failed:
        sources.setdefault(error.message or error.title, []).append(source)
    reasons = [reason if cause else f"{', '.join(names)}: {reason}" for reason, names in sources.items()]
    return SourceError(
        "No source could be read",
        sentences(*reasons),
        "Check the network connection and the proxy settings; the next update tries again automatically.",
        problem_id=cause or ProblemId.UPDATE_FAILED,
    )
