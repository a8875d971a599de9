"""Conversion of the rows of revision 3 and older into today's tables, page by page, without any download.

The migration to revision 4 keeps the old tables under other names. Each page moves some vulnerabilities: their claims
are written in today's form and merged by today's rules, and the old rows are deleted, so that SQLite reuses their space
and the file does not grow. A page is one transaction, so the conversion goes on after a kill or on a full disk where it
stopped. It belongs to no migration, since it writes the tables as they are at the newest revision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

import msgspec
from sqlalchemy import Connection, delete, distinct, func, select
from sqlalchemy.schema import DropTable

from backend.contract.wire import utc_now
from backend.domain.claims import Claim, Feed, SourceRecord
from backend.domain.exposure.derivation import statements_of
from backend.domain.merge import MERGE_VERSION, merge
from backend.domain.priority import facts_of, priority_score
from backend.store.dialects import search_index_of
from backend.store.dialects.bulk import continue_numbers, insert_rows
from backend.store.old_tables import (
    POSITION_KEY,
    ConversionPosition,
    conversion_position,
    old_details,
    old_records,
    old_rows,
    old_tables,
)
from backend.store.repositories.epss import EpssRepository, EpssScore, epss_record, place_of
from backend.store.repositories.merged_rows import ROW_COLUMNS, IngestRepository, MergedRow
from backend.store.repositories.metadata import (
    MERGED_BY_KEY,
    REBUILT_UP_TO_KEY,
    SCORING_DAY_KEY,
    MetadataRepository,
)
from backend.store.repositories.source_records import HASH_SIZE, changes_of
from backend.store.repositories.statements import StatementRepository, statement_changes
from backend.store.tables import vulnerabilities

PAGE = 1000
_decode = msgspec.json.Decoder(Claim).decode


def convert_page(connection: Connection) -> bool:
    """Convert the next vulnerabilities; returns whether there were any."""
    position = conversion_position(connection)
    if position is None:
        return False
    if not position.total:
        ids = select(func.count(distinct(old_records.c.vulnerability_id)))
        position = ConversionPosition(total=connection.execute(ids).scalar_one())
        IngestRepository(connection).drop_secondary_indexes()
    following = select(old_records.c.vulnerability_id).where(old_records.c.vulnerability_id > position.last_id)
    page = following.distinct().order_by(old_records.c.vulnerability_id).limit(PAGE)
    ids_of_page = connection.execute(page).scalars().all()
    if not ids_of_page:
        return False
    _convert(connection, ids_of_page)
    last = ids_of_page[-1]
    for column in (old_records.c.vulnerability_id, old_rows.c.cve_id, old_details.c.cve_id):
        connection.execute(delete(column.table).where(column <= last))
    done = ConversionPosition(position.done + len(ids_of_page), position.total, last)
    MetadataRepository(connection).set(POSITION_KEY, msgspec.json.encode(done).decode())
    return True


def build_indexes(connection: Connection) -> None:
    """A step of its own, since it takes long and may be repeated."""
    IngestRepository(connection).build_secondary_indexes()


def finish_conversion(connection: Connection) -> None:
    """Drop the old tables. Priorities are computed again by the next update, since a rule may have changed."""
    for table in old_tables.sorted_tables:
        connection.execute(DropTable(table, if_exists=True))
    continue_numbers(connection, vulnerabilities.c.id)
    metadata = MetadataRepository(connection)
    metadata.delete(POSITION_KEY)
    metadata.delete(SCORING_DAY_KEY)
    if metadata.get(REBUILT_UP_TO_KEY) is None:
        metadata.set(MERGED_BY_KEY, str(MERGE_VERSION))


def _convert(connection: Connection, ids: Sequence[str]) -> None:
    columns = [old_records.c[name] for name in ("vulnerability_id", "feed", "key", "raw_hash", "payload")]
    within = old_records.c.vulnerability_id.between(ids[0], ids[-1])
    stored = connection.execute(select(*columns).where(within).order_by(*columns[:3])).all()
    records: dict[str, list[SourceRecord]] = {}
    scores: defaultdict[int, dict[int, EpssScore]] = defaultdict(dict)
    epss: dict[str, SourceRecord] = {}
    for vulnerability_id, rows in groupby(stored, key=lambda row: str(row.vulnerability_id)):
        for _, feed, key, raw_hash, payload in rows:
            claim = _decode(payload)
            if feed != Feed.EPSS:
                record = SourceRecord(Feed(feed), key, vulnerability_id, claim, bytes(raw_hash)[:HASH_SIZE])
                records.setdefault(vulnerability_id, []).append(record)
            elif (place := place_of(vulnerability_id)) and (score := EpssScore.of(claim)):
                scores[place[0]][place[1]] = score
                epss[vulnerability_id] = epss_record(vulnerability_id, score.claim())
    store = EpssRepository(connection)
    for year, added in scores.items():
        store.put(year, store.scores(year) | added)
    IngestRepository(connection).put_records(changes_of(records, before={}))
    _merge(connection, ids, records, epss)


def _merge(
    connection: Connection, ids: Sequence[str], records: dict[str, list[SourceRecord]], epss: dict[str, SourceRecord]
) -> None:
    """Write the merged rows under their old primary keys. Vulnerabilities without a row wait for a rebuild."""
    today, rows, documents, stated = utc_now().date(), [], [], {}
    old = select(old_rows.c.id, old_rows.c.cve_id, old_rows.c.first_seen_at, old_rows.c.updated_at)
    for identity, cve_id, first_seen_at, updated_at in connection.execute(
        old.where(old_rows.c.cve_id.between(ids[0], ids[-1]))
    ):
        scores = [epss[cve_id]] if cve_id in epss else []
        merged = merge(cve_id, [*records.get(cve_id, []), *scores])
        if merged is not None:
            priority = priority_score(facts_of(merged), today)
            row = MergedRow(merged, priority)
            rows.append((identity, *row.values(first_seen_at, updated_at)))
            documents.append((identity, row.words))
            stated[cve_id] = statements_of(merged.state, records.get(cve_id, []))
    insert_rows(connection, vulnerabilities, ("id", *ROW_COLUMNS), rows)
    search_index_of(connection).insert(connection, documents)
    StatementRepository(connection).put(statement_changes(stated, before={}))
