"""Reading of the CVE list: first a baseline, then the changes in the change log, and a new baseline every week."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta
from functools import partial

import msgspec

from backend.config import Settings
from backend.connectors.addresses import MITRE_CHANGES, base_address
from backend.connectors.connector import (
    KnownVersions,
    Parsed,
    RawRecord,
    RecordLookup,
    RecordPage,
    RecordProblem,
    Watch,
)
from backend.connectors.http import Http, SourceTooLarge
from backend.connectors.mitre.baseline import MAX_RECORD, Baselines, finished
from backend.connectors.mitre.change_log import REACH, ChangeLog, read_log
from backend.connectors.mitre.cursor import MitreCursor, fresh, latest_of, read_cursor
from backend.connectors.mitre.parse import parse
from backend.contract.errors import SourceError, SourceUnusable
from backend.contract.names import Source
from backend.domain.claims import Feed

LATEST_RELEASE = "https://api.github.com/repos/CVEProject/cvelistV5/releases/latest"
RECORD = "https://raw.githubusercontent.com/CVEProject/cvelistV5/main/cves/{year}/{thousands}xxx/{cve_id}.json"

Reading = Generator[RecordPage, None, MitreCursor]
"""Yields pages and returns the cursor that is valid once all are written."""

MOST_SINGLE = 1000  # records; more are read from a baseline, to spare the service
MANY_LEFT = 100
"""Changes that could not be fetched one by one, above which the newest baseline is read (0.5 GB)."""
SINGLE_PAGE = 200
BASELINE_EVERY = timedelta(days=7)


class MitreConnector:
    source = Source.MITRE

    def __init__(self, settings: Settings, watch: Watch, http: Http | None = None) -> None:
        self._addressed = partial(base_address, settings.mitre_url)
        self._http = http or Http(watch, settings.cache_folder, source="The CVE list", network=settings.network)
        self._baselines = Baselines(self._http, watch, self._addressed(LATEST_RELEASE), self._addressed)

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:
        at = read_cursor(cursor)
        if self._baselines.can_resume(at):
            at = yield from self._baseline(at, known)
        elif at.position is not None or not at.baseline:
            at = yield from self._newer_baseline(fresh(at), known)
        failure: SourceError | None = None
        try:
            log = read_log(self._http, self._addressed(MITRE_CHANGES), at)
            if log is None:
                return
            self._check_empty(log, at)
        except SourceUnusable as error:
            log, failure = ChangeLog([], "", unreadable=True), error
        wanted = log.wanted(at, known)
        if not log.covers(at.watermark) or len(wanted) > MOST_SINGLE:
            at = yield from self._newer_baseline(at, known)
            wanted = log.wanted(at, known)
        try:
            at = yield from self._singly(wanted, at, log)
        except _RecordsRefused as error:
            if error.left > MANY_LEFT:
                yield from self._newer_baseline(error.at, known)
            raise error.reason from error
        if failure:
            raise failure
        if at.baseline_at and at.log_at and at.log_at - at.baseline_at > BASELINE_EVERY:
            yield from self._newer_baseline(at, known)

    def open_lookup(self) -> RecordLookup:
        """Open the newest baseline for reading by id. It stays in the cache, where `pages` finds it.

        Raises:
            SourceError: there is none to be had.
        """
        return self._baselines.lookup(self._baselines.begin(self._baselines.latest(), fresh(MitreCursor())))

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002 - only one feed
        return parse(record)

    def _check_empty(self, log: ChangeLog, at: MitreCursor) -> None:
        """Reject an empty log unless its last entry is older than its reach, by the service's own clock."""
        if log.empty and at.log_at is not None and self._baselines.latest().published - at.log_at < REACH:
            raise self._http.unusable("The log of changes is empty, although its last changes are recent.")

    def _newer_baseline(self, at: MitreCursor, known: KnownVersions) -> Reading:
        latest = self._baselines.latest()
        if at.baseline_at is not None and latest.at <= at.baseline_at:
            return at
        return (yield from self._baseline(self._baselines.begin(latest, at), known if at.baseline else None))

    def _baseline(self, started: MitreCursor, known: KnownVersions | None) -> Reading:
        yield from self._baselines.pages(started, known)
        return finished(started)

    def _singly(self, wanted: Sequence[str], at: MitreCursor, log: ChangeLog) -> Reading:
        """Fetch records one by one. The watermark advances with the last page, the list of those fetched with each.

        Raises:
            _RecordsRefused: no more can be had in this run; those fetched before are on a page.
        """
        for start in range(0, len(wanted), SINGLE_PAGE) or (0,):
            ids = wanted[start : start + SINGLE_PAGE]
            fetched, failure = self._fetch(ids)
            done = start + len(fetched)
            at = (
                _read_up_to(at, log)
                if done == len(wanted)
                else msgspec.structs.replace(at, fetched=at.fetched | dict.fromkeys(fetched, log.newest))
            )
            if fetched or not wanted:
                yield _page(list(fetched.values()), at, done, len(wanted))
            if failure:
                raise _RecordsRefused(failure, at, len(wanted) - done) from failure
        return at

    def _fetch(self, ids: Sequence[str]) -> tuple[dict[str, RawRecord | RecordProblem], SourceError | None]:
        """Fetch records up to the first that cannot be had, and say why it cannot."""
        fetched: dict[str, RawRecord | RecordProblem] = {}
        for cve_id in ids:
            try:
                fetched[cve_id] = self._record(cve_id)
            except SourceError as error:
                return fetched, error
        return fetched, None

    def _record(self, cve_id: str) -> RawRecord | RecordProblem:
        _, year, number = cve_id.split("-")
        address = self._addressed(RECORD.format(year=year, thousands=number[:-3], cve_id=cve_id))
        try:
            answer = self._http.get(address, max_bytes=MAX_RECORD, allow={404})
        except SourceTooLarge as error:
            return RecordProblem(cve_id, error.message)
        if answer.status == 404:
            return RecordProblem(cve_id, "listed in the log of changes, but there is no such record")
        return RawRecord(cve_id, answer.body, cve_id)


class _RecordsRefused(Exception):  # noqa: N818 - names the finding
    """The service sends no more single records in this run. left: how many were not fetched."""

    def __init__(self, reason: SourceError, at: MitreCursor, left: int) -> None:
        super().__init__(reason)
        self.reason, self.at, self.left = reason, at, left


def _read_up_to(at: MitreCursor, log: ChangeLog) -> MitreCursor:
    """The cursor after all changes in the log were stored."""
    return msgspec.structs.replace(
        at, watermark=latest_of(at.watermark, log.newest), log_etag=log.etag, log_at=log.newest or at.log_at, fetched={}
    )


def _page(fetched: Sequence[RawRecord | RecordProblem], cursor: MitreCursor, done: int, total: int) -> RecordPage:
    return RecordPage(
        Feed.MITRE,
        [record for record in fetched if isinstance(record, RawRecord)],
        msgspec.json.encode(cursor),
        [problem for problem in fetched if isinstance(problem, RecordProblem)],
        done=done,
        total=total,
        part="CVE list: changes",
    )
