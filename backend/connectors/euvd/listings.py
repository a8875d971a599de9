"""EUVD's complete listings. Entries no longer in them are withdrawn, so an empty one is a failure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime, time
from functools import partial
from pathlib import Path

import msgspec

from backend.connectors.connector import RawRecord, RecordPage, RecordProblem
from backend.connectors.decoding import as_utf8
from backend.connectors.euvd.api import EuvdApi
from backend.connectors.euvd.cursor import EuvdCursor, TakenListing
from backend.connectors.euvd.parse import EU_LISTS
from backend.connectors.id_index import IdIndex, euvd_id_of, number_of
from backend.domain.canonical import is_cve_id, is_euvd_id
from backend.domain.claims import Feed

ENTRIES = 2000  # per page
LONGEST_LINE = 2**16  # bytes; a longer line counts as several invalid ones
REBUILT_AT = time(7, 30)  # UTC; documented as 7:00

_NAMES = ("euvd_id", "cve_id")
_KEV_CVE = re.compile(rb'"cveId"\s*:\s*"(CVE-\d{4}-\d{4,19})"')
_KEV_EUVD = re.compile(rb'"euvdId"\s*:\s*"(EUVD-\d{4}-\d{1,19})"')
_OF_THE_EU = re.compile(rb'"(?:%s)"' % b"|".join(sorted(name.encode() for name in EU_LISTS)))


def edition_of(recent: Sequence[datetime]) -> str:
    """Identify the current mapping by the half days (before and after its rebuild) of the latest updates.

    So it is downloaded twice a day, and whenever the service has records of a new day, without using any clock.
    """
    return ",".join(sorted({f"{moment:%Y-%m-%d}{'a' if moment.time() < REBUILT_AT else 'b'}" for moment in recent}))


def read_mapping(service: EuvdApi, state: EuvdCursor, recent: Sequence[datetime]) -> Iterator[RecordPage]:
    """Read the mapping of EUVD ids to CVE ids, if it is a new one."""
    edition = edition_of(recent)
    if state.mapping and state.mapping.edition == edition:
        return
    path = service.mapping()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    entries = sum(1 for _ in _rows(service, path))
    if not entries:
        raise service.http.unusable("Its list of ids has no entries.")
    listing = TakenListing(edition, sha256, entries)
    if state.mapping and state.mapping.sha256 == sha256:
        state.mapping = listing
        return

    after = msgspec.structs.replace(state, mapping=listing)
    records = _mapping_records(service, path)
    if (yield from _sweep(Feed.EUVD_MAPPING, "EUVD ids", records, entries, state, after)):
        state.mapping = listing
    path.unlink(missing_ok=True)


class MappingLookup:
    """The mapping's entries by CVE id. One whose ids are not in the usual form is left to the listing."""

    feed = Feed.EUVD_MAPPING

    def __init__(self, service: EuvdApi, path: Path) -> None:
        self._index = IdIndex(
            (record.vulnerability_id, number)
            for record in _mapping_records(service, path)
            if isinstance(record, RawRecord)
            and record.vulnerability_id is not None
            and (number := number_of(record.key)) is not None
            and euvd_id_of(number) == record.key
        )

    def records(self, ids: Sequence[str]) -> list[RawRecord]:
        return [
            _mapping_record(euvd_id_of(self._index.values[place]), cve_id)
            for cve_id in ids
            for place in self._index.places(cve_id)
        ]

    def close(self) -> None:
        """The file is not open."""


def read_kev(service: EuvdApi, state: EuvdCursor) -> Iterator[RecordPage]:
    """Read the EU's own list of exploited vulnerabilities. CISA's entries in the dump are left to the CISA source."""
    dump = service.kev_dump()
    listing = TakenListing("", hashlib.sha256(b"\n".join(dump)).hexdigest(), len(dump))
    if state.kev and state.kev.sha256 == listing.sha256:
        return
    european = [raw for raw in dump if _OF_THE_EU.search(raw)]
    after = msgspec.structs.replace(state, kev=listing)
    if (yield from _sweep(Feed.EUVD_KEV, "EU KEV", map(_kev_record, european), len(european), state, after)):
        state.kev = listing


def _sweep(
    feed: Feed,
    part: str,
    entries: Iterable[RawRecord | RecordProblem],
    total: int,
    before: EuvdCursor,
    after: EuvdCursor,
) -> Generator[RecordPage, None, bool]:
    """Pages of a listing with `total` entries. The cursor changes with the last page only.

    Returns:
        Whether the listing counts as read.
    """
    records: dict[tuple[str, str | None], RawRecord] = {}
    problems: list[RecordProblem] = []
    for done, entry in enumerate(entries, 1):
        if isinstance(entry, RecordProblem):
            problems.append(entry)
        else:
            records[entry.key, entry.vulnerability_id] = entry
        if done % ENTRIES == 0 and done < total:
            yield RecordPage(feed, list(records.values()), before.written(), problems, done, total, part, sweep="part")
            records, problems = {}, []
    last = RecordPage(feed, list(records.values()), after.written(), problems, total, total, part, sweep="last")
    yield last
    return not last.kept_back


def _rows(service: EuvdApi, path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, EUVD id and CVE id of each row, unchecked.

    Not read by the csv module: ids need no quotes, and an unclosed quote must affect only its own line.

    Raises:
        SourceError: the file does not have these columns.
    """
    with path.open("rb") as file:
        head = [name.lower() for name in _fields(as_utf8(file.readline(LONGEST_LINE)))]
        if not set(_NAMES) <= set(head):
            file.seek(0)
            raise service.http.unusable("Its list of ids has no header.", file.read(4096))
        euvd, cve = (head.index(name) for name in _NAMES)
        for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), start=2):
            if line.strip():
                fields = [*_fields(line), *[""] * len(head)]
                yield number, fields[euvd], fields[cve]


def _fields(line: bytes) -> list[str]:
    return [field.strip().strip('"') for field in line.decode("utf-8", "replace").split(",")]


def _mapping_records(service: EuvdApi, path: Path) -> Iterator[RawRecord | RecordProblem]:
    for line, euvd, cve in _rows(service, path):
        if is_euvd_id(euvd) and is_cve_id(cve):
            yield _mapping_record(euvd, cve)
        else:
            yield RecordProblem(f"EUVD ids, line {line}", "it is not one EUVD id and one CVE id")


def _mapping_record(euvd_id: str, cve_id: str) -> RawRecord:
    return RawRecord(euvd_id, f"{euvd_id},{cve_id}".encode(), cve_id)


def _kev_record(raw: bytes) -> RawRecord | RecordProblem:
    found = _KEV_CVE.search(raw) or _KEV_EUVD.search(raw)
    if not found:
        return RecordProblem("EU KEV", "an entry has no id")
    name = found[1].decode()
    return RawRecord(name, raw, name)
