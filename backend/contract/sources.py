"""Freshness and last error of each source, and the check of an NVD API key."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, SecretStr

from backend.contract.errors import ErrorFields
from backend.contract.names import Source
from backend.contract.wire import Body, Instant, Wire


class SourceState(StrEnum):
    OK = "ok"
    STALE = "stale"  # the last successful update is more than a day old
    DEGRADED = "degraded"  # the last attempt failed
    FAILING = "failing"  # three attempts in a row failed
    NEVER = "never"  # no update has succeeded yet


class SourceStatus(Wire):
    name: Source
    enabled: bool
    last_attempt_at: Instant | None = None
    last_success_at: Instant | None = None
    watermark: Instant | None = None
    """All changes up to this moment, by the source's own clock, are in the database."""
    model: str = ""
    """Version of the model that computed all scores of the source (EPSS), and since when by the source's own clock."""
    model_since: Instant | None = None
    records: int  # vulnerabilities for which the source has a record
    state: SourceState
    failures: int = 0  # in a row
    last_error: ErrorFields | None = None


class KeyOffered(Body):
    """A key for NVD's API to check. It is neither stored nor logged."""

    key: SecretStr = Field(min_length=1, max_length=200)


class KeyVerdict(Wire):
    """Result of the check of a key."""

    accepted: bool | None  # null: NVD could not be reached
    message: str


class SourceList(Wire):
    sources: tuple[SourceStatus, ...]
