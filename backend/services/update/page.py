"""One page of an update: what changes is computed by reading only, then written in one transaction.

Ingesting a page twice changes nothing: its records are found unchanged by their hashes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias

import msgspec
from sqlalchemy import Connection

from backend.connectors.connector import Parsed, ParseError, RawRecord, RecordProblem
from backend.contract.names import Source
from backend.contract.settings import InboxThresholds
from backend.domain.changes import changes_between
from backend.domain.claims import Claim, Feed, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.merge import merge, state_of
from backend.domain.news import news_in
from backend.domain.priority import facts_of, priority_score
from backend.domain.vulnerability import MergedVulnerability
from backend.services.exposure.events import change_event, note_events, refresh_concern
from backend.services.update.cursor import advance
from backend.services.update.outcome import PartOutcome
from backend.store.engine import Database
from backend.store.repositories.epss import EpssRepository
from backend.store.repositories.events import NewEvent
from backend.store.repositories.merged_rows import ChangeRow, IngestRepository, MergedRow
from backend.store.repositories.metadata import NEWS_SINCE_KEY, UNMERGED_KEY, MetadataRepository
from backend.store.repositories.source_records import (
    HASH_SIZE,
    RecordChanges,
    RecordId,
    Records,
    StoredRecords,
    changes_of,
    records_in,
)
from backend.store.repositories.statements import StatementChanges, StatementRepository, statement_changes

Parse = Callable[[Feed, RawRecord], Parsed]
"""`Connector.parse`."""


class PagePart(msgspec.Struct, frozen=True, tag=True):
    """The records of one feed in a page, as the source sent them. parser_version: salts the record hashes."""

    feed: Feed
    parser_version: int
    records: Sequence[RawRecord]

    @property
    def salt(self) -> bytes:
        return f"{self.feed.source}/{self.parser_version}".encode()

    @property
    def ids(self) -> set[str | None]:
        """Of their vulnerabilities; None stands for those of EUVD's records, which are known only after parsing."""
        return {record.vulnerability_id for record in self.records}


class StoredPart(msgspec.Struct, frozen=True, tag=True):
    """Records of one or several feeds in the form in which they are stored, as a bundle has them."""

    rows: list[StoredRecords]

    @property
    def ids(self) -> set[str | None]:
        """Of their vulnerabilities."""
        return {row[0] for row in self.rows}


Part: TypeAlias = PagePart | StoredPart


@dataclass
class PageWork:
    """The changes of one page.

    outcomes: of its parts, of a stored part one for each source. records: all of the touched vulnerabilities.
    statements: in those that are merged. new, known: their rows, which are not or may be stored. unmerged: whether some
    of them got no row.
    """

    outcomes: list[PartOutcome] = field(default_factory=list)
    incoming: dict[tuple[Feed, RecordId], SourceRecord] = field(default_factory=dict)
    withdrawn: set[tuple[Feed, RecordId]] = field(default_factory=set)
    records: RecordChanges = field(default_factory=RecordChanges)
    statements: StatementChanges = field(default_factory=StatementChanges)
    new: list[MergedRow] = field(default_factory=list)
    known: list[MergedRow] = field(default_factory=list)
    unmerged: bool = False
    emptied: list[str] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)


