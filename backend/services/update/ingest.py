"""Ingest of one source, page by page. A page is one transaction: source records, merged rows, changes and the cursor.

So the database is consistent after every page, and after a kill the next run continues from the cursor. Ingesting a
page twice changes nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import chain

import msgspec
from sqlalchemy import Connection

from backend.connectors.connector import (
    Connector,
    KnownVersions,
    ParseError,
    RawRecord,
    RecordLookup,
    RecordPage,
    RecordProblem,
)
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.contract.tasks import RunPhase, SourceStage
from backend.domain.changes import changes_between
from backend.domain.claims import Claim, Feed, SourceRecord
from backend.domain.merge import merge
from backend.domain.priority import facts_of, priority_score
from backend.domain.vulnerability import MergedVulnerability
from backend.services.runs.queue import Run
from backend.services.update.outcome import Refusals, SourceOutcome, one_error
from backend.services.update.pipelined_writer import PipelinedWriter
from backend.services.update.progress import SourceRun
from backend.services.update.sweep import SweepTracker, doubt_until, end_doubt, short_listing
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.merged_rows import ChangeRow, IngestRepository
from backend.store.repositories.metadata import UNMERGED_KEY, MetadataRepository
from backend.store.repositories.source_records import HASH_SIZE, RecordId
from backend.store.repositories.sources import SourceRepository
from backend.store.retry import retry_while_away

log = logging.getLogger(__name__)

WITHDRAWAL_PAGE = 2000


@dataclass(frozen=True)
class Companion:
    """Another source whose records are read, merged and written together with those of each page: in a first load, so
    that every vulnerability is merged once."""

    feed: Feed
    connector: Connector
    parser_version: int
    lookup: RecordLookup


@dataclass(frozen=True)
class _Part:
    """The records of one feed in a page. salt: of the record hashes, with the parser's version."""

    feed: Feed
    connector: Connector
    salt: bytes
    records: Sequence[RawRecord]


@dataclass
class _Work:
    """The changes of one page: computed by reading only, then written in one transaction.

    before, after: all records of the touched vulnerabilities. unmerged: whether some of them got no merged row.
    """

    outcomes: list[SourceOutcome] = field(default_factory=list)
    incoming: dict[tuple[Feed, RecordId], SourceRecord] = field(default_factory=dict)
    withdrawn: set[tuple[Feed, RecordId]] = field(default_factory=set)
    before: dict[str, list[SourceRecord]] = field(default_factory=dict)
    after: dict[str, list[SourceRecord]] = field(default_factory=dict)
    vulnerabilities: list[tuple[MergedVulnerability, float]] = field(default_factory=list)
    unmerged: bool = False
    emptied: list[str] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)


def known_versions(database: Database, run: Run) -> KnownVersions:
    """The look-up of stored versions for connectors, which waits while the database is away."""

    def look_up(feed: Feed, ids: Sequence[str]) -> dict[str, str]:
        def read() -> dict[str, str]:
            with database.reading() as connection:
                return IngestRepository(connection).versions(feed, ids)

        return retry_while_away(run.sleep, read)

    return look_up


