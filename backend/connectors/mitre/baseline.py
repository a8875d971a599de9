"""The baseline: a daily archive of all records, made at midnight UTC and attached to the hourly releases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

import msgspec

from backend.connectors.archive import Archive, Member, MemberUnusable
from backend.connectors.connector import KnownVersions, RawRecord, RecordPage, RecordProblem, Watch
from backend.connectors.decoding import parse_instant
from backend.connectors.files import PartialFile
from backend.connectors.http import Http
from backend.connectors.id_index import IdIndex
from backend.connectors.mitre.cursor import MitreCursor, latest_of
from backend.connectors.mitre.parse import updated_at
from backend.contract.errors import SourceError
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

PAGE, PAGE_BYTES = 1000, 8 * 2**20
MAX_RECORD = 8 * 2**20
MAX_ARCHIVE, MAX_UNPACKED = 2 * 2**30, 16 * 2**30  # 0.5 GB and 2 GB in 2026
SLACK = timedelta(days=1)  # between the date of a record and its appearance in the archive

_ASSET = re.compile(r"(\d{4}-\d\d-\d\d)_all_CVEs_at_midnight\.zip(?:\.zip)?")
_PREFIX = "mitre-"  # of the files in the cache


class Asset(msgspec.Struct):
    name: str
    url: str = msgspec.field(name="browser_download_url")


class GitHubRelease(msgspec.Struct):
    assets: list[Asset]
    published_at: str


@dataclass(frozen=True)
class Baseline:
    """An archive. at: the midnight it was made; published: the time of its release, taken as the service's clock."""

    name: str
    url: str
    at: datetime
    published: datetime


@dataclass
class _Batch:
    """The records of one page."""

    records: list[RawRecord] = field(default_factory=list)
    problems: list[RecordProblem] = field(default_factory=list)
    size: int = 0  # bytes

    @property
    def full(self) -> bool:
        return len(self.records) + len(self.problems) >= PAGE or self.size >= PAGE_BYTES

    def add(self, cve_id: str, archive: Archive, member: Member) -> bool:
        """Add a record, or what is wrong with it. Returns whether it can be used."""
        try:
            raw = archive.read(member, MAX_RECORD)
        except MemberUnusable as error:
            self.problems.append(RecordProblem(cve_id, str(error)))
            return False
        self.records.append(RawRecord(cve_id, raw, cve_id))
        self.size += len(raw)
        return True


class ArchiveLookup:
    """The records of an archive by CVE id. It knows which it has given, so that the archive is not unpacked twice.

    Raises:
        SourceError: the archive is damaged.
    """

    feed = Feed.MITRE

    def __init__(self, archive: Archive) -> None:
        self._archive, self._index = archive, IdIndex(_positions(archive))
        self._given = bytearray(len(self._index.values))

    def records(self, ids: Sequence[str]) -> list[RawRecord]:
        batch = _Batch()
        for cve_id in ids:
            for place in self._index.places(cve_id):
                member = next(self._archive.members(self._index.values[place]))
                self._given[place] = batch.add(cve_id, self._archive, member)
        return batch.records

    def has_given(self, cve_id: str) -> bool:
        return any(self._given[place] for place in self._index.places(cve_id))

    def close(self) -> None:
        self._archive.close()


def _positions(archive: Archive) -> Iterator[tuple[str, int]]:
    """The places of all records in the directory, by CVE id."""
    position = 0
    for member in archive.members():
        path = PurePosixPath(member.name)
        if path.suffix == ".json" and is_cve_id(path.stem):
            yield path.stem, position
        position = member.following