class PageIngest:
    """The ingest of the pages of one source.

    Args:
        run_id: the run that the history names.
        fence: `Run.fence`.
        parsers: by source, of all parts.
        merged_up_to: the last id that a rebuild in progress has merged; only ids up to it are merged here, the others
            by the rebuild. None: no rebuild is in progress.
        thresholds: what of the changes becomes an event. None: this is the source's first load, which is no news: it
            makes neither history nor events.
    """

    def __init__(
        self,
        database: Database,
        source: Source,
        run_id: str,
        fence: Callable[[Connection], None],
        parsers: Mapping[Source, Parse],
        merged_up_to: str | None,
        clock: Callable[[], datetime],
        *,
        thresholds: InboxThresholds | None,
    ) -> None:
        self._database, self.source, self._run_id, self._fence = database, source, run_id, fence
        self._parsers, self.merged_up_to, self._clock, self._thresholds = parsers, merged_up_to, clock, thresholds

    def ingest(self, parts: Sequence[Part], cursor: bytes | None = None) -> list[PartOutcome]:
        """Compute and write a page, and return the outcomes of its parts. It may have been written before."""
        work = self.compute(parts)
        self.write(work, cursor)
        return work.outcomes

    def compute(self, parts: Sequence[Part]) -> PageWork:
        """Compute the changes of a page; its own feed is the first part."""
        work = PageWork()
        with self._database.reading() as connection:
            for part in parts:
                if isinstance(part, StoredPart):
                    work.outcomes += _read_stored(part, work, connection)
                else:
                    work.outcomes.append(self._read_part(part, work, connection))
            own = parts[0]
            self._apply(work, connection, mapped=isinstance(own, PagePart) and own.feed is Feed.EUVD_MAPPING)
        return work

    def compute_withdrawal(self, withdrawn: Iterable[tuple[Feed, RecordId]]) -> PageWork:
        """Compute the changes that follow from the withdrawal of records."""
        work = PageWork(withdrawn=set(withdrawn))
        with self._database.reading() as connection:
            self._apply(work, connection)
        return work

    def write(self, work: PageWork, cursor: bytes | None) -> None:
        """Write the changes of a page, and the cursor that is valid with them (None: it stays)."""
        now = self._clock()
        with self._database.transaction() as connection:
            store = IngestRepository(connection)
            store.put_records(work.records)
            if work.unmerged:
                MetadataRepository(connection).set(UNMERGED_KEY, "yes")
            store.insert_vulnerabilities(work.new, now)
            store.put_vulnerabilities(work.known, now)
            StatementRepository(connection).put(work.statements)
            store.delete_vulnerabilities(work.emptied)
            store.add_changes(work.changes, self._run_id, now)
            if cursor is not None:
                advance(connection, self.source, cursor)
            # Last, because they lock rows for which another page or the heartbeat would wait.
            self._note_events(connection, work, now)
            self._fence(connection)

    def _note_events(self, connection: Connection, work: PageWork, now: datetime) -> None:
        if self._thresholds is None:
            MetadataRepository(connection).set(NEWS_SINCE_KEY, now.isoformat())
        else:
            note_events(connection, work.events)
            refresh_concern(connection, [row.cve_id for row in (*work.new, *work.known)])

    def advance(self, cursor: bytes) -> None:
        """Write the cursor alone."""
        with self._database.transaction() as connection:
            advance(connection, self.source, cursor)
            self._fence(connection)

    def _read_part(self, part: PagePart, work: PageWork, connection: Connection) -> PartOutcome:
        outcome, salt = PartOutcome(part.feed.source), part.salt
        newest = {(record.vulnerability_id or "", record.key): record for record in part.records}
        ids_need_parsing = part.feed is Feed.EUVD
        names = [key if ids_need_parsing else name for name, key in newest]
        stored = IngestRepository(connection).hashes(part.feed, names)
        by_key = _by_key(stored) if ids_need_parsing else {}
        for record_id, record in newest.items():
            digest = blake2b(record.raw, digest_size=16, salt=salt).digest()[:HASH_SIZE]
            before = by_key.get(record.key, []) if ids_need_parsing else [record_id] if record_id in stored else []
            if before and all(stored[old] == digest for old in before):
                outcome.unchanged += 1
            else:
                self._parse(part.feed, record, digest, before, work, outcome)
        return outcome

    def _parse(
        self,
        feed: Feed,
        record: RawRecord,
        digest: bytes,
        before: Collection[RecordId],
        work: PageWork,
        outcome: PartOutcome,
    ) -> None:
        try:
            parsed = self._parsers[feed.source](feed, record)
        except ParseError as error:
            outcome.reject([RecordProblem(record=record.key, reason=str(error))])
            return
        if parsed.mended:
            outcome.mend(record.key, parsed.mended)
        for vulnerability_id, claim in parsed.claims:
            record_id = (feed, (vulnerability_id, record.key))
            work.incoming[record_id] = SourceRecord(feed, record.key, vulnerability_id, claim, digest)
            work.withdrawn.discard(record_id)
        work.withdrawn.update([(feed, old) for old in before if (feed, old) not in work.incoming])
        outcome.added += not before
        outcome.changed += bool(before)

    def _apply(self, work: PageWork, connection: Connection, *, mapped: bool = False) -> None:
        """Compute all records of the touched vulnerabilities as they become, and merge those.

        Args:
            mapped: only EUVD's ids are new, which make no row of a vulnerability that no source describes yet.
        """
        touched = sorted({vulnerability_id for _, (vulnerability_id, _) in (*work.incoming, *work.withdrawn)})
        if not touched:
            return
        store = IngestRepository(connection)
        before, after = store.records_of(touched), dict[str, list[SourceRecord]]()
        merged_before = store.existing(touched)
        epss = EpssRepository(connection).records_of(merged_before if mapped else touched)
        incoming: defaultdict[str, list[SourceRecord]] = defaultdict(list)
        for (_, (vulnerability_id, _)), record in work.incoming.items():
            incoming[vulnerability_id].append(record)
        for vulnerability_id in touched:
            old, new = before.get(vulnerability_id, []), incoming[vulnerability_id]
            given = {(record.feed, record.key) for record in new}
            replaced = [
                record
                for record in old
                if (record.feed, record.key) in given or (record.feed, (vulnerability_id, record.key)) in work.withdrawn
            ]
            after[vulnerability_id] = made = [*(record for record in old if record not in replaced), *new]
            scores = [epss[vulnerability_id]] if vulnerability_id in epss else []
            if self.merged_up_to is not None and vulnerability_id > self.merged_up_to:
                continue
            if vulnerability_id in merged_before:
                self._merge_again(work, vulnerability_id, [*old, *scores], [*made, *scores], replaced, new)
            elif mapped:
                work.unmerged = True
            else:
                self._merge_first(work, vulnerability_id, [*made, *scores])
        work.records = changes_of(after, before=before)
        work.statements = _statement_changes(work, before, after)

    def _merge_first(self, work: PageWork, vulnerability_id: str, records: list[SourceRecord]) -> None:
        merged = merge(vulnerability_id, records)
        if merged is not None:
            work.new.append(self._row_of(merged, is_new=True))
            work.events += self._events(None, merged)

    def _merge_again(
        self,
        work: PageWork,
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
        if self._thresholds is None or not _is_news(replaced, new):
            work.known.append(self._row_of(merged))
            return
        old = merge(vulnerability_id, before)
        if merged == old:
            return
        work.known.append(self._row_of(merged))
        work.changes += [
            ChangeRow(vulnerability_id, change.field, change.old, change.new, self.source)
            for change in changes_between(old, merged)
        ]
        work.events += self._events(old, merged)

    def _events(self, old: MergedVulnerability | None, new: MergedVulnerability) -> list[NewEvent]:
        if self._thresholds is None:
            return []
        now = self._clock()
        kind = news_in(old, new, self._thresholds, now)
        return [change_event(kind, new, now)] if kind else []

    def _row_of(self, merged: MergedVulnerability, *, is_new: bool = False) -> MergedRow:
        row = MergedRow(merged, priority_score(facts_of(merged), self._clock().date()))
        row.prepare(words=is_new)
        return row


def _read_stored(part: StoredPart, work: PageWork, connection: Connection) -> list[PartOutcome]:
    """Take over the records that differ from those in the database, and count those of each source."""
    stored = IngestRepository(connection).records_of([name for name, *_ in part.rows])
    before = {_id_of(record): record.raw_hash for records in stored.values() for record in records}
    outcomes: dict[Source, PartOutcome] = {}
    for record in (record for row in part.rows for record in records_in(row)):
        outcome = outcomes.setdefault(record.feed.source, PartOutcome(record.feed.source))
        old = before.get(_id_of(record))
        if old == record.raw_hash:
            outcome.unchanged += 1
            continue
        outcome.added += old is None
        outcome.changed += old is not None
        work.incoming[_id_of(record)] = record
    return list(outcomes.values())


def _id_of(record: SourceRecord) -> tuple[Feed, RecordId]:
    return record.feed, (record.vulnerability_id, record.key)


def _statement_changes(work: PageWork, before: Records, after: Records) -> StatementChanges:
    """The statements in all vulnerabilities whose rows are written or deleted."""
    rows = [*work.new, *work.known]
    stored = {name: before.get(name, ()) for name in (*(row.cve_id for row in work.known), *work.emptied)}
    return statement_changes(
        {row.cve_id: statements_of(row.state, after[row.cve_id]) for row in rows},
        before={name: statements_of(state_of(name, records), records) for name, records in stored.items()},
    )


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
