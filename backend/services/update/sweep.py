"""The complete listings of some sources: records that they no longer contain are withdrawn."""

from __future__ import annotations

from hashlib import blake2b

from backend.connectors.connector import RecordPage
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.claims import Feed
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.source_records import RecordId

LEAST_SHARE = 0.5
"""A complete listing with less than this share of the stored records is treated as a failure of the source."""


class SweepTracker:
    """Collects the listed records of one source in one run."""

    def __init__(self, database: Database, source: Source) -> None:
        self._database, self._source = database, source
        self._listed: dict[Feed, set[int]] = {}

    def add(self, page: RecordPage) -> None:
        listed = self._listed.setdefault(page.feed, set())
        listed.update(_fingerprint((record.vulnerability_id or "", record.key)) for record in page.records)
        # A listed record that cannot be read keeps its stored claims.
        listed.update(_fingerprint((problem.record, problem.record)) for problem in page.problems)

    def unlisted(self, feed: Feed) -> list[RecordId]:
        """The stored records that were not listed.

        Raises:
            SourceError: the listing is far too short to be complete.
        """
        listed = self._listed[feed]
        stored, unlisted = 0, []
        with self._database.reading() as connection:
            for keys in IngestRepository(connection).keys_of(feed):
                stored += len(keys)
                unlisted += [record_id for record_id in keys if _fingerprint(record_id) not in listed]
        check_share(self._source, len(listed), stored)
        return unlisted


def check_share(source: Source, listed: int, stored: int) -> None:
    """Check that a complete listing is plausible.

    Raises:
        SourceError: it is far too short to be complete.
    """
    if listed < LEAST_SHARE * stored:
        raise SourceError(
            f"{source.upper()} sent far fewer records than before",
            f"{listed:,} instead of about {stored:,}, which is probably a failure. No record was withdrawn.",
            "No action is needed: the next update tries again.",
        )


def _fingerprint(record_id: RecordId) -> int:
    """A hash of eight bytes: a listing of 400,000 records takes 30 MB."""
    return int.from_bytes(blake2b("\0".join(record_id).encode(), digest_size=8).digest(), "big")
