"""Load a bundle into the database: an update whose source of all sources is one file.

Of each source, the newer state wins as a whole: the bundle's, with its records and its position, or the stored one.
Everything is checked before anything is written. Each portion is one transaction and may be written again, so the load
may be killed anywhere; the positions of the sources follow when all is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from backend.services.update.outcome import SourceOutcome, result_of
from backend.services.update.page import PageIngest, PageWork
from backend.services.update.pipelined_writer import PipelinedWriter
from backend.services.update.progress import SourceRun, UpdateProgress, parts_of
from backend.services.update.source_update import Start, begin_sources, end_source, is_complete
from backend.services.update.sweep import LISTED_FEEDS, SweepTracker
from backend.store.engine import Database
from backend.store.repositories.bundles import BundleRepository, StoredBundle
from backend.store.repositories.epss import SCALE, EpssScore, cve_id_at
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import RecordId, StoredRecords, records_in
from backend.store.repositories.sources import SourceRepository, StoredSource
from backend.store.retry import retry_while_away

_WITHDRAWN_TOGETHER = 2000


def load_bundle(
    settings: Settings, database: Database, run: Run, bundle: Bundle, clock: Callable[[], datetime] = utc_now
) -> dict[str, object]:
    """Bring the database to the state of a bundle.

    Returns:
        An `UpdateResult` as JSON, of the sources whose state in the bundle is newer than the stored one.

    Raises:
        BundleRefused: Its content is not usable; nothing was written.
        StoreFull: The disk is full.
    """
    check(bundle, run)
    return BundleLoad(settings, database, run, bundle, clock).complete()


def load_uploaded(settings: Settings, database: Database, run: Run) -> dict[str, object]:
    """Load the uploaded bundle, which beat deletes when the run has ended.

    Raises:
        BundleRefused: It is not usable, or there is none.
    """

    def read(position: int, size: int) -> bytes:
        return retry_while_away(run.sleep, partial(_read, database, position, size))

    stored = retry_while_away(run.sleep, partial(_stored, database))
    if stored is None:
        raise BundleRefused("None was uploaded, or it was deleted.", "Load one with `openthreat bundle load FILE`.")
    return load_bundle(settings, database, run, Bundle(read, stored.size))


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


class BundleLoad:
    def __init__(
        self, settings: Settings, database: Database, run: Run, bundle: Bundle, clock: Callable[[], datetime]
    ) -> None:
        self._settings, self._database, self._run, self._bundle, self._clock = settings, database, run, bundle, clock
        self._completion = Completion(settings, database, run, clock)
        self._states: Mapping[Source, SourcePosition] = {}
        self._starts: Mapping[Source, Start] = {}
        self._outcomes: dict[Source, SourceOutcome] = {}
        self._sweeps = SweepTracker(database)

    def complete(self) -> dict[str, object]:
        self._completion.begin()
        retry_while_away(self._run.sleep, self._begin)
        with rare_garbage_collection():
            if Source.EPSS in self._states:
                self._load_scores()
            if self._states.keys() - {Source.EPSS}:
                self._load_records()
                self._withdraw()
            self._completion.merge(self._run)
            self._completion.prioritise(self._run)
        retry_while_away(self._run.sleep, self._end)
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
        groups, done, total = self._groups(), 0, self._bundle.header.vulnerabilities
        with PipelinedWriter(self._run, in_background=self._database.writes_in_server) as writer:
            for portion in (message for message in self._bundle.messages() if isinstance(message, Portion)):
                self._run.checkpoint()
                records = [record for row in portion.rows for record in _records(row)]
                for ingest, sources in groups:
                    own = [record for record in records if record.feed.source in sources]
                    self._load_portion(ingest, own, writer)
                done += len(portion.rows)
                self._run.progress(RunPhase.READING, done, total)
                self._run.whole(min(done / max(total, 1), 1.0) * 0.95, None)

    def _groups(self) -> list[tuple[PageIngest, set[Source]]]:
        """The sources that are written together: all that are loaded for the first time, which is no news; each other
        one by itself, since the history names it."""
        records = self._starts.keys() - {Source.EPSS}
        first = {source for source in records if self._starts[source].loading}
        later = [{source} for source in records - first]
        return [(self._page_ingest(group, first=group is first), group) for group in [first, *later] if group]

    def _page_ingest(self, sources: set[Source], *, first: bool) -> PageIngest:
        start = self._starts[min(sources)]
        return PageIngest(
            self._database,
            min(sources),
            self._run.id,
            self._run.fence,
            {},
            start.merged_up_to,
            self._clock,
            thresholds=None if first else self._settings.user.inbox,
        )

    def _load_portion(self, ingest: PageIngest, records: Sequence[SourceRecord], writer: PipelinedWriter) -> None:
        for feed in LISTED_FEEDS:
            listed = [(record.vulnerability_id, record.key) for record in records if record.feed is feed]
            self._sweeps.note(feed, listed)
        writer.settle()
        work = retry_while_away(self._run.sleep, partial(self._compute, ingest, records))
        again = partial(self._again, ingest, records)
        writer.put(partial(ingest.write, work, None), again=again)

    def _compute(self, ingest: PageIngest, records: Sequence[SourceRecord], *, count: bool = True) -> PageWork:
        """The changes by those records that differ from the stored ones."""
        with self._database.reading() as connection:
            stored = IngestRepository(connection).records_of({record.vulnerability_id for record in records})
        known = {
            (record.feed, record.vulnerability_id, record.key): record.raw_hash
            for old in stored.values()
            for record in old
        }
        changed = []
        for record in records:
            before = known.get((record.feed, record.vulnerability_id, record.key))
            outcome = self._outcomes[record.feed.source]
            if count:
                outcome.seen += 1
                outcome.added += before is None
                outcome.unchanged += before == record.raw_hash
                outcome.changed += before is not None and before != record.raw_hash
            if before != record.raw_hash:
                changed.append(record)
        return ingest.compute_parsed(changed)

    def _again(self, ingest: PageIngest, records: Sequence[SourceRecord]) -> None:
        """Write a portion that may be written or not, after a lost connection."""
        ingest.write(self._compute(ingest, records, count=False), None)

    def _withdraw(self) -> None:
        """Withdraw the records that a source no longer lists."""
        for ingest, sources in self._groups():
            for feed in LISTED_FEEDS:
                if feed.source in sources and not self._starts[feed.source].loading:
                    self._withdraw_unlisted(ingest, feed)

    def _withdraw_unlisted(self, ingest: PageIngest, feed: Feed) -> None:
        listing, outcome = self._sweeps.finished(feed), self._outcomes[feed.source]
        if listing.short:
            outcome.error = SourceError(
                f"The bundle has far fewer records of {feed.source.upper()}",
                f"It has {listing.listed:,}; {listing.stored:,} are stored here. None was withdrawn.",
                "Make the bundle again, from a database that is up to date.",
            )
            return
        for start in range(0, len(listing.unlisted), _WITHDRAWN_TOGETHER):
            self._run.checkpoint()
            unlisted = [(feed, record_id) for record_id in listing.unlisted[start : start + _WITHDRAWN_TOGETHER]]
            write = partial(self._withdraw_records, ingest, unlisted)
            retry_while_away(self._run.sleep, write)
        outcome.withdrawn += len(listing.unlisted)

    def _withdraw_records(self, ingest: PageIngest, unlisted: Iterable[tuple[Feed, RecordId]]) -> None:
        ingest.write(ingest.compute_parsed((), unlisted), None)

    def _end(self) -> None:
        """Continue from the bundle's positions from now on."""
        now = self._clock()
        with self._database.transaction() as connection:
            self._run.fence(connection)
            for source, state in self._states.items():
                outcome = self._outcomes[source]
                if outcome.error is None:
                    advance(connection, source, state.cursor)
                end_source(connection, outcome, self._starts[source], now)


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
