"""The newest record of each feed for each vulnerability, stored as claims.

All records of one vulnerability stand in one row. `heads` says which they are, with their hashes: an update looks at it
alone to find what changed. `claims` has what they state, compressed together, since sources repeat each other. Both
are MessagePack. EPSS is stored apart (see `repositories.epss`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select

from backend.contract.names import Source
from backend.domain.claims import Claim, Feed, SourceRecord
from backend.store.compression import Compressor, Dictionary, damaged, decompress
from backend.store.dialects.bulk import insert_rows, like, one_of, staged, temporary_table, upsert
from backend.store.tables import euvd_keys, vulnerabilities, vulnerability_claims

RecordId = tuple[str, str]
"""Vulnerability id and the source's own key, unique within one feed."""

Records = Mapping[str, Sequence[SourceRecord]]
"""All records of some vulnerabilities, without EPSS's, by their ids."""

HASH_SIZE = 8  # bytes
_NUMBERS = {Feed.KEV: 1, Feed.NVD: 2, Feed.MITRE: 3, Feed.EUVD: 4, Feed.EUVD_MAPPING: 5, Feed.EUVD_KEV: 6}
"""The feeds in stored heads; a number is never used for another feed."""
_FEEDS = {number: feed for feed, number in _NUMBERS.items()}
_CLAIMS, _EUVD = vulnerability_claims.c, euvd_keys.c
_COLUMNS = ("vulnerability_id", "heads", "claims")
_incoming = temporary_table("incoming_claims", *(like(_CLAIMS[name]) for name in _COLUMNS))


class _Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """key: None if it is the vulnerability's id; modified_at: the claim's, for comparison with deltas."""

    feed: int
    raw_hash: bytes
    key: str | None
    modified_at: datetime | None


_Row = tuple[str, bytes, bytes]
"""In the order of _COLUMNS."""

StoredRecords = tuple[str, bytes, bytes]
"""All records of one vulnerability as they are stored, but not compressed: its id, their heads, their claims."""


@dataclass(frozen=True)
class RecordChanges:
    """What `SourceRecordRepository.put_records` writes, encoded and compressed: other writers wait while it does.

    new, known: rows of vulnerabilities without and with stored records; gone: those that have no more records.
    """

    new: Sequence[_Row] = ()
    known: Sequence[_Row] = ()
    gone: Sequence[str] = ()
    euvd_ids: Set[RecordId] = frozenset()
    euvd_ids_before: Set[RecordId] = frozenset()


_encoder = msgspec.msgpack.Encoder()
_heads_decoder = msgspec.msgpack.Decoder(list[_Head])
_claims_decoder = msgspec.msgpack.Decoder(list[Claim])
_raw_decoder = msgspec.msgpack.Decoder(list[msgspec.Raw])


class SourceRecordRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hashes(self, feed: Feed, ids: Collection[str]) -> dict[RecordId, bytes]:
        """The stored raw hashes of these vulnerabilities' records of a feed; of EUVD's records by their own keys."""
        by_key = feed is Feed.EUVD
        names = self._ids_of_keys(ids) if by_key else ids
        return {
            (vulnerability_id, key): head.raw_hash
            for vulnerability_id, key, head in self._heads(feed, names)
            if not by_key or key in ids
        }

    def versions(self, feed: Feed, ids: Collection[str]) -> dict[str, str]:
        """The newest `modified_at` of the stored claims: ISO text in UTC by vulnerability id, without undated ones."""
        newest: dict[str, datetime] = {}
        for vulnerability_id, _, head in self._heads(feed, ids):
            if head.modified_at is not None:
                newest[vulnerability_id] = max(head.modified_at, newest.get(vulnerability_id, head.modified_at))
        return {vulnerability_id: modified_at.isoformat() for vulnerability_id, modified_at in newest.items()}

    def records_of(self, vulnerability_ids: Collection[str]) -> dict[str, list[SourceRecord]]:
        """All records of these vulnerabilities; those without any are absent."""
        rows = select(*(_CLAIMS[name] for name in _COLUMNS))
        return self._read(rows.where(one_of(self._connection, _CLAIMS.vulnerability_id, vulnerability_ids)))

    def records_after(self, vulnerability_id: str, limit: int) -> dict[str, list[SourceRecord]]:
        """All records of the next `limit` vulnerabilities, in the order of their ids."""
        rows = select(*(_CLAIMS[name] for name in _COLUMNS)).where(_CLAIMS.vulnerability_id > vulnerability_id)
        return self._read(rows.order_by(_CLAIMS.vulnerability_id).limit(limit))

    def unmerged_after(self, vulnerability_id: str, limit: int) -> dict[str, list[SourceRecord]]:
        """All records of the next `limit` vulnerabilities that have no merged row, in the order of their ids."""
        rows = select(*(_CLAIMS[name] for name in _COLUMNS)).outerjoin_from(
            vulnerability_claims, vulnerabilities, vulnerabilities.c.cve_id == _CLAIMS.vulnerability_id
        )
        without = rows.where(vulnerabilities.c.id.is_(None), _CLAIMS.vulnerability_id > vulnerability_id)
        return self._read(without.order_by(_CLAIMS.vulnerability_id).limit(limit))

    def stored_before(self, vulnerability_id: str | None, limit: int) -> list[StoredRecords]:
        """All records of the next `limit` vulnerabilities by falling id. vulnerability_id: None for the first ones."""
        rows = select(*(_CLAIMS[name] for name in _COLUMNS)).order_by(_CLAIMS.vulnerability_id.desc()).limit(limit)
        if vulnerability_id is not None:
            rows = rows.where(_CLAIMS.vulnerability_id < vulnerability_id)
        stored = self._connection.execute(rows).all()
        return [(name, bytes(heads), decompress(bytes(claims))) for name, heads, claims in stored]

    def records_from(self, first: str, before: str | None) -> dict[str, list[SourceRecord]]:
        """All records of the vulnerabilities whose ids are in a range. before: its end, exclusive; None: no end."""
        rows = select(*(_CLAIMS[name] for name in _COLUMNS)).where(_CLAIMS.vulnerability_id >= first)
        return self._read(rows if before is None else rows.where(_CLAIMS.vulnerability_id < before))

    def count_ids(self) -> int:
        """The number of vulnerabilities with any record."""
        return self._connection.execute(select(func.count()).select_from(vulnerability_claims)).scalar_one()

    def keys_of(self, feed: Feed) -> Iterator[list[RecordId]]:
        """The ids of all records of a feed, in portions; reads the heads of all vulnerabilities."""
        rows = self._connection.execute(
            select(_CLAIMS.vulnerability_id, _CLAIMS.heads), execution_options={"yield_per": 5000}
        )
        for portion in rows.partitions():
            yield [(name, key) for name, key, _ in _of_feed(feed, portion)]

    def put_records(self, changes: RecordChanges) -> None:
        """Replace all records of some vulnerabilities.

        Vulnerabilities that had none are inserted; the driver raises an error if they are stored after all.
        """
        insert_rows(self._connection, vulnerability_claims, _COLUMNS, changes.new)
        if changes.known:
            with staged(self._connection, _incoming, _COLUMNS, changes.known):
                statement = upsert(self._connection, vulnerability_claims)
                incoming = select(_incoming).where(_incoming.c.vulnerability_id.is_not(None))
                values = {name: statement.excluded[name] for name in _COLUMNS[1:]}
                self._connection.execute(
                    statement.from_select(_COLUMNS, incoming).on_conflict_do_update(
                        index_elements=["vulnerability_id"], set_=values
                    )
                )
        if changes.gone:
            self._connection.execute(
                delete(vulnerability_claims).where(one_of(self._connection, _CLAIMS.vulnerability_id, changes.gone))
            )
        self._put_euvd_keys(changes.euvd_ids, changes.euvd_ids_before)

    def _put_euvd_keys(self, new: Set[RecordId], old: Set[RecordId]) -> None:
        if gone := sorted(old - new):
            removal = delete(euvd_keys).where(_EUVD.vulnerability_id == bindparam("v"), _EUVD.key == bindparam("k"))
            self._connection.execute(removal, [{"v": name, "k": key} for name, key in gone])
        insert_rows(self._connection, euvd_keys, ("vulnerability_id", "key"), sorted(new - old))

    def _ids_of_keys(self, keys: Collection[str]) -> Sequence[str]:
        named = select(_EUVD.vulnerability_id).where(one_of(self._connection, _EUVD.key, keys)).distinct()
        return self._connection.execute(named).scalars().all()

    def _heads(self, feed: Feed, vulnerability_ids: Collection[str]) -> Iterator[tuple[str, str, _Head]]:
        rows = select(_CLAIMS.vulnerability_id, _CLAIMS.heads)
        named = rows.where(one_of(self._connection, _CLAIMS.vulnerability_id, vulnerability_ids))
        return _of_feed(feed, self._connection.execute(named).all())

    def _read(self, query: Select[str, bytes, bytes]) -> dict[str, list[SourceRecord]]:
        rows = self._connection.execute(query).all()  # all at once: row by row takes twice as long
        return {name: records_in((name, heads, decompress(claims))) for name, heads, claims in rows}


