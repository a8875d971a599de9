"""The change log of the list, deltaLog.json: about 30 days of commits, newest first.

It sometimes omits changes (cvelistV5 issues 20, 40 and 129), so it is used only between two baselines.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter

import msgspec

from backend.connectors.connector import KnownVersions
from backend.connectors.decoding import decode_or_mend, instant_or_none, parse_instant, values_of
from backend.connectors.http import Http, SourceTooLarge
from backend.connectors.mitre.cursor import MitreCursor
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

log = logging.getLogger(__name__)

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
    """A change log. If it is empty or unreadable, `newest` is None and it covers no time."""

    def __init__(self, commits: Sequence[tuple[datetime, ChangeBatch]], etag: str, *, unreadable: bool = False) -> None:
        self._commits = commits
        times = [moment for moment, _ in self._commits]
        self.newest, self.oldest = max(times, default=None), min(times, default=None)
        self.empty = not commits and not unreadable
        self.etag = etag if commits else ""  # an empty log may stay unchanged for months: it is read again each time

    def covers(self, moment: datetime | None) -> bool:
        """Whether the log has all changes since the moment."""
        return moment is not None and self.oldest is not None and self.oldest <= moment

    def wanted(self, at: MitreCursor, known: KnownVersions) -> list[str]:
        """The ids of the records to fetch.

        All that changed after the watermark and since they were fetched, and of those changed within OVERLAP before it
        the ones not stored in that version. The dates of entries serve only for the latter, since they are not always
        the dates of the records.
        """
        since, fresh = at.watermark, dict[str, datetime]()
        recent: dict[str, datetime | None] = {}
        for moment, commit in sorted(self._commits, key=itemgetter(0)):
            changes = [change for change in chain(commit.new, commit.updated) if is_cve_id(change.cve_id)]
            if since is None or moment > since:
                fresh |= {change.cve_id: moment for change in changes}
            elif moment > since - OVERLAP:
                recent |= {change.cve_id: instant_or_none(change.updated) for change in changes}
        unfetched = {name for name, moment in fresh.items() if name not in at.fetched or moment > at.fetched[name]}
        return sorted(unfetched | _unknown(recent, known))


def read_log(http: Http, address: str, cursor: MitreCursor) -> ChangeLog | None:
    """Fetch the change log.

    Returns:
        None if it has not changed since it was read last.

    Raises:
        SourceUnusable: the log is not valid.
        SourceError: it cannot be fetched.
    """
    headers = {"If-None-Match": cursor.log_etag} if cursor.log_etag else {}
    try:
        answer = http.get(address, headers=headers, max_bytes=MAX_LOG, allow={304})
    except SourceTooLarge:
        return ChangeLog([], "", unreadable=True)  # too many changes to fetch them one by one
    if answer.status == 304:
        return None
    entries = [answer.body[start:end] for start, end in values_of(answer.body)]
    commits = [commit for commit in map(_commit, entries) if commit]
    if entries and not commits:
        raise http.unusable("The log of changes has no valid dates.")
    if not entries and answer.body.strip() != b"[]":
        raise http.unusable("The log of changes is not a list.", answer.body)
    return ChangeLog(commits, answer.headers.get("ETag", ""))


def _commit(raw: bytes) -> tuple[datetime, ChangeBatch] | None:
    """An entry with its time; None if it has none, since its place in time is then unknown."""
    try:
        commit, _ = decode_or_mend(raw, ChangeBatch)
        return parse_instant(commit.fetched), commit
    except ValueError:  # ParseError too; the next baseline has what such an entry tells
        log.warning("an entry of the CVE list's log of changes cannot be read: %r", raw[:200])
        return None


def _unknown(versions: dict[str, datetime | None], known: KnownVersions) -> set[str]:
    """The ids of which neither this version nor a newer one is stored."""
    ids, stored = sorted(versions), dict[str, str]()
    for start in range(0, len(ids), KNOWN_AT_ONCE):
        stored |= known(Feed.MITRE, ids[start : start + KNOWN_AT_ONCE])

    def is_stored(cve_id: str) -> bool:
        published, version = versions[cve_id], instant_or_none(stored.get(cve_id, ""))
        return published is not None and version is not None and version >= published

    return {cve_id for cve_id in ids if not is_stored(cve_id)}
