"""The list's log of changes, deltaLog.json: some thirty days of commits, newest first.

It leaves changes out now and then (cvelistV5 issues 20, 40 and 129), so it serves between two baselines only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

import msgspec

from backend.connectors.connector import KnownVersions
from backend.connectors.decoding import parse_instant
from backend.connectors.http import Http, SourceTooLarge
from backend.connectors.mitre.cursor import MitreCursor
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

REACH = timedelta(days=30)
OVERLAP = timedelta(days=2)  # entries come late, and copies of changed files at the CDN's edges linger
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
    """What a log says. One that is empty or too long to read reaches back to nothing, and its `newest` is None."""

    def __init__(self, commits: Sequence[ChangeBatch], etag: str, *, too_long: bool = False) -> None:
        self._commits = [(parse_instant(commit.fetched), commit) for commit in commits]
        times = [moment for moment, _ in self._commits]
        self.newest, self.oldest = max(times, default=None), min(times, default=None)
        self.empty = not commits and not too_long
        self.etag = etag if commits else ""  # an empty log may stay the same for months: it is read again each time

    def reaches(self, moment: datetime | None) -> bool:
        """Whether it tells all changes since then."""
        return moment is not None and self.oldest is not None and self.oldest <= moment

    def wanted(self, since: datetime | None, known: KnownVersions) -> list[str]:
        """Ids of the records to fetch: all that changed since then, and of those that changed shortly before the ones
        that are not stored in that version. The dates of single records are good for no more than that: they are not
        always the records' own."""
        fresh: set[str] = set()
        recent: dict[str, datetime | None] = {}
        for moment, commit in sorted(self._commits, key=lambda one: one[0]):
            changes = [change for change in chain(commit.new, commit.updated) if is_cve_id(change.cve_id)]
            if since is None or moment > since:
                fresh |= {change.cve_id for change in changes}
            elif moment > since - OVERLAP:
                recent |= {change.cve_id: _instant(change.updated) for change in changes}
        return sorted(fresh | _unknown(recent, known))


def read_log(http: Http, address: str, cursor: MitreCursor) -> ChangeLog | None:
    """None: as it was when it was read last. Raises SourceError for a log that cannot be read or cannot be true."""
    headers = {"If-None-Match": cursor.log_etag} if cursor.log_etag else {}
    try:
        answer = http.get(address, headers=headers, max_bytes=MAX_LOG, allow={304})
    except SourceTooLarge:
        return ChangeLog([], "", too_long=True)  # so much has changed that nobody would fetch it one by one
    if answer.status == 304:
        return None
    try:
        return ChangeLog(http.decoded(answer.body, list[ChangeBatch]), answer.headers.get("ETag", ""))
    except ValueError as error:
        raise http.unusable(f"The log of changes tells no times: {error}.") from error


def _instant(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def _unknown(versions: dict[str, datetime | None], known: KnownVersions) -> set[str]:
    """Ids of which the store does not hold this version, or a newer one."""
    ids, stored = sorted(versions), dict[str, str]()
    for start in range(0, len(ids), KNOWN_AT_ONCE):
        stored |= known(Feed.MITRE, ids[start : start + KNOWN_AT_ONCE])

    def held(cve_id: str) -> bool:
        published, version = versions[cve_id], _instant(stored.get(cve_id, ""))
        return published is not None and version is not None and version >= published

    return {cve_id for cve_id in ids if not held(cve_id)}