class Ingest:
    """The ingest of one source in one run.

    Args:
        pages: of the connector.
        parser_version: salts the record hashes.
        merged_up_to: the last id that a rebuild in progress has merged; only ids up to it are merged here, the others
            by the rebuild. None: no rebuild is in progress.
        loading: whether this is the source's first load, which is no news: it makes no history.
        companion: the source whose records are ingested together with this one's.
    """

    def __init__(
        self,
        database: Database,
        run: SourceRun,
        connector: Connector,
        pages: Iterable[RecordPage],
        parser_version: int,
        merged_up_to: str | None,
        clock: Callable[[], datetime],
        *,
        loading: bool = False,
        companion: Companion | None = None,
    ) -> None:
        self._database, self._run, self._connector, self._clock = database, run, connector, clock
        self._merged_up_to, self._loading, self._companion = merged_up_to, loading, companion
        self._parser_version = parser_version
        self._sweeps = SweepTracker(database)
        self._refusals: defaultdict[Feed, Refusals] = defaultdict(Refusals)
        self._errors: list[SourceError] = []
        self._ids_before: set[tuple[str | None, str]] = set()
        self._pages = iter(pages)
        self.outcome = SourceOutcome(connector.source)

    def ingest(self, *, until: Feed | None = None) -> SourceOutcome:
        """Ingest all pages, or those before the first of a feed; the next call goes on there.

        Raises:
            SourceError: the source failed, or a part of it was kept back. What was read stays.
        """
        try:
            self._ingest_pages(until)
        except SourceError as error:
            self._errors.append(error)
        else:
            if until is not None:
                return self.outcome
        self._errors += [
            refusals.error(self.outcome.source) for refusals in self._refusals.values() if refusals.unusual
        ]
        if self._errors:
            raise one_error(self._errors)
        return self.outcome

    def _ingest_pages(self, until: Feed | None) -> None:
        with PipelinedWriter(self._run, in_background=self._database.writes_in_server) as writer:
            for page in self._pages:
                if page.feed is until:
                    self._pages = chain([page], self._pages)
                    break
                self._run.checkpoint()
                self._ingest_page(page, writer)
                self._run.progress(RunPhase.READING, page.done, page.total, page.part, share=page.share)
                self._run.source(self.outcome.source, state=SourceStage.RUNNING, **self.outcome.counts())

    def _ingest_page(self, page: RecordPage, writer: PipelinedWriter) -> None:
        if page.sweep:
            self._sweeps.add(page)
        ids = {(record.vulnerability_id, record.key) for record in page.records}
        if page.feed is Feed.EUVD or not ids.isdisjoint(self._ids_before):
            writer.settle()  # this page reads what the one before may have written; EUVD's aliases are not known yet
        self._ids_before = ids
        parts = self._parts_of(page)
        work = retry_while_away(self._run.sleep, partial(self._work_of, parts))
        page.kept_back = self._is_refused(page, work)
        cursor = None if page.kept_back or page.sweep == "last" else page.cursor
        writer.put(partial(self._write, work, cursor), partial(self._repeat, parts, cursor))
        if page.sweep == "last" and not page.kept_back:
            writer.settle()
            self._finish_listing(page)
        self.outcome.seen += len(page.records) + len(page.problems)
        self.outcome.reject(page.problems)
        self._absorb(work)

    def _is_refused(self, page: RecordPage, work: _Work) -> bool:
        """Whether so much of the page's feed was unusable that it does not count as read."""
        own = work.outcomes[0]
        refusals = self._refusals[page.feed]
        refusals.add(
            len(page.records) + len(page.problems),
            len(page.problems) + own.rejected,
            [*page.problems, *own.problems],
        )
        return refusals.unusual

    def _parts_of(self, page: RecordPage) -> list[_Part]:
        source, companion = self.outcome.source, self._companion
        salt = f"{source}/{self._parser_version}".encode()
        parts = [_Part(page.feed, self._connector, salt, page.records)]
        if companion is not None and (records := self._companion_records(companion, page)):
            salt = f"{companion.connector.source}/{companion.parser_version}".encode()
            parts.append(_Part(companion.feed, companion.connector, salt, records))
        return parts

    def _companion_records(self, companion: Companion, page: RecordPage) -> Sequence[RawRecord]:
        """Return the companion's records of the page's vulnerabilities. One that fails is left to its own update."""
        ids = [record.vulnerability_id for record in page.records if record.vulnerability_id is not None]
        try:
            return companion.lookup.records(ids)
        except SourceError as error:
            log.warning("%s is no longer read beside %s: %s", companion.connector.source, self.outcome.source, error)
            self._companion = None
            return ()

    def _absorb(self, work: _Work) -> None:
        for outcome in work.outcomes:
            if outcome.source is self.outcome.source:
                self.outcome.absorb(outcome)

    def _repeat(self, parts: Sequence[_Part], cursor: bytes | None) -> None:
        """Compute and write a page again whose commit may have succeeded: its records are then found unchanged."""
        self._write(self._work_of(parts), cursor)

    # -- reading ------------------------------------------------------------------------------------------------------
    def _work_of(self, parts: Sequence[_Part]) -> _Work:
        work = _Work()
        with self._database.reading() as connection:
            for part in parts:
                work.outcomes.append(self._read_part(part, work, connection))
            self._apply(work, connection, mapped=parts[0].feed is Feed.EUVD_MAPPING)
        return work

    def _read_part(self, part: _Part, work: _Work, connection: Connection) -> SourceOutcome:
        outcome = SourceOutcome(part.connector.source)
        newest = {(record.vulnerability_id or "", record.key): record for record in part.records}
        ids_need_parsing = part.feed is Feed.EUVD
        names = [key if ids_need_parsing else name for name, key in newest]
        stored = IngestRepository(connection).hashes(part.feed, names)
        by_key = _by_key(stored) if ids_need_parsing else {}
        for record_id, record in newest.items():
            digest = blake2b(record.raw, digest_size=16, salt=part.salt).digest()[:HASH_SIZE]
            before = by_key.get(record.key, []) if ids_need_parsing else [record_id] if record_id in stored else []
            if before and all(stored[old] == digest for old in before):
                outcome.unchanged += 1
            else:
                _parse(part, record, digest, before, work, outcome)
        return outcome

    def _apply(self, work: _Work, connection: Connection, *, mapped: bool = False) -> None:
        """Compute all records of the touched vulnerabilities as they become, and merge those.

        Args:
            mapped: only EUVD's ids are new, which make no row of a vulnerability that no source describes yet.
        """
        touched = sorted({vulnerability_id for _, (vulnerability_id, _) in (*work.incoming, *work.withdrawn)})
        if not touched:
            return
        store = IngestRepository(connection)
        work.before = store.records_of(touched)
        epss = EpssRepository(connection).records_of(touched)
        merged_before = store.existing(touched)
        incoming: defaultdict[str, list[SourceRecord]] = defaultdict(list)
        for (_, (vulnerability_id, _)), record in work.incoming.items():
            incoming[vulnerability_id].append(record)
        for vulnerability_id in touched:
            old, new = work.before.get(vulnerability_id, []), incoming[vulnerability_id]
            given = {(record.feed, record.key) for record in new}
            replaced = [
                record
                for record in old
                if (record.feed, record.key) in given or (record.feed, (vulnerability_id, record.key)) in work.withdrawn
            ]
            after = [*(record for record in old if record not in replaced), *new]
            work.after[vulnerability_id] = after
            scores = [epss[vulnerability_id]] if vulnerability_id in epss else []
            if self._merged_up_to is not None and vulnerability_id > self._merged_up_to:
                continue
            if vulnerability_id in merged_before:
                self._merge_again(work, vulnerability_id, [*old, *scores], [*after, *scores], replaced, new)
            elif mapped:
                work.unmerged = True
            else:
                self._merge_first(work, vulnerability_id, [*after, *scores])

    def _merge_first(self, work: _Work, vulnerability_id: str, records: list[SourceRecord]) -> None:
        merged = merge(vulnerability_id, records)
        if merged is not None:
            self._put(work, merged)

    def _merge_again(
        self,
        work: _Work,
        vulnerability_id: str,
        before: list[SourceRecord],
        after: list[SourceRecord],
        replaced: list[SourceRecord],
        new: list[SourceRecord],
    ) -> None:
        merged = merge(vulnerability_id, after)
        if merged is None:
            work.emptied.append(vulnerability_id)
            return
        if self._loading or not _is_news(replaced, new):
            self._put(work, merged)
            return
        old = merge(vulnerability_id, before)
        if merged == old:
            return
        self._put(work, merged)
        work.changes += [
            ChangeRow(vulnerability_id, change.field, change.old, change.new, self.outcome.source)
            for change in changes_between(old, merged)
        ]

    def _put(self, work: _Work, merged: MergedVulnerability) -> None:
        work.vulnerabilities.append((merged, priority_score(facts_of(merged), self._clock().date())))

    # -- writing ------------------------------------------------------------------------------------------------------
    def _write(self, work: _Work, cursor: bytes | None) -> None:
        now = self._clock()
        with self._database.transaction() as connection:
            self._run.fence(connection)
            store = IngestRepository(connection)
            store.put_records(work.after, before=work.before)
            if work.unmerged:
                MetadataRepository(connection).set(UNMERGED_KEY, "yes")
            store.put_vulnerabilities(work.vulnerabilities, now)
            store.delete_vulnerabilities(work.emptied)
            store.add_changes(work.changes, self._run.id, now)
            if cursor is not None:
                advance(connection, self.outcome.source, cursor)

    # -- complete listings --------------------------------------------------------------------------------------------
    def _finish_listing(self, page: RecordPage) -> None:
        """Withdraw the records that are not listed, then let the cursor mark the listing as read."""
        listing = self._sweeps.finished(page.feed)
        if listing.short:
            until = retry_while_away(self._run.sleep, partial(self._doubt_until, page.feed))
            if self._clock() < until:
                page.kept_back = True
                self._errors.append(short_listing(self.outcome.source, listing, until))
                return
        for start in range(0, len(listing.unlisted), WITHDRAWAL_PAGE):
            self._run.checkpoint()
            self._withdraw(page.feed, set(listing.unlisted[start : start + WITHDRAWAL_PAGE]))
        retry_while_away(self._run.sleep, partial(self._mark_read, page))

    def _doubt_until(self, feed: Feed) -> datetime:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            return doubt_until(connection, feed, self._clock())

    def _mark_read(self, page: RecordPage) -> None:
        with self._database.transaction() as connection:
            self._run.fence(connection)
            end_doubt(connection, page.feed)
            advance(connection, self.outcome.source, page.cursor)

    def _withdraw(self, feed: Feed, withdrawn: set[RecordId]) -> None:
        work = _Work(withdrawn={(feed, record_id) for record_id in withdrawn})
        with self._database.reading() as connection:
            self._apply(work, connection)
        self._write(work, cursor=None)
        self.outcome.withdrawn += len(withdrawn)


