"""Reading of the catalogue: one file, always read completely, since entries change long after they were added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from backend.config import Settings
from backend.connectors.addresses import CISA_CATALOGUE, base_address
from backend.connectors.cisa.parse import PARSER_VERSION, parse
from backend.connectors.connector import KnownVersions, Parsed, ParseError, RawRecord, RecordPage, RecordProblem, Watch
from backend.connectors.decoding import clean, decode, instant_or_none, values_of
from backend.connectors.http import Http
from backend.contract.errors import SourceError, SourceUnusable
from backend.contract.names import Source
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

MIRROR = "https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json"
"""CISA's own copy, which may lag behind by hours; www.cisa.gov rejects requests from many data centres."""

MAX_BYTES = 64 * 2**20  # 1.6 MB in 2026

_ID = re.compile(rb'"cveID"\s*:\s*"\s*(CVE-\d{4}-\d{4,19})\s*"')


class CisaCursor(msgspec.Struct, omit_defaults=True):
    """watermark: dateReleased of the catalogue read last; etag: of that file at `address`."""

    watermark: datetime | None = None
    etag: str = ""
    address: str = ""
    parser: int = 0


class Catalogue(msgspec.Struct):
    """The catalogue's envelope; its entries are parsed one by one."""

    vulnerabilities: list[object] = []
    count: int | None = None
    released: str = msgspec.field(name="dateReleased", default="")


class _MiscountedCatalogue(SourceUnusable):
    """The catalogue has another number of entries than it announces. page: its entries, as a part of a listing."""

    def __init__(self, unusable: SourceUnusable, page: RecordPage) -> None:
        super().__init__(
            unusable.title,
            unusable.message,
            "Its entries were stored, and none was withdrawn; the next update tries again automatically.",
        )
        self.page = page


class _EntryId(msgspec.Struct):
    cve_id: str = msgspec.field(name="cveID")


class CisaConnector:
    source = Source.CISA

    def __init__(self, settings: Settings, watch: Watch, http: Http | None = None) -> None:
        self._addresses = [base_address(settings.cisa_url, address) for address in (CISA_CATALOGUE, MIRROR)]
        self._http = http or Http(watch, settings.cache_folder, source="CISA KEV", network=settings.network)

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002 - always a complete listing
        last = msgspec.json.decode(cursor, type=CisaCursor) if cursor else CisaCursor()
        if last.parser != PARSER_VERSION:
            last = CisaCursor(last.watermark)  # a new parser version reads unchanged files again
        try:
            page = self._page(last)
        except _MiscountedCatalogue as error:
            yield error.page
            raise
        if page is not None:
            yield page

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002 - only one feed
        return parse(record)

    def _page(self, last: CisaCursor) -> RecordPage | None:
        """The catalogue, from the mirror if its own address fails; None if it has not changed."""
        own, mirror = self._addresses
        try:
            return self._read(own, last)
        except SourceError as failure:
            try:
                page = self._read(mirror, last)
            except _MiscountedCatalogue:
                raise
            except SourceError:
                raise failure from None
            if page is not None and _older(page, last):
                raise  # an older copy would withdraw newer entries
            return page

    def _read(self, address: str, last: CisaCursor) -> RecordPage | None:
        known = {"If-None-Match": last.etag} if last.etag and last.address == address else {}
        answer = self._http.get(address, headers=known, max_bytes=MAX_BYTES, allow={304})
        if answer.status == 304:
            return None
        ranges = list(values_of(answer.body, "vulnerabilities"))
        envelope = answer.body[: ranges[0][0]] + answer.body[ranges[-1][1] :] if ranges else answer.body
        catalogue, found = self._http.decoded(envelope, Catalogue), len(ranges)
        if not found:
            raise self._http.unusable("The catalogue has 0 entries.", answer.body)
        records, problems = _records(answer.body[start:end] for start, end in ranges)
        if catalogue.count not in (None, found):
            wrong = self._http.unusable(f"The catalogue announces {catalogue.count} entries and has {found}.")
            before, part = msgspec.json.encode(last), "CISA KEV"
            page = RecordPage(Feed.KEV, records, before, problems, found, found, part, sweep="part")
            raise _MiscountedCatalogue(wrong, page)
        cursor = CisaCursor(
            instant_or_none(catalogue.released) or last.watermark,
            answer.headers.get("ETag", ""),
            address,
            PARSER_VERSION,
        )
        return RecordPage(
            Feed.KEV,
            records,
            msgspec.json.encode(cursor),
            problems,
            done=found,
            total=found,
            part="CISA KEV",
            sweep="last",
        )


def _records(entries: Iterable[bytes]) -> tuple[list[RawRecord], list[RecordProblem]]:
    records, problems = [], []
    for number, raw in enumerate(entries, start=1):
        try:
            name = _cve_id(raw)
        except ParseError as error:
            problems.append(RecordProblem(f"entry {number}", str(error)))
        else:
            records.append(RawRecord(name, raw, name))
    return records, problems


def _cve_id(raw: bytes) -> str:
    """The CVE id of an entry, even of a broken one, so that it does not count as withdrawn.

    Raises:
        ParseError: the entry has no CVE id.
    """
    try:
        name = decode(raw, _EntryId).cve_id.strip()
    except ParseError:
        if found := _ID.search(raw):
            return found[1].decode()
        raise
    if not is_cve_id(name):
        raise ParseError(f"“{clean(name)[:60]}” is not a CVE id")
    return name


def _older(page: RecordPage, last: CisaCursor) -> bool:
    released = msgspec.json.decode(page.cursor, type=CisaCursor).watermark
    return last.watermark is not None and (released is None or released < last.watermark)
