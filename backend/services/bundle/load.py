"""Load a bundle into the database: an update whose source of all sources is one file.

Of each source, the newer state wins as a whole: the bundle's, with its records and its position, or the stored one.
Everything is checked before anything is written. Each portion is one transaction and may be written again, so the load
may be killed anywhere; the positions of the sources follow when all is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from backend.config import Settings
from backend.connectors.connector import Parsed, RawRecord, RecordPage
from backend.contract.errors import SourceError, StoreDamaged
from backend.contract.names import Source
from backend.contract.tasks import RunPhase, SourceStage
from backend.contract.wire import utc_now
from backend.domain.canonical import is_vulnerability_id
from backend.domain.claims import Feed, SourceRecord
from backend.services.bundle.bundle_file import Bundle, BundleRefused, Header, Portion, ScoresOfYear, SourcePosition
from backend.services.runs.queue import Run
from backend.services.update.completion import Completion, rare_garbage_collection
from backend.services.update.cursor import advance, reached_by
from backend.services.update.epss import EpssIngest
from backend.services.update.outcome import PartOutcome, SourceOutcome, result_of
from backend.services.update.page import PageIngest, StoredPart
from backend.services.update.page_execution import OwnPages, PageExecution, SharedPages
from backend.services.update.peer import Peer, StartPeer, no_peer, peer_while_loading
from backend.services.update.progress import SourceRun, UpdateProgress, parts_of
from backend.services.update.source_update import Start, begin_sources, end_source, is_complete
from backend.services.update.sweep import LISTED_FEEDS, SweepTracker
from backend.store.engine import Database
from backend.store.repositories.bundles import BundleRepository, StoredBundle
from backend.store.repositories.epss import SCALE, EpssScore, cve_id_at
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import RecordId, StoredRecords, of_sources, record_ids_in, records_in
from backend.store.repositories.sources import SourceRepository, StoredSource
from backend.store.retry import retry_while_away

_WITHDRAWN_TOGETHER = 2000


def load_bundle(
    settings: Settings,
    database: Database,
    run: Run,
    bundle: Bundle,
    clock: Callable[[], datetime] = utc_now,
    start_peer: StartPeer = no_peer,
) -> dict[str, object]:
    """Bring the database to the state of a bundle.

    Args:
        start_peer: starts a second process for sources that are loaded for the first time.

    Returns:
        An `UpdateResult` as JSON, of the sources whose state in the bundle is newer than the stored one.

    Raises:
        BundleRefused: Its content is not usable; nothing was written.
        StoreFull: The disk is full.
    """
    check(bundle, run)
    return BundleLoad(settings, database, run, bundle, clock, start_peer).complete()


def load_uploaded(
    settings: Settings, database: Database, run: Run, start_peer: StartPeer = no_peer
) -> dict[str, object]:
    """Load the uploaded bundle, which beat deletes when the run has ended.

    Raises:
        BundleRefused: It is not usable, or there is none.
    """

    def read(position: int, size: int) -> bytes:
        return retry_while_away(run.sleep, partial(_read, database, position, size))

    stored = retry_while_away(run.sleep, partial(_stored, database))
    if stored is None:
        raise BundleRefused("None was uploaded, or it was deleted.", "Load one with `openthreat bundle load FILE`.")
    return load_bundle(settings, database, run, Bundle(read, stored.size), start_peer=start_peer)


def check(bundle: Bundle, run: Run) -> None:
    """Decode everything in a bundle.

    Raises:
        BundleRefused: Something in it is not as expected.
    """
    _check_positions(bundle.header)
    last, done = None, 0
    for message in bundle.messages():
        run.checkpoint()
        if isinstance(message, ScoresOfYear):
            _check_scores(message)
        elif isinstance(message, Portion):
            for row in message.rows:
                if not is_vulnerability_id(row[0]) or (last is not None and row[0] >= last):
                    raise BundleRefused("Its records are not in order.")
                last = row[0]
                _records(row)
            done += len(message.rows)
            run.progress(RunPhase.CHECKING, done, bundle.header.vulnerabilities)
        elif isinstance(message, Header):
            raise BundleRefused("It has a second header.")
        elif message.vulnerabilities != done:
            raise BundleRefused("Records are missing in it.")


def _check_positions(header: Header) -> None:
    try:
        for state in header.sources:
            reached_by(state.cursor)
    except msgspec.DecodeError as error:
        raise BundleRefused("The position of a source in it cannot be read.") from error


def _check_scores(scores: ScoresOfYear) -> None:
    try:
        numbers = [number for number, score in scores.table() if 0 <= score.epss <= SCALE]
    except ValueError as error:
        raise BundleRefused("Its EPSS scores are incomplete.") from error
    if len(numbers) < len(scores.scores) or any(step <= 0 for step in scores.steps) or not 1000 <= scores.year <= 9999:
        raise BundleRefused("Its EPSS scores are not in order.")


def _records(row: StoredRecords) -> list[SourceRecord]:
    try:
        return records_in(row)
    except StoreDamaged as error:
        raise BundleRefused(f"{error.message} It belongs to {row[0]}.") from error


@dataclass(frozen=True)
class _Group:
    """Sources whose records are written together."""

    sources: frozenset[Source]
    is_first: bool


class BundleLoad:
    def __init__(
        self,
        settings: Settings,
        database: Database,
        run: Run,
        bundle: Bundle,
        clock: Callable[[], datetime],
        start_peer: StartPeer,
    ) -> None:
        self._settings, self._database, self._run, self._bundle, self._clock = settings, database, run, bundle, clock
        self._start_peer = start_peer
        self._completion = Completion(settings, database, run, clock)
        self._states: Mapping[Source, SourcePosition] = {}
        self._starts: Mapping[Source, Start] = {}
        self._outcomes: dict[Source, SourceOutcome] = {}
        self._sweeps, self._is_empty = SweepTracker(database), True

    def complete(self) -> dict[str, object]:
        self._completion.begin()
        retry_while_away(self._run.sleep, self._begin)
        with rare_garbage_collection():
            if Source.EPSS in self._states:
                self._load_scores()
                # At once: its position is written with the last scores, so a run that is resumed does not load it.
                retry_while_away(self._run.sleep, partial(self._end, {Source.EPSS}))
            if self._states.keys() - {Source.EPSS}:
                self._load_records()
                self._withdraw()
            self._completion.merge(self._run)
            self._completion.prioritise(self._run)
        retry_while_away(self._run.sleep, partial(self._end, self._states.keys() - {Source.EPSS}))
        self._completion.count(self._run)
        self._completion.request_matching()
        return result_of(list(self._outcomes.values()), self._completion.effect()).model_dump(mode="json")

    def _begin(self) -> None:
        """Choose the sources whose state in the bundle is newer."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            stored = {source.source: source for source in SourceRepository(connection).all()}
            newer = [
                state
                for state in self._bundle.header.sources
                if self._settings.user.source_enabled(state.source)
                and (not is_complete(connection, state.source) or self._is_newer(state, stored[state.source]))
            ]
            self._starts = begin_sources(connection, [state.source for state in newer], self._clock())
            self._is_empty = not IngestRepository(connection).count_ids()
        self._states = {state.source: state for state in newer}
        self._outcomes = {state.source: SourceOutcome(state.source) for state in newer}
        for source in self._states:
            self._run.source(source, state=SourceStage.WAITING)

    def _is_newer(self, state: SourcePosition, stored: StoredSource) -> bool:
        if state.watermark is not None and stored.watermark is not None:
            return state.watermark > stored.watermark
        return stored.last_success_at is None or self._bundle.header.created_at > stored.last_success_at

    # -- EPSS ---------------------------------------------------------------------------------------------------------
    def _load_scores(self) -> None:
        start, state = self._starts[Source.EPSS], self._states[Source.EPSS]
        whole = UpdateProgress(self._run, parts_of({Source.EPSS: start.loading}), {})
        ingest = EpssIngest(
            self._database,
            SourceRun(self._run, whole, Source.EPSS, first=start.loading),
            _parse_score,
            _score_pages(self._bundle, state.cursor),
            start.merged_up_to,
            self._clock,
            None if start.loading else self._settings.user.inbox,
        )
        outcome = self._outcomes[Source.EPSS] = ingest.outcome
        try:
            ingest.ingest()
        except SourceError as error:
            outcome.error = error

    # -- records ------------------------------------------------------------------------------------------------------
    def _load_records(self) -> None:
        groups = self._groups()
        for number, group in enumerate(groups):
            with (
                peer_while_loading(self._start_peer, loading=group.is_first) as peer,
                self._execution(group, peer, before=number / len(groups), share=1 / len(groups)) as execution,
            ):
                self._load_group(group, execution)

    def _groups(self) -> list[_Group]:
        """The sources that are written together: all that are loaded for the first time, which is no news; each other
        one by itself, since the history names it."""
        records = self._starts.keys() - {Source.EPSS}
        first = frozenset(source for source in records if self._starts[source].loading)
        later = [_Group(frozenset({source}), is_first=False) for source in sorted(records - first)]
        return [_Group(first, is_first=True), *later] if first else later

    def _execution(self, group: _Group, peer: Peer | None, *, before: float, share: float) -> PageExecution[Portion]:
        """before: the share of all groups that is written; share: that of this one."""
        ingest, done = self._page_ingest(group), 0
        total, name = self._bundle.header.vulnerabilities, "" if group.is_first else ingest.source.upper()

        def accept(portion: Portion, outcomes: Sequence[PartOutcome]) -> None:
            nonlocal done
            for part in outcomes:
                read = part.added + part.changed + part.unchanged
                self._outcomes[part.source].absorb_page(read, part, listing=False)
            done += len(portion.rows)
            self._run.progress(RunPhase.READING, done, total, name)
            self._run.whole((before + share * min(done / max(total, 1), 1.0)) * 0.95, None)

        if peer is not None:
            return SharedPages(self._run, ingest, accept, peer)
        return OwnPages(self._run, ingest, accept, in_background=self._database.writes_in_server)

    def _page_ingest(self, group: _Group) -> PageIngest:
        source = min(group.sources)
        return PageIngest(
            self._database,
            source,
            self._run.id,
            self._run.fence,
            {},
            self._starts[source].merged_up_to,
            self._clock,
            thresholds=None if group.is_first else self._settings.user.inbox,
        )

    def _load_group(self, group: _Group, execution: PageExecution[Portion]) -> None:
        for portion in (message for message in self._bundle.messages() if isinstance(message, Portion)):
            self._run.checkpoint()
            rows = [row for whole in portion.rows if (row := of_sources(whole, group.sources)) is not None]
            if not self._is_empty:  # also of a first load, which may have been interrupted
                self._note_listed(rows)
            execution.put(portion, [StoredPart(rows)])

    def _note_listed(self, rows: Sequence[StoredRecords]) -> None:
        ids = [found for row in rows for found in record_ids_in(row)]
        for feed in (*LISTED_FEEDS, Feed.EUVD):
            self._sweeps.note(feed, (record_id for own, record_id in ids if own is feed))

    def _withdraw(self) -> None:
        """Withdraw the records that a source no longer lists, or that are about another vulnerability now."""
        for group in self._groups() if not self._is_empty else ():
            for feed in LISTED_FEEDS:
                if feed.source in group.sources:
                    self._withdraw_unlisted(self._page_ingest(group), feed)
            if Source.EUVD in group.sources:
                self._withdraw_moved(self._page_ingest(group))

    def _withdraw_unlisted(self, ingest: PageIngest, feed: Feed) -> None:
        listing, outcome = self._sweeps.finished(feed), self._outcomes[feed.source]
        if listing.short:
            outcome.error = SourceError(
                f"The bundle has far fewer records of {feed.source.upper()}",
                f"It has {listing.listed:,}; {listing.stored:,} are stored here. None was withdrawn.",
                "Make the bundle again, from a database that is up to date.",
            )
            return
        for unlisted in _portions(listing.unlisted):
            self._withdraw_records(ingest, feed, unlisted)

    def _withdraw_moved(self, ingest: PageIngest) -> None:
        """Withdraw EUVD's records of vulnerabilities about which they are no longer: the bundle has them elsewhere.

        It need not have all that were read here: others stay.
        """
        unlisted = self._sweeps.finished(Feed.EUVD).unlisted
        absent = set(unlisted)
        for portion in _portions(unlisted):
            stored = retry_while_away(self._run.sleep, partial(self._places_of, {key for _, key in portion}))
            present = {key for place, key in stored if (place, key) not in absent}
            self._withdraw_records(ingest, Feed.EUVD, [record_id for record_id in portion if record_id[1] in present])

    def _places_of(self, keys: Collection[str]) -> Collection[RecordId]:
        with self._database.reading() as connection:
            return IngestRepository(connection).hashes(Feed.EUVD, keys).keys()

    def _withdraw_records(self, ingest: PageIngest, feed: Feed, records: Sequence[RecordId]) -> None:
        def write() -> None:
            ingest.write(ingest.compute_withdrawal((feed, record_id) for record_id in records), None)

        self._run.checkpoint()
        retry_while_away(self._run.sleep, write)
        self._outcomes[feed.source].withdrawn += len(records)

    def _end(self, sources: Iterable[Source]) -> None:
        """Continue from the bundle's positions of these sources from now on."""
        now = self._clock()
        with self._database.transaction() as connection:
            self._run.fence(connection)
            for source in sources:
                outcome = self._outcomes[source]
                if outcome.error is None:
                    advance(connection, source, self._states[source].cursor)
                end_source(connection, outcome, self._starts[source], now)


