"""Stored claims as the merge wants them."""

from __future__ import annotations

from backend.domain.claims import SourceRecord, decode_claim
from backend.store.repositories.ingest import StoredRecord


def read_record(stored: StoredRecord) -> SourceRecord:
    return SourceRecord(stored.feed, stored.key, stored.vulnerability_id, decode_claim(stored.payload))