def records_in(stored: StoredRecords) -> list[SourceRecord]:
    """Decode all records of one vulnerability.

    Raises:
        StoreDamaged: they are not in the stored form.
    """
    vulnerability_id, heads, claims = stored
    try:
        return [
            SourceRecord(_FEEDS[head.feed], head.key or vulnerability_id, vulnerability_id, claim, head.raw_hash)
            for head, claim in zip(_decoded_heads(heads), _claims_decoder.decode(claims), strict=True)
        ]
    except (KeyError, ValueError) as error:  # an unknown feed; another number of claims, or no claims
        raise damaged(str(error)) from error


def record_ids_in(stored: StoredRecords) -> Iterator[tuple[Feed, RecordId]]:
    """Read the feeds and ids of all records of one vulnerability. The claims are not decoded."""
    vulnerability_id, heads, _ = stored
    for head in _decoded_heads(heads):
        yield _FEEDS[head.feed], (vulnerability_id, head.key or vulnerability_id)


def of_sources(stored: StoredRecords, sources: Collection[Source]) -> StoredRecords | None:
    """The same without the records of other sources; None if nothing is left. The claims are not decoded."""
    vulnerability_id, heads, claims = stored
    records = zip(_decoded_heads(heads), _raw_decoder.decode(claims), strict=True)
    kept = [(head, claim) for head, claim in records if _FEEDS[head.feed].source in sources]
    if not kept:
        return None
    return vulnerability_id, _encoder.encode([head for head, _ in kept]), _encoder.encode([claim for _, claim in kept])


def _of_feed(feed: Feed, rows: Sequence[Row[str, bytes]]) -> Iterator[tuple[str, str, _Head]]:
    number = _NUMBERS[feed]
    for vulnerability_id, heads in rows:
        for head in _decoded_heads(heads):
            if head.feed == number:
                yield vulnerability_id, vulnerability_id if head.key is None else head.key, head


def changes_of(records: Records, *, before: Records) -> RecordChanges:
    """What is written so that these vulnerabilities have these records, and nothing remains of one without any.

    Args:
        before: their stored records; vulnerabilities that are absent have none.
    """
    compressor = Compressor(Dictionary.CLAIMS)
    rows = [_row(name, made, compressor) for name, made in records.items() if made]
    return RecordChanges(
        new=[row for row in rows if row[0] not in before],
        known=[row for row in rows if row[0] in before],
        gone=[name for name, made in records.items() if not made],
        euvd_ids=_euvd_ids(records),
        euvd_ids_before=_euvd_ids({name: before.get(name, ()) for name in records}),
    )


def _row(vulnerability_id: str, records: Sequence[SourceRecord], compressor: Compressor) -> _Row:
    heads = [
        _Head(
            _NUMBERS[record.feed],
            record.raw_hash,
            None if record.key == vulnerability_id else record.key,
            record.claim.modified_at,
        )
        for record in records
    ]
    claims = _encoder.encode([record.claim for record in records])
    return vulnerability_id, _encoder.encode(heads), compressor.compress(claims)


def _decoded_heads(heads: bytes) -> list[_Head]:
    try:
        return _heads_decoder.decode(heads)
    except msgspec.DecodeError as error:
        raise damaged(str(error)) from error


def _euvd_ids(records: Records) -> set[RecordId]:
    made = chain.from_iterable(records.values())
    return {(record.vulnerability_id, record.key) for record in made if record.feed is Feed.EUVD}
