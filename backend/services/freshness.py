"""How fresh each source is, in one word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from backend.config import Settings
from backend.contract.errors import ErrorFields
from backend.contract.names import Source
from backend.contract.sources import SourceState, SourceStatus
from backend.store.repositories.sources import SourceProgress, SourceRepository

STALE = timedelta(hours=26)
"""A source is asked every two hours; a day and the time of an update without success is worth a word."""
FAILING_AFTER = 3
"""Attempts in a row."""


def list_sources(
    connection: Connection, settings: Settings, records: Mapping[Source, int], now: datetime
) -> Sequence[SourceStatus]:
    """`records` are counted elsewhere: counting takes longer than everything else here."""
    return [
        _told(stored, settings.user.source_enabled(stored.source), records.get(stored.source, 0), now)
        for stored in SourceRepository(connection).all()
    ]


def state_of(stored: SourceProgress, now: datetime) -> SourceState:
    if stored.failures >= FAILING_AFTER:
        return SourceState.FAILING
    if stored.failures:
        return SourceState.DEGRADED
    if stored.last_success_at is None:
        return SourceState.NEVER
    return SourceState.STALE if now - stored.last_success_at > STALE else SourceState.OK


def _told(stored: SourceProgress, enabled: bool, records: int, now: datetime) -> SourceStatus:
    error = None
    if stored.error_title is not None:
        error = ErrorFields(title=stored.error_title, message=stored.error_message or "", hint=stored.error_hint or "")
    return SourceStatus(
        name=stored.source,
        enabled=enabled,
        last_attempt_at=stored.last_attempt_at,
        last_success_at=stored.last_success_at,
        watermark=stored.watermark,
        records=records,
        state=state_of(stored, now),
        failures=stored.failures,
        last_error=error,
    )
