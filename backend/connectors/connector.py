"""What a connector is: it fetches pages of raw records and parses one raw record. It knows nothing of the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from backend.contract.names import Source
from backend.domain.claims import Claim, Feed


class RawRecord(msgspec.Struct, frozen=True):
    """One record as the service sent it. `key` is the source's own id of it (CVE id; EUVD id for EUVD's records).

    `vulnerability_id` is set where it is known without parsing; EUVD's records tell it only inside (their aliases).
    """

    key: str
    raw: bytes
    vulnerability_id: str | None


class RecordProblem(msgspec.Struct, frozen=True):
    """One record that could not be taken in, or only in part. `record` is its id, or its place where it has none."""

    record: str
    reason: str


class RecordPage(msgspec.Struct):
    """What one transaction takes in: records of one feed, and the cursor that is true once they are written."""

    feed: Feed
    records: Sequence[RawRecord]
    cursor: bytes  # JSON; opaque to everyone but the connector that wrote it
    problems: Sequence[RecordProblem] = ()
    done: int = 0  # records (or bytes) so far in this phase, for the progress bar
    total: int | None = None
    phase: str = ""  # in words: "NVD 2024"
    sweep: str = ""
    """Empty for increments. In a complete listing of the feed (every record it has) "part" on each page and "last" on
    the last one: then records of the feed that were not in the listing are withdrawn. A listing is never resumed in
    its middle: until its last page the cursor stays what it was before the listing."""


class Parsed(msgspec.Struct, frozen=True):
    """What one raw record says: one claim per vulnerability it speaks of (an EUVD record may name several)."""

    claims: Sequence[tuple[str, Claim]]  # vulnerability id, claim
    mended: Sequence[str] = ()  # what was repaired or left out ("published: not a date"), for the report


class KnownVersions(Protocol):
    """Asks the store which version of a record it holds, so that deltas need not fetch what is there already."""

    def __call__(self, feed: Feed, ids: Sequence[str]) -> dict[str, str]:
        """ids -> `modified_at` of the stored claim as ISO text (UTC); ids not stored are absent."""


class Watch(Protocol):
    """How a connector tells how far it is and learns that it should stop. Every wait goes through `sleep`."""

    def checkpoint(self) -> None:
        """Raises RunCancelled, RunInterrupted or TimeLimitExceeded when the run must end."""

    def sleep(self, seconds: float) -> None:
        """Waits, with checkpoints; raises as `checkpoint` does."""

    def progress(self, phase: str, done: int, total: int | None, message: str = "") -> None:
        """Says where the run stands; units are the connector's (bytes while downloading, records while reading)."""


class Connector(Protocol):
    source: Source

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
        """All that is new since `cursor` (None: everything). Raises SourceError when the source cannot be read;
        pages yielded before that are good and stay."""

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:
        """Pure. Raises ParseError when the record cannot be used at all."""


class ParseError(ValueError):
    """One record is not what the format says. The others are not its hostages."""
