"""Ingest of one source, page by page. A page is one transaction: source records, merged rows, changes and the cursor.

So the database is consistent after every page, and after a kill the next run continues from the cursor. Ingesting a
page twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection

from backend.connectors.connector import Connector, KnownVersions, ParseError, RawRecord, RecordPage, RecordProblem
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
from backend.services.update.rebuild import begin_rebuild
from backend.services.update.sweep import SweepTracker, doubt_until, end_doubt, short_listing
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.merged_rows import ChangeRow, IngestRepository
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.source_records import HASH_SIZE, RecordId
from backend.store.repositories.sources import SourceRepository
from backend.store.retry import retry_while_away

WITHDRAWAL_PAGE = 2000


@dataclass
class _Work:
    """The changes of one page: computed by reading only, then written in one transaction.

    before, after: all records of the touched vulnerabilities.
    """

    outcome: SourceOutcome
    incoming: dict[RecordId, SourceRecord] = field(default_factory=dict)
    withdrawn: set[RecordId] = field(default_factory=set)
    before: dict[str, list[SourceRecord]] = field(default_factory=dict)
    after: dict[str, list[SourceRecord]] = field(default_factory=dict)
    vulnerabilities: list[tuple[MergedVulnerability, float]] = field(default_factory=list)
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
        parser_version: salts the record hashes.
        merged_up_to: the last id that a rebuild in progress has merged; only ids up to it are merged here, the others
            by the rebuild. None: no rebuild is in progress.
    """

    def __init__(
        self,
        database: Database,
        run: SourceRun,
        connector: Connector,
        parser_version: int,
        merged_up_to: str | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._run, self._connector, self._clock = database, run, connector, clock
        self._merged_up_to = merged_up_to
        self._salt = f"{connector.source}/{parser_version}".encode()
        self._sweeps = SweepTracker(database)
        self._refusals: defaultdict[Feed, Refusals] = defaultdict(Refusals)
        self._errors: list[SourceError] = []
        self._ids_before: set[tuple[str | None, str]] = set()
        self.outcome = SourceOutcome(connector.source)

    def ingest(self, pages: Iterable[RecordPage], *, first_load: bool) -> SourceOutcome:
        """Ingest the pages of the connector.

        Raises:
            SourceError: the source failed, or a part of it was kept back. What was read stays.
        """
        try:
            self._ingest_pages(pages, first_load=first_load)
        except SourceError as error:
            self._errors.append(error)
        self._errors += [
            refusals.error(self.outcome.source) for refusals in self._refusals.values() if refusals.unusual
        ]
        if self._errors:
            raise one_error(self._errors)
        return self.outcome

    def _ingest_pages(self, pages: Iterable[RecordPage], *, first_load: bool) -> None:
        with PipelinedWriter(self._run, in_background=self._database.writes_in_server) as writer:
            for page in pages:
                self._run.checkpoint()
                if first_load:
                    retry_while_away(self._run.sleep, self._defer_merging)
                    first_load = False
                self._ingest_page(page, writer)
                self._run.progress(RunPhase.READING, page.done, page.total, page.part, share=page.share)
                self._run.source(self.outcome.source, state=SourceStage.RUNNING, **self.outcome.counts())

    def _defer_merging(self) -> None:
        """Leave merging to a rebuild: a first load changes nearly every vulnerability, and one pass costs less."""
        with self._database.transaction() as connection:
            self._run.fence(connection)
            begin_rebuild(MetadataRepository(connection))
        self._merged_up_to = ""

    def _ingest_page(self, page: RecordPage, writer: PipelinedWriter) -> None:
        if page.sweep:
            self._sweeps.add(page)
        ids = {(record.vulnerability_id, record.key) for record in page.records}
        if not self._merging_deferred(page.feed) or not ids.isdisjoint(self._ids_before):
            writer.settle()  # this page reads rows that the one before may have written
        self._ids_before = ids
        work = retry_while_away(self._run.sleep, partial(self._work_of, page))
        refusals = self._refusals[page.feed]
        unusable = [*page.problems, *work.outcome.problems]
        refusals.add(len(page.records) + len(page.problems), len(page.problems) + work.outcome.rejected, unusable)
        page.kept_back = refusals.unusual
        cursor = None if page.kept_back or page.sweep == "last" else page.cursor
        writer.put(partial(self._write, work, cursor), partial(self._repeat_page, page, cursor))
        if page.sweep == "last" and not page.kept_back:
            writer.settle()
            self._finish_listing(page)
        self.outcome.seen += len(page.records) + len(page.problems)
        self.outcome.reject(page.problems)
        self.outcome.absorb(work.outcome)

    def _repeat_page(self, page: RecordPage, cursor: bytes | None) -> None:
        """Compute and write a page again whose commit may have succeeded: its records are then found unchanged."""
        self._write(self._work_of(page), cursor)

    def _merging_deferred(self, feed: Feed) -> bool:
        """Whether pages change only their own records. EUVD's pages also change vulnerabilities of other pages."""
        return self._merged_up_to == "" and feed is not Feed.EUVD

    # -- reading ------------------------------------------------------------------------------------------------------
    def _work_of(self, page: RecordPage) -> _Work:
        work = _Work(SourceOutcome(self.outcome.source))
        newest = {(record.vulnerability_id or "", record.key): record for record in page.records}
        ids_need_parsing = page.feed is Feed.EUVD
        with self._database.reading() as connection:
            store = IngestRepository(connection)
            stored = store.hashes(page.feed, [key if ids_need_parsing else name for name, key in newest])
            by_key = _by_key(stored) if ids_need_parsing else {}
            for record_id, record in newest.items():
                digest = self._hash(record)
                before = by_key.get(record.key, []) if ids_need_parsing else [record_id] if record_id in stored else []
                if before and all(stored[old] == digest for old in before):
                    work.outcome.unchanged += 1
                else:
                    self._parse(page.feed, record, digest, before, work)
            self._apply(page.feed, work, connection)
        return work

    def _parse(self, feed: Feed, record: RawRecord, digest: bytes, before: Collection[RecordId], work: _Work) -> None:
        try:
            parsed = self._connector.parse(feed, record)
        except ParseError as error:
            work.outcome.reject([RecordProblem(record=record.key, reason=str(error))])
            return
        if parsed.mended:
            work.outcome.mend(record.key, parsed.mended)
        for vulnerability_id, claim in parsed.claims:
            record_id = (vulnerability_id, record.key)
            work.incoming[record_id] = SourceRecord(feed, record.key, vulnerability_id, claim, digest)
            work.withdrawn.discard(record_id)
        work.withdrawn.update([old for old in before if old not in work.incoming])
        work.outcome.added += not before
        work.outcome.changed += bool(before)

    def _apply(self, feed: Feed, work: _Work, connection: Connection) -> None:
        """Compute all records of the touched vulnerabilities as they become, and merge those."""
        touched = sorted({vulnerability_id for vulnerability_id, _ in (*work.incoming, *work.withdrawn)})
        if not touched:
            return
        work.before = IngestRepository(connection).records_of(touched)
        epss = EpssRepository(connection).records_of(touched)
        incoming: defaultdict[str, list[SourceRecord]] = defaultdict(list)
        for (vulnerability_id, _), record in work.incoming.items():
            incoming[vulnerability_id].append(record)
        for vulnerability_id in touched:
            old = work.before.get(vulnerability_id, [])
            new = incoming[vulnerability_id]
            keys = {record.key for record in new}
            replaced = [
                record
                for record in old
                if record.feed is feed and (record.key in keys or (vulnerability_id, record.key) in work.withdrawn)
            ]
            after = [*(record for record in old if record not in replaced), *new]
            work.after[vulnerability_id] = after
            if self._merged_up_to is None or vulnerability_id <= self._merged_up_to:
                # The dates of EUVD's records also decide which of several comes first.
                history = feed is Feed.EUVD or _lasting(replaced) != _lasting(new)
                scores = [epss[vulnerability_id]] if vulnerability_id in epss else []
                self._merge_one(work, vulnerability_id, [*old, *scores], [*after, *scores], history=history)

    def _merge_one(
        self,
        work: _Work,
        vulnerability_id: str,
        before: list[SourceRecord],
        after: list[SourceRecord],
        *,
        history: bool,
    ) -> None:
        """Merge one vulnerability. history: whether a field with history may differ, which takes a second merge."""
        new = merge(vulnerability_id, after)
        if new is None:
            if merge(vulnerability_id, before) is not None:
                work.emptied.append(vulnerability_id)
            return
        old = merge(vulnerability_id, before) if history else None
        if new == old:
            return
        work.vulnerabilities.append((new, priority_score(facts_of(new), self._clock().date())))
        if history:
            work.changes += [
                ChangeRow(vulnerability_id, change.field, change.old, change.new, self.outcome.source)
                for change in changes_between(old, new)
            ]

    # -- writing ------------------------------------------------------------------------------------------------------
    def _write(self, work: _Work, cursor: bytes | None) -> None:
        now = self._clock()
        with self._database.transaction() as connection:
            self._run.fence(connection)
            store = IngestRepository(connection)
            store.put_records(work.after, before=work.before)
            store.put_vulnerabilities(work.vulnerabilities, now, bulk=False)
            store.delete_vulnerabilities(work.emptied)
            store.add_changes(work.changes, self._run.id, now)
            if cursor is not None:
                advance(connection, self.outcome.source, cursor)

    def _hash(self, record: RawRecord) -> bytes:
        return blake2b(record.raw, digest_size=16, salt=self._salt).digest()[:HASH_SIZE]

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
        work = _Work(SourceOutcome(self.outcome.source, withdrawn=len(withdrawn)), withdrawn=withdrawn)
        with self._database.reading() as connection:
            self._apply(feed, work, connection)
        self._write(work, cursor=None)
        self.outcome.absorb(work.outcome)


def advance(connection: Connection, source: Source, cursor: bytes) -> None:
    """Store the cursor of a connector, and the fields of it that are not opaque."""
    reached = msgspec.json.decode(cursor, type=_Reached)
    SourceRepository(connection).advance(source, cursor, reached.watermark, reached.model, reached.model_since)


class _Reached(msgspec.Struct):
    """The fields of a connector's cursor that are not opaque (see `store.repositories.sources.StoredSource`)."""

    watermark: datetime | None = None
    model: str | None = None
    model_since: datetime | None = None


def _lasting(records: Iterable[SourceRecord]) -> dict[str, Claim]:
    """The claims without the values that change often and have no history (see `domain.changes`)."""
    return {
        record.key: msgspec.structs.replace(record.claim, modified_at=None, epss=None, epss_percentile=None)
        for record in records
    }


def _by_key(stored: Iterable[RecordId]) -> dict[str, list[RecordId]]:
    found: defaultdict[str, list[RecordId]] = defaultdict(list)
    for record_id in stored:
        found[record_id[1]].append(record_id)
    return found
