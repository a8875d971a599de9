"""Fetches the catalogue, which is one file and always complete: entries change long after they were added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from backend.config import Settings
from backend.connectors.addresses import CISA_CATALOGUE, base_address
from backend.connectors.cisa.parse import PARSER_VERSION, parse
from backend.connectors.connector import KnownVersions, Parsed, ParseError, RawRecord, RecordPage, RecordProblem, Watch
from backend.connectors.decoding import clean, decode, parse_instant, values_of
from backend.connectors.http import Http
from backend.contract.errors import SourceError
from backend.contract.names import Source
from backend.domain.canonical import is_cve_id
from backend.domain.claims import Feed

MIRROR = "https://raw.githubusercontent.com/cisagov/kev-data/develop/known_exploited_vulnerabilities.json"
"""CISA's own copy. www.cisa.gov refuses many data centres' addresses; the copy may lag behind by hours."""

MAX_BYTES = 64 * 2**20  # 1.6 MB in 2026

_ID = re.compile(rb'"cveID"\s*:\s*"\s*(CVE-\d{4}-\d{4,19})\s*"')


class CisaCursor(msgspec.Struct, omit_defaults=True):
    """watermark: dateReleased of the catalogue that was read last; etag: of `address`, where it was read."""

    watermark: datetime | None = None
    etag: str = ""
    address: str = ""
    parser: int = 0


class Catalogue(msgspec.Struct):
    """Without its entries, each of which is read by itself."""

    vulnerabilities: list[object]
    count: int | None = None
    released: str = msgspec.field(name="dateReleased", default="")


class _Name(msgspec.Struct):
    cve_id: str = msgspec.field(name="cveID")


class CisaConnector:
    source = Source.CISA

    def __init__(self, settings: Settings, watch: Watch, http: Http | None = None) -> None:
        self._addresses = [base_address(settings.cisa_url, address) for address in (CISA_CATALOGUE, MIRROR)]
        self._http = http or Http(watch, settings.cache_folder, source="CISA KEV", direct=bool(settings.cisa_url))

    def pages(self, cursor: bytes | None, known: KnownVersions) -> Iterator[RecordPage]:  # noqa: ARG002 - listed whole
        last = msgspec.json.decode(cursor, type=CisaCursor) if cursor else CisaCursor()
        if last.parser != PARSER_VERSION:
            last = CisaCursor(last.watermark)  # a better parser reads what has not changed, too
        page = self._page(last)
        if page is not None:
            yield page

    def parse(self, feed: Feed, record: RawRecord) -> Parsed:  # noqa: ARG002 - there is one feed
        return parse(record)

    def _page(self, last: CisaCursor) -> RecordPage | None:
        """The catalogue from its own address or, where that fails, from the mirror; None when it has not changed."""
        own, mirror = self._addresses
        try:
            return self._read(own, last)
        except SourceError as failure:
            try:
                page = self._read(mirror, last)
            except SourceError:
                raise failure from None
            if page is not None and _older(page, last):
                raise  # what the mirror holds would take newer entries back
            return page

    def _read(self, address: str, last: CisaCursor) -> RecordPage | None:
        known = {"If-None-Match": last.etag} if last.etag and last.address == address else {}
        answer = self._http.get(address, headers=known, max_bytes=MAX_BYTES, allow={304})
        if answer.status == 304:
            return None
        places = list(values_of(answer.body, "vulnerabilities"))
        around = answer.body[: places[0][0]] + answer.body[places[-1][1] :] if places else answer.body
        catalogue, found = self._http.decoded(around, Catalogue), len(places)
        if not found or catalogue.count not in (None, found):
            raise self._http.unusable(f"The catalogue announces {catalogue.count} entries and holds {found}.")
        records, problems = _records(answer.body[start:end] for start, end in places)
        cursor = CisaCursor(
            _instant(catalogue.released) or last.watermark, answer.headers.get("ETag", ""), address, PARSER_VERSION
        )
        return RecordPage(
            Feed.KEV,
            records,
            msgspec.json.encode(cursor),
            problems,
            done=found,
            total=found,
            phase="CISA KEV",
            sweep="last",
        )


def _records(entries: Iterable[bytes]) -> tuple[list[RawRecord], list[RecordProblem]]:
    records, problems = [], []
    for place, raw in enumerate(entries, start=1):
        try:
            name = _name(raw)
        except ParseError as error:
            problems.append(RecordProblem(f"entry {place}", str(error)))
        else:
            records.append(RawRecord(name, raw, name))
    return records, problems


def _name(raw: bytes) -> str:
    """Also of an entry that is broken: it has not been taken back. Raises ParseError."""
    try:
        name = decode(raw, _Name).cve_id.strip()
    except ParseError:
        if found := _ID.search(raw):
            return found[1].decode()
        raise
    if not is_cve_id(name):
        raise ParseError(f"“{clean(name)[:60]}” is not a CVE id")
    return name


def _instant(text: str) -> datetime | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def _older(page: RecordPage, last: CisaCursor) -> bool:
    released = msgspec.json.decode(page.cursor, type=CisaCursor).watermark
    return last.watermark is not None and (released is None or released < last.watermark)