def _portions(records: Sequence[RecordId]) -> Iterator[Sequence[RecordId]]:
    for start in range(0, len(records), _WITHDRAWN_TOGETHER):
        yield records[start : start + _WITHDRAWN_TOGETHER]


def _score_pages(bundle: Bundle, cursor: bytes) -> Iterator[RecordPage]:
    """EPSS's table as its connector gives it: a page for each year, and an empty last one."""
    for message in bundle.messages():
        if not isinstance(message, ScoresOfYear):
            break
        records = [
            RawRecord(name := cve_id_at(message.year, number), _encode_score(score), name)
            for number, score in message.table()
        ]
        yield RecordPage(Feed.EPSS, records, cursor, part=str(message.year), sweep="part")
    yield RecordPage(Feed.EPSS, (), cursor, sweep="last")


def _parse_score(_feed: Feed, record: RawRecord) -> Parsed:
    return Parsed([(record.key, _decode_score(record.raw).claim())])


_encode_score = msgspec.msgpack.Encoder().encode
_decode_score = msgspec.msgpack.Decoder(EpssScore).decode


def _stored(database: Database) -> StoredBundle | None:
    with database.reading() as connection:
        return BundleRepository(connection).get()


def _read(database: Database, position: int, size: int) -> bytes:
    with database.reading() as connection:
        return BundleRepository(connection).read(position, size)
