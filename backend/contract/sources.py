"""How far each source has been taken in."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, SecretStr

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


class KeyOffered(Wire):
    """A key for NVD's API, to be tried out. It is neither stored nor logged."""

    key: SecretStr = Field(min_length=1, max_length=200)


class KeyVerdict(Wire):
    """message: what NVD said of the key, for people. accepted: null where NVD could not be asked."""

    accepted: bool | None
    message: str


class SourceList(Wire):
    sources: tuple[SourceStatus, ...]