def advance(connection: Connection, source: Source, cursor: bytes) -> None:
    """Store the cursor of a connector, and the fields of it that are not opaque."""
    reached = msgspec.json.decode(cursor, type=_Reached)
    SourceRepository(connection).advance(source, cursor, reached.watermark, reached.model, reached.model_since)


class _Reached(msgspec.Struct):
    """The fields of a connector's cursor that are not opaque (see `store.repositories.sources.StoredSource`)."""

    watermark: datetime | None = None
    model: str | None = None
    model_since: datetime | None = None


def _parse(
    part: _Part,
    record: RawRecord,
    digest: bytes,
    before: Collection[RecordId],
    work: _Work,
    outcome: SourceOutcome,
) -> None:
    try:
        parsed = part.connector.parse(part.feed, record)
    except ParseError as error:
        outcome.reject([RecordProblem(record=record.key, reason=str(error))])
        return
    if parsed.mended:
        outcome.mend(record.key, parsed.mended)
    for vulnerability_id, claim in parsed.claims:
        record_id = (part.feed, (vulnerability_id, record.key))
        work.incoming[record_id] = SourceRecord(part.feed, record.key, vulnerability_id, claim, digest)
        work.withdrawn.discard(record_id)
    work.withdrawn.update([(part.feed, old) for old in before if (part.feed, old) not in work.incoming])
    outcome.added += not before
    outcome.changed += bool(before)


def _is_news(replaced: Sequence[SourceRecord], new: Sequence[SourceRecord]) -> bool:
    """Whether a field with history may differ (see `domain.changes`), which takes a second merge to find out.

    The dates of EUVD's records also decide which of several comes first.
    """
    return any(record.feed is Feed.EUVD for record in (*replaced, *new)) or _lasting(replaced) != _lasting(new)


def _lasting(records: Iterable[SourceRecord]) -> dict[tuple[Feed, str], Claim]:
    """The claims without the values that change often and have no history."""
    return {
        (record.feed, record.key): msgspec.structs.replace(
            record.claim, modified_at=None, epss=None, epss_percentile=None
        )
        for record in records
    }


def _by_key(stored: Iterable[RecordId]) -> dict[str, list[RecordId]]:
    found: defaultdict[str, list[RecordId]] = defaultdict(list)
    for record_id in stored:
        found[record_id[1]].append(record_id)
    return found
