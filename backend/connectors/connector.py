"""The interface of connectors: they fetch pages of raw records and parse single records, without using the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from backend.contract.names import Source
from backend.contract.tasks import ProgressUnit, RunPhase
from backend.domain.claims import Claim, Feed


class RawRecord(msgspec.Struct, frozen=True):
    """One record as the service sent it.

    key: the source's own id (CVE id; EUVD id for EUVD's records); vulnerability_id: None if it is known only after
    parsing, as for EUVD's records, which list CVE ids among their aliases.
    """

    key: str
    raw: bytes
    vulnerability_id: str | None


class RecordProblem(msgspec.Struct, frozen=True):
    """A record that could not be used, or only in part. record: its id, or its place in the document without one."""

    record: str
    reason: str


class RecordPage(msgspec.Struct):
    """The records of one transaction, all of one feed, and the cursor that is valid once they are written.

    kept_back: set by the ingest if it did not take over the cursor, because too much of the feed could not be read or a
    listing is far too short. A connector whose cursor has several parts leaves this part out of its later cursors.
    """

    feed: Feed
    records: Sequence[RawRecord]
    cursor: bytes  # JSON; opaque to all but the connector that wrote it
    problems: Sequence[RecordProblem] = ()
    done: int = 0  # records of this part so far, for progress
    total: int | None = None
    part: str = ""  # by its own name, for display: "NVD 2024"
    sweep: str = ""
    """Empty for increments. In a complete listing of the feed "part", and "last" on its last page: then records of the
    feed that were not in the listing are withdrawn. A listing is never resumed in the middle: until the last page, its
    pages keep the cursor from before the listing."""
    kept_back: bool = False
    share: float | None = None  # of all that is read in this run, 0-1; None: `done` of `total`


class Parsed(msgspec.Struct, frozen=True):
    """The claims of one raw record, one for each vulnerability (an EUVD record may name several)."""

    claims: Sequence[tuple[str, Claim]]  # vulnerability id, claim
    mended: Sequence[str] = ()  # fields repaired or left out ("published: not a date"), for the report


class KnownVersions(Protocol):
    """Looks up which versions of records are stored, so that deltas fetch only others."""

    def __call__(self, feed: Feed, ids: Sequence[str]) -> dict[str, str]:
        """The `modified_at` of the stored claims by id, as ISO text (UTC); ids that are not stored are absent."""


class Interruptible(Protocol):
    """Work that is stopped on request: at its checkpoints, and in every wait, which goes through `sleep`."""

    def checkpoint(self) -> None:
        """Return at once, or end the run.

        Raises:
            RunCancelled, RunInterrupted, TimeLimitExceeded
        """

    def sleep(self, seconds: float) -> None:
        """Wait with checkpoints; raises as `checkpoint` does."""


class Watch(Interruptible, Protocol):
    """Reports a connector's progress and stops it on request."""

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
        share: float | None = None,
    ) -> None:
        """Report progress.

        Args:
            done: Units of this phase and message that are done.
            total: All units of this phase; None: unknown.
            message: What is worked on, by its own name ("NVD 2024").
            share: How much of all that the source reads in this run is read, 0-1; None: `done` of `total`.
        """

    def trouble(self, sentence: str) -> None:
        """Report at once why a request failed that is tried again; empty when one has succeeded."""


class Unwatched:
    """The watch of work that is short or only parses: it reports nothing and is never stopped."""

    def checkpoint(self) -> None:
        """Never stopped."""

    def sleep(self, seconds: float) -> None:
        """Nothing is waited for."""

    def progress(
        self,
        phase: RunPhase,
        done: int,
        total: int | None,
        message: str = "",
        unit: ProgressUnit = ProgressUnit.RECORDS,
        share: float | None = None,
    ) -> None:
        """Not reported."""

    def trouble(self, sentence: str) -> None:
        """Not reported."""


class Connector(Protocol):
    source: Source

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
        """Read everything that is new since `cursor` (None: everything).

        Raises:
            SourceError: the source cannot be read. Pages yielded before are valid.
        """

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:
        """Parse one record; pure.

        Raises:
            ParseError: the record cannot be used at all.
        """


class RecordLookup(Protocol):
    """Records of one feed by id, out of its own order: a first load merges them with those of another source."""

    feed: Feed

    def records(self, ids: Sequence[str]) -> list[RawRecord]:
        """The records of these vulnerabilities; those that cannot be read are absent.

        Raises:
            SourceError: nothing more can be read.
        """

    def close(self) -> None: ...


@runtime_checkable
class ReadById(Connector, Protocol):
    """A connector whose records can also be read by id."""

    def open_lookup(self) -> RecordLookup:
        """Open the records of one feed for reading by id. `pages` of this connector then leaves out those that the
        look-up has given, unless it lists all records that there are.

        Raises:
            SourceError: they cannot be had.
        """


class ParseError(ValueError):
    """One record does not have the expected format. It does not stop the page."""
