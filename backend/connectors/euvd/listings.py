"""EUVD's complete listings. What is no longer in them is withdrawn, so each is checked as a whole beforehand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time
from functools import partial
from pathlib import Path

from backend.connectors.connector import RawRecord, RecordPage, RecordProblem
from backend.connectors.euvd.api import EuvdApi
from backend.connectors.euvd.cursor import EuvdCursor, TakenListing
from backend.connectors.euvd.parse import CVE_ID, EU_LISTS, EUVD_ID
from backend.domain.claims import Feed

ENTRIES = 2000  # of a page
LONGEST_LINE = 2**16  # bytes; what is longer counts as several, all of them bad
REBUILT_AT = time(7, 30)  # UTC; the service says 7:00

_NAMES = ("euvd_id", "cve_id")
_KEV_CVE = re.compile(rb'"cveId"\s*:\s*"(CVE-\d{4}-\d{4,19})"')
_KEV_EUVD = re.compile(rb'"euvdId"\s*:\s*"(EUVD-\d{4}-\d{1,19})"')
_OF_THE_EU = re.compile(rb'"(?:%s)"' % b"|".join(sorted(name.encode() for name in EU_LISTS)))


def edition_of(recent: Sequence[datetime]) -> str:
    """Which mapping there must be, told from the latest updates: the half days they fall into, before and after it is
    rebuilt. So it is fetched twice a day, and whenever the service has moved on to another day, without any clock."""
    return ",".join(sorted({f"{moment:%Y-%m-%d}{'a' if moment.time() < REBUILT_AT else 'b'}" for moment in recent}))


def read_mapping(service: EuvdApi, state: EuvdCursor, recent: Sequence[datetime]) -> Iterator[RecordPage]:
    """Which EUVD id is which CVE id."""
    edition = edition_of(recent)
    if state.mapping and state.mapping.edition == edition:
        return
    path = service.mapping()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    entries = sum(1 for _ in _rows(service, path))
    listing = TakenListing(edition, sha256, entries)
    _check(service, "list of ids", state.mapping, listing)
    if state.mapping and state.mapping.sha256 == sha256:
        state.mapping = listing
        return

    def finish() -> None:
        state.mapping = listing

    yield from _sweep(Feed.EUVD_MAPPING, "EUVD ids", _mapping_records(service, path), entries, state, finish)
    path.unlink(missing_ok=True)


def read_kev(service: EuvdApi, state: EuvdCursor) -> Iterator[RecordPage]:
    """What the EU's own list of exploited vulnerabilities names. The dump also holds CISA's, which is left to CISA."""
    dump = service.kev_dump()
    listing = TakenListing("", hashlib.sha256(b"\n".join(dump)).hexdigest(), len(dump))
    _check(service, "list of exploited vulnerabilities", state.kev, listing)
    if state.kev and state.kev.sha256 == listing.sha256:
        return

    def finish() -> None:
        state.kev = listing

    european = [raw for raw in dump if _OF_THE_EU.search(raw)]
    yield from _sweep(Feed.EUVD_KEV, "EU KEV", map(_kev_record, european), len(european), state, finish)


def _check(service: EuvdApi, name: str, before: TakenListing | None, now: TakenListing) -> None:
    if now.entries == 0 or (before and now.entries < before.entries // 2):
        known = f" where there were {before.entries}" if before else ""
        raise service.http.unusable(f"Its {name} has {now.entries} entries{known}.")


def _sweep(
    feed: Feed,
    phase: str,
    entries: Iterable[RawRecord | RecordProblem],
    total: int,
    state: EuvdCursor,
    finish: Callable[[], None],
) -> Iterator[RecordPage]:
    """Pages of a listing with `total` entries. A listing that is not read to its end leaves the cursor where it was."""
    records: dict[tuple[str, str | None], RawRecord] = {}
    problems: list[RecordProblem] = []
    for done, entry in enumerate(entries, 1):
        if isinstance(entry, RecordProblem):
            problems.append(entry)
        else:
            records[entry.key, entry.vulnerability_id] = entry
        if done % ENTRIES == 0 and done < total:
            yield RecordPage(feed, list(records.values()), state.written(), problems, done, total, phase, sweep="part")
            records, problems = {}, []
    finish()
    yield RecordPage(feed, list(records.values()), state.written(), problems, total, total, phase, sweep="last")


def _rows(service: EuvdApi, path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, EUVD id and CVE id, unchecked. Raises SourceError for what is not that table.

    Ids need no quotes, so a line is a row whatever is in it: a quote that nobody closes must not swallow the others.
    """
    with path.open("rb") as file:
        head = [name.lower() for name in _fields(file.readline(LONGEST_LINE))]
        if not set(_NAMES) <= set(head):
            file.seek(0)
            raise service.http.unusable("Its list of ids has no heading.", file.read(4096))
        euvd, cve = (head.index(name) for name in _NAMES)
        for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), start=2):
            if line.strip():
                fields = [*_fields(line), *[""] * len(head)]
                yield number, fields[euvd], fields[cve]


def _fields(line: bytes) -> list[str]:
    return [field.strip().strip('"') for field in line.decode("utf-8", "replace").split(",")]


def _mapping_records(service: EuvdApi, path: Path) -> Iterator[RawRecord | RecordProblem]:
    for line, euvd, cve in _rows(service, path):
        if EUVD_ID.fullmatch(euvd) and CVE_ID.fullmatch(cve):
            yield RawRecord(euvd, f"{euvd},{cve}".encode(), cve)
        else:
            yield RecordProblem(f"EUVD ids, line {line}", "it does not name one EUVD id and one CVE id")


def _kev_record(raw: bytes) -> RawRecord | RecordProblem:
    found = _KEV_CVE.search(raw) or _KEV_EUVD.search(raw)
    if not found:
        return RecordProblem("EU KEV", "an entry names no id")
    name = found[1].decode()
    return RawRecord(name, raw, name)
