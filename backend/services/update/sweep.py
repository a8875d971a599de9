"""The complete listings of some sources: records that they no longer contain are withdrawn.

A listing that is suddenly much shorter is probably a failure of its source. Its records are read, but nothing is
withdrawn until the listing has stayed short for days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import Connection

from backend.connectors.connector import RecordPage
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.claims import Feed
from backend.store.engine import Database
from backend.store.repositories.merged_rows import IngestRepository
from backend.store.repositories.metadata import MetadataRepository
from backend.store.repositories.source_records import RecordId

LEAST_SHARE = 0.5
"""A complete listing with less than this share of the stored records is doubted."""
ACCEPTED_AFTER = timedelta(days=3)
"""A listing that is short for so long is what the source means."""
_SHORT_SINCE = "listing_short_since"
LISTED_FEEDS = (Feed.KEV, Feed.EUVD_MAPPING, Feed.EUVD_KEV)
"""The feeds that are complete listings of single records; EPSS's table is another (see `epss`)."""
_NAMES = {
    Feed.KEV: "The catalogue",
    Feed.EPSS: "The table of scores",
    Feed.EUVD_MAPPING: "The list of ids",
    Feed.EUVD_KEV: "The EU's list of exploited vulnerabilities",
}


@dataclass(frozen=True)
class Listing:
    """A complete listing compared with the store. unlisted: the stored records that it does not have."""

    feed: Feed
    listed: int
    stored: int
    unlisted: list[RecordId]

    @property
    def short(self) -> bool:
        return self.listed < LEAST_SHARE * self.stored


def doubt_until(connection: Connection, feed: Feed, now: datetime) -> datetime:
    """Note that a listing is short, and return when that is accepted."""
    facts, name = MetadataRepository(connection), f"{_SHORT_SINCE} {feed}"
    since = facts.get(name)
    if since is None:
        facts.set(name, now.isoformat())
    return (datetime.fromisoformat(since) if since else now) + ACCEPTED_AFTER


def end_doubt(connection: Connection, feed: Feed) -> None:
    MetadataRepository(connection).delete(f"{_SHORT_SINCE} {feed}")


def short_listing(source: Source, listing: Listing, until: datetime) -> SourceError:
    return SourceError(
        f"{source.upper()} sent far fewer records than before",
        f"{_NAMES[listing.feed]} has {listing.listed:,} entries instead of about {listing.stored:,}, which is "
        "probably a failure. No record was withdrawn; all else was read.",
        f"No action is needed: each update reads the list again. If it is still so short on {until:%Y-%m-%d}, it is "
        "accepted.",
    )


class SweepTracker:
    """Collects the listed records of one source in one run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listed: dict[Feed, set[int]] = {}

    def add(self, page: RecordPage) -> None:
        self.note(page.feed, ((record.vulnerability_id or "", record.key) for record in page.records))
        # A listed record that cannot be read keeps its stored claims.
        self.note(page.feed, ((problem.record, problem.record) for problem in page.problems))

    def note(self, feed: Feed, listed: Iterable[RecordId]) -> None:
        """Add listed records of a feed."""
        self._listed.setdefault(feed, set()).update(map(_fingerprint, listed))

    def finished(self, feed: Feed) -> Listing:
        """Compare the listing with the store, after its last page was written."""
        listed = self._listed.pop(feed, set())
        stored, unlisted = 0, []
        with self._database.reading() as connection:
            for keys in IngestRepository(connection).keys_of(feed):
                stored += len(keys)
                unlisted += [record_id for record_id in keys if _fingerprint(record_id) not in listed]
        return Listing(feed, len(listed), stored, unlisted)


def _fingerprint(record_id: RecordId) -> int:
    """A hash of eight bytes: a listing of 400,000 records takes 30 MB."""
    return int.from_bytes(blake2b("\0".join(record_id).encode(), digest_size=8).digest(), "big")