class Baselines:
    """Finds, downloads and reads baselines. addressed: maps an address of the real service to the configured one."""

    def __init__(self, http: Http, watch: Watch, latest: str, addressed: Callable[[str], str]) -> None:
        self._http, self._watch, self._latest, self._addressed = http, watch, latest, addressed
        self._lookup: ArchiveLookup | None = None

    def latest(self) -> Baseline:
        """Find the newest baseline.

        Raises:
            SourceError: the newest release has none.
        """
        release = self._http.decoded(self._http.get(self._latest).body, GitHubRelease)
        for asset in release.assets:
            found = _ASSET.fullmatch(asset.name)
            if found:
                try:
                    made, published = parse_instant(found[1]), parse_instant(release.published_at)
                except ValueError as error:
                    raise self._http.unusable(f"The newest release has no valid date: {error}.") from error
                return Baseline(f"{_PREFIX}{found[1]}.zip", self._addressed(asset.url), made, published)
        raise self._http.unusable("The newest release has no archive of all records.")

    def can_resume(self, cursor: MitreCursor) -> bool:
        """Whether the cursor has a position in an archive that is still in the cache."""
        return cursor.position is not None and self._path(cursor).exists()

    def begin(self, baseline: Baseline, cursor: MitreCursor) -> MitreCursor:
        """Download the archive unless it is in the cache, and set the cursor to its first record."""
        started = msgspec.structs.replace(cursor, baseline=baseline.name, baseline_at=baseline.at, position=0, done=0)
        path = self._path(started)
        self._clear(keep=baseline.name)
        if not path.exists():
            packed = self._http.download(baseline.url, f"{baseline.name}.zip", max_bytes=MAX_ARCHIVE).path
            try:
                self._unpack(packed, path)
            finally:
                packed.unlink(missing_ok=True)
        return started

    def pages(self, cursor: MitreCursor, known: KnownVersions | None) -> Iterator[RecordPage]:
        """Read the records from the cursor's position on, without those that a look-up of the same archive has given.
        The cursor of the last page marks the baseline as read.

        Args:
            known: given if the store may have newer versions of records than the archive; these are skipped.

        Raises:
            SourceError: the archive is damaged. It is deleted, so that the next run downloads it again.
        """
        path, kept_back = self._path(cursor), False
        try:
            with Archive(path) as archive:
                for page in self._read(archive, cursor, known):
                    yield page
                    kept_back = page.kept_back
        except SourceError:
            path.unlink(missing_ok=True)
            raise
        if not kept_back:  # otherwise the next run reads it again
            path.unlink(missing_ok=True)

    def lookup(self, started: MitreCursor) -> ArchiveLookup:
        """Open the archive of a cursor for reading by id.

        Raises:
            SourceError: the archive is damaged. It is deleted, so that it is downloaded again.
        """
        path = self._path(started)
        archive = None
        try:
            archive = Archive(path)
            self._lookup = ArchiveLookup(archive)
        except SourceError:
            if archive is not None:
                archive.close()  # Windows cannot delete an open file
            path.unlink(missing_ok=True)
            raise
        return self._lookup

    def _read(self, archive: Archive, cursor: MitreCursor, known: KnownVersions | None) -> Iterator[RecordPage]:
        batch, done, position, unpacked = _Batch(), cursor.done, cursor.position or 0, 0

        def page(after: MitreCursor) -> RecordPage:
            records = _without_older(batch.records, cursor, known) if known else batch.records
            return RecordPage(
                Feed.MITRE,
                records,
                msgspec.json.encode(after),
                batch.problems,
                done=done,
                total=archive.count,
                part="CVE list",
            )

        for member in archive.members(position):
            cve_id = PurePosixPath(member.name).stem
            if not (member.name.endswith(".json") and is_cve_id(cve_id)):
                continue  # the archive also contains logs
            if batch.full:
                yield page(msgspec.structs.replace(cursor, position=position, done=done))
                unpacked += batch.size
                batch = _Batch()
            if self._lookup is None or not self._lookup.has_given(cve_id):
                batch.add(cve_id, archive, member)
            if unpacked + batch.size > MAX_UNPACKED:
                raise self._http.unusable(f"The archive unpacks to more than {MAX_UNPACKED // 2**30} GiB.")
            done, position = done + 1, member.following
        if not done:
            raise self._http.unusable("The archive of all records is empty.")
        yield page(finished(cursor))

    def _unpack(self, packed: Path, path: Path) -> None:
        """Extract the inner archive with the records, which, unlike the outer one, can be read from any member."""
        with Archive(packed) as outer:
            inner = next((member for member in outer.members() if member.name.endswith(".zip")), None)
            if inner:
                self._extract(outer, inner, PartialFile(path))
        if inner is None:  # a proxy has unpacked the outer archive on the way
            packed.replace(path)

    def _extract(self, outer: Archive, inner: Member, part: PartialFile) -> None:
        try:
            with part.open(0, "") as file:
                for chunk in outer.chunks(inner, MAX_ARCHIVE):
                    self._watch.checkpoint()
                    file.write(chunk)
        except MemberUnusable as error:
            raise self._http.unusable(f"The archive of all records cannot be unpacked: {error}.") from error
        part.finish()

    def _clear(self, keep: str) -> None:
        """Delete unfinished archives of other days."""
        for path in self._http.cache.glob(f"{_PREFIX}*"):
            if not path.name.startswith(keep):
                path.unlink(missing_ok=True)

    def _path(self, cursor: MitreCursor) -> Path:
        return self._http.cache / cursor.baseline


def finished(cursor: MitreCursor) -> MitreCursor:
    """The cursor after its baseline was read to the end."""
    watermark = latest_of(cursor.watermark, cursor.baseline_at)
    return msgspec.structs.replace(cursor, watermark=watermark, position=None, done=0)


def _without_older(records: Sequence[RawRecord], cursor: MitreCursor, known: KnownVersions) -> list[RawRecord]:
    """Skip records of which a newer version was fetched after the archive was made."""
    stored = known(Feed.MITRE, [record.key for record in records])
    made = cursor.baseline_at

    def is_outdated(record: RawRecord) -> bool:
        version = stored.get(record.key)
        if not version or made is None:
            return False
        moment, archived = parse_instant(version), updated_at(record.raw)
        return moment > made - SLACK and (archived is None or archived < moment)

    return [record for record in records if not is_outdated(record)]
