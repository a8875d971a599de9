"""How far each source has been taken in."""

from __future__ import annotations

from enum import StrEnum

from backend.contract.errors import ErrorFields
from backend.contract.names import Source
from backend.contract.wire import Instant, Wire


class SourceState(StrEnum):
    OK = "ok"
    STALE = "stale"  # the last good update is more than a day old
    DEGRADED = "degraded"  # the last attempt failed
    FAILING = "failing"  # three attempts in a row failed
    NEVER = "never"  # nothing has been taken in yet


class SourceStatus(Wire):
    name: Source
    enabled: bool
    last_attempt_at: Instant | None = None
    last_success_at: Instant | None = None
    watermark: Instant | None = None
    """Everything up to this moment of the source's own clock is here."""
    records: int  # vulnerabilities that it says something of
    state: SourceState
    failures: int = 0  # in a row
    last_error: ErrorFields | None = None


class SourceList(Wire):
    sources: tuple[SourceStatus, ...]
