"""Each feed's last word on each vulnerability.

Stored claims as the merge wants them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    distinct,
    func,
    literal,
    select,
    true,
    tuple_,
)

from backend.domain.claims import Feed, SourceRecord, decode_claim
from backend.store.dialects.bulk import insert_rows, like, one_of, staged, temporary_table, upsert
from backend.store.tables import source_records

RecordId = tuple[str, str]
"""(vulnerability id, the source's own key) within one feed."""

_RECORDS = source_records.c
_IDENTITY = ("vulnerability_id", "feed", "key")
_FEEDS = {str(feed): feed for feed in Feed}


class RecordRow(NamedTuple):
    """A record as it is stored, in the order of the columns.

    raw_hash: 16 bytes; payload: a Claim as JSON; modified_at: the claim's.
    """

    vulnerability_id: str
    feed: Feed
    key: str
    raw_hash: bytes
    modified_at: datetime | None
    payload: str


class StoredRecord(NamedTuple):
    """What merging needs of a record."""

    vulnerability_id: str
    feed: Feed
    key: str
    payload: str


_COLUMNS = RecordRow._fields
_incoming = temporary_table("incoming_records", *(like(_RECORDS[name]) for name in _COLUMNS))
_stored = select(*(_RECORDS[name] for name in StoredRecord._fields))
_order = tuple(_RECORDS[name] for name in _IDENTITY)


class SourceRecordRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hashes(self, feed: Feed, ids: Collection[str]) -> dict[RecordId, bytes]:
        """The stored hashes of these records. `ids`: keys for EUVD's own records, vulnerability ids for other feeds."""
        column = _RECORDS.key if feed is Feed.EUVD else _RECORDS.vulnerability_id
        of_feed = _RECORDS.feed == literal(feed, literal_execute=True)  # spelt out: a partial index serves no parameter
        known = select(_RECORDS.vulnerability_id, _RECORDS.key, _RECORDS.raw_hash)
        rows = self._connection.execute(known.where(of_feed, one_of(self._connection, column, ids)))
        return {(vulnerability_id, key): bytes(raw_hash) for vulnerability_id, key, raw_hash in rows}

    def versions(self, feed: Feed, ids: Collection[str]) -> dict[str, str]:
        """When the stored claims say they were modified: ISO text in UTC by vulnerability id, without undated ones."""
        dated = select(
            _RECORDS.vulnerability_id, func.max(_RECORDS.modified_at, type_=_RECORDS.modified_at.type)
        ).where(_RECORDS.feed == feed, self._any_of(ids), _RECORDS.modified_at.is_not(None))
        rows = self._connection.execute(dated.group_by(_RECORDS.vulnerability_id))
        return {vulnerability_id: modified_at.isoformat() for vulnerability_id, modified_at in rows}

    def records_of(self, vulnerability_ids: Collection[str]) -> list[StoredRecord]:
        """All that is said of these vulnerabilities, in id order."""
        return self._read(_stored.where(self._any_of(vulnerability_ids)).order_by(*_order))

    def records_after(self, vulnerability_id: str, limit: int) -> list[StoredRecord]:
        """All that is said of the next `limit` vulnerabilities in id order; none is cut in two."""
        following = select(_RECORDS.vulnerability_id).where(_RECORDS.vulnerability_id > vulnerability_id).distinct()
        page = following.order_by(_RECORDS.vulnerability_id).limit(limit).subquery()
        last = self._connection.execute(select(func.max(page.c.vulnerability_id))).scalar()
        if last is None:
            return []
        within = and_(_RECORDS.vulnerability_id > vulnerability_id, _RECORDS.vulnerability_id <= last)
        return self._read(_stored.where(within).order_by(*_order))

    def count_ids(self) -> int:
        """How many vulnerabilities anything is said of."""
        return self._connection.execute(select(func.count(distinct(_RECORDS.vulnerability_id)))).scalar_one()

    def keys_of(self, feed: Feed, after: RecordId, limit: int) -> list[RecordId]:
        """The next records of a feed in the order of their ids; ("", "") for the first ones."""
        identity = tuple_(_RECORDS.vulnerability_id, _RECORDS.key)
        query = select(_RECORDS.vulnerability_id, _RECORDS.key).where(_RECORDS.feed == feed, identity > after)
        rows = self._connection.execute(query.order_by(_RECORDS.vulnerability_id, _RECORDS.key).limit(limit))
        return [(vulnerability_id, key) for vulnerability_id, key in rows]

    def put_records(self, rows: Sequence[RecordRow], *, fresh: Collection[RecordId]) -> None:
        """Writes records, each at most once. `fresh`: those known not to be stored; the driver refuses one that is."""
        new = [row for row in rows if (row.vulnerability_id, row.key) in fresh]
        insert_rows(self._connection, source_records, _COLUMNS, new)
        others = [row for row in rows if (row.vulnerability_id, row.key) not in fresh]
        if others:
            with staged(self._connection, _incoming, _COLUMNS, others):
                self._upsert()

    def delete_records(self, feed: Feed, records: Collection[RecordId]) -> None:
        if records:
            named = tuple_(_RECORDS.vulnerability_id, _RECORDS.key).in_(records)
            self._connection.execute(delete(source_records).where(_RECORDS.feed == feed, named))

    def _any_of(self, vulnerability_ids: Collection[str]) -> ColumnElement[bool]:
        return one_of(self._connection, _RECORDS.vulnerability_id, vulnerability_ids)

    def _read(self, query: Select[str, str, str, str]) -> list[StoredRecord]:
        rows = self._connection.execute(query).all()  # at once: row by row takes twice as long
        return [StoredRecord(name, _FEEDS[feed], key, payload) for name, feed, key, payload in rows]

    def _upsert(self) -> None:
        incoming = select(_incoming).where(true())  # SQLite takes a bare ON after FROM for a join's
        statement = upsert(self._connection, source_records).from_select(_COLUMNS, incoming)
        values = {name: statement.excluded[name] for name in _COLUMNS if name not in _IDENTITY}
        self._connection.execute(statement.on_conflict_do_update(index_elements=_IDENTITY, set_=values))


def read_record(stored: StoredRecord) -> SourceRecord:
    return SourceRecord(stored.feed, stored.key, stored.vulnerability_id, decode_claim(stored.payload))
