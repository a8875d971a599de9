"""What an update reads and writes, on one connection; the caller owns the transaction.

hashes(feed, ids) -> {(vulnerability_id, key): hash}        put_records(rows, *, fresh)
versions(feed, ids) -> {vulnerability_id: ISO text}         touch_hashes(feed, [((vulnerability_id, key), hash)])
records_of(vulnerability_ids) -> [StoredRecord]             delete_records(feed, [(vulnerability_id, key)])
records_after(vulnerability_id, limit) -> [StoredRecord]    put_vulnerabilities([(Vulnerability, score)], now, *, bulk)
keys_of(feed, after, limit) -> [(vulnerability_id, key)]    delete_vulnerabilities(ids)
count_ids() -> int                                          add_changes([Change], run_id, now)
is_empty() -> bool                                          put_priorities([(id, score)])
score_inputs(after_id, limit) -> [ScoreInput]               drop_secondary_indexes(), build_secondary_indexes()
"""

from __future__ import annotations

from sqlalchemy import Connection

from backend.store.repositories.merged_rows import Change, MergedRowRepository, ScoreInput
from backend.store.repositories.source_records import RecordId, RecordRow, SourceRecordRepository, StoredRecord

__all__ = ["Change", "IngestRepository", "RecordId", "RecordRow", "ScoreInput", "StoredRecord"]


class IngestRepository(SourceRecordRepository, MergedRowRepository):
    """Records as they came and vulnerabilities as they were merged: one page writes both."""

    def __init__(self, connection: Connection) -> None:
        SourceRecordRepository.__init__(self, connection)
        MergedRowRepository.__init__(self, connection)
