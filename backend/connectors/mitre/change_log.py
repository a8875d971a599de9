"""The change log of the list, deltaLog.json: about 30 days of commits, newest first.

It sometimes omits changes (cvelistV5 issues 20, 40 and 129), so it is used only between two baselines.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter

import msgspec

from backend.connectors.connector import KnownVersions
from backend.connectors.decoding import instant_or_none, parse_instant
from backend.connectors.http import Http, SourceTooLarge
from backend.connectors.mitre.cursor import MitreCursor
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

REACH = timedelta(days=30)
OVERLAP = timedelta(days=2)  # entries may appear late, and CDN edges may serve old copies of changed files
KNOWN_AT_ONCE = 1000
MAX_LOG = 64 * 2**20  # bytes


class ChangedRecord(msgspec.Struct):
    cve_id: str = msgspec.field(name="cveId")
    updated: str = msgspec.field(name="dateUpdated", default="")


class ChangeBatch(msgspec.Struct):
    fetched: str = msgspec.field(name="fetchTime")
    new: list[ChangedRecord] = []
    updated: list[ChangedRecord] = []


class ChangeLog:
    """A change log. If it is empty or too long to read, `newest` is None and it covers no time."""

    def __init__(self, commits: Sequence[ChangeBatch], etag: str, *, too_long: bool = False) -> None:
        self._commits = [(parse_instant(commit.fetched), commit) for commit in commits]
        times = [moment for moment, _ in self._commits]
        self.newest, self.oldest = max(times, default=None), min(times, default=None)
        self.empty = not commits and not too_long
        self.etag = etag if commits else ""  # an empty log may stay unchanged for months: it is read again each time

    def covers(self, moment: datetime | None) -> bool:
        """Whether the log has all changes since the moment."""
        return moment is not None and self.oldest is not None and self.oldest <= moment

    def wanted(self, since: datetime | None, known: KnownVersions) -> list[str]:
        """The ids of the records to fetch.

        All that changed after `since`, and of those changed within OVERLAP before it the ones not stored in that
        version. The dates of entries serve only for the latter, since they are not always the dates of the records.
        """
        fresh: set[str] = set()
        recent: dict[str, datetime | None] = {}
        for moment, commit in sorted(self._commits, key=itemgetter(0)):
            changes = [change for change in chain(commit.new, commit.updated) if is_cve_id(change.cve_id)]
            if since is None or moment > since:
                fresh |= {change.cve_id for change in changes}
            elif moment > since - OVERLAP:
                recent |= {change.cve_id: instant_or_none(change.updated) for change in changes}
        return sorted(fresh | _unknown(recent, known))


def read_log(http: Http, address: str, cursor: MitreCursor) -> ChangeLog | None:
    """Fetch the change log.

    Returns:
        None if it has not changed since it was read last.

    Raises:
        SourceError: the log cannot be fetched, or is not valid.
    """
    headers = {"If-None-Match": cursor.log_etag} if cursor.log_etag else {}
    try:
        answer = http.get(address, headers=headers, max_bytes=MAX_LOG, allow={304})
    except SourceTooLarge:
        return ChangeLog([], "", too_long=True)  # too many changes to fetch them one by one
    if answer.status == 304:
        return None
    try:
        return ChangeLog(http.decoded(answer.body, list[ChangeBatch]), answer.headers.get("ETag", ""))
    except ValueError as error:
        raise http.unusable(f"The log of changes has no valid dates: {error}.") from error


def _unknown(versions: dict[str, datetime | None], known: KnownVersions) -> set[str]:
    """The ids of which neither this version nor a newer one is stored."""
    ids, stored = sorted(versions), dict[str, str]()
    for start in range(0, len(ids), KNOWN_AT_ONCE):
        stored |= known(Feed.MITRE, ids[start : start + KNOWN_AT_ONCE])

    def is_stored(cve_id: str) -> bool:
        published, version = versions[cve_id], instant_or_none(stored.get(cve_id, ""))
        return published is not None and version is not None and version >= published

    return {cve_id for cve_id in ids if not is_stored(cve_id)}
