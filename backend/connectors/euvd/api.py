"""EUVD's public API: requests, and the checks of its answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.connectors.addresses import EUVD_API, base_address
from backend.connectors.decoding import parse_instant, values_of
from backend.connectors.euvd.cursor import DayWindow
from backend.connectors.http import Http

PAGE = 100  # records; the service returns no more, even if more are requested

_TOTAL = re.compile(rb'"total"\s*:\s*(\d{1,9})\b')
_UPDATED = re.compile(r'"dateUpdated"\s*:\s*"([^"]{1,60})"')
_LARGEST_MAPPING, _LARGEST_ANSWER = 2**28, 2**26  # bytes; in 2026 the mapping has 12 MB


@dataclass(frozen=True)
class EuvdPage:
    """One page of a search: raw records, and their total number on all pages."""

    records: Sequence[bytes]
    total: int


class EuvdApi:
    """The requests; each raises SourceError if it is rejected or its answer is not valid."""

    def __init__(self, http: Http, base: str) -> None:
        self.http, self._address = http, base_address(base, EUVD_API)
        self.downloaded_mapping: Path | None = None

    def recent(self) -> list[datetime]:
        """The update times of the few records listed as the latest, oldest first; never empty."""
        body = self._get("/lastvulnerabilities")
        updated = []
        for text in _UPDATED.findall(body.decode("utf-8", "replace")):
            try:
                updated.append(parse_instant(text))
            except ValueError:
                continue  # an invalid date is reported when its record is read
        if not updated:
            raise self.http.unusable("Its list of the latest records is empty.", body)
        return sorted(updated)

    def search(self, window: DayWindow) -> EuvdPage:
        params = {"fromUpdatedDate": window.first.isoformat(), "page": str(window.page), "size": str(PAGE)}
        if window.last:
            params["toUpdatedDate"] = window.last.isoformat()
        body = self._get("/search", params)
        ranges = list(values_of(body, "items"))
        envelope = body[: ranges[0][0]] + body[ranges[-1][1] :] if ranges else body
        total = _TOTAL.search(envelope)
        if not total or not _closed(body, ranges):
            raise self.http.unusable("A page of records has no total, or is truncated.", body)
        return EuvdPage([body[start:end] for start, end in ranges], int(total[1]))

    def kev_dump(self) -> list[bytes]:
        """The raw entries of all known-exploited lists together. Never empty."""
        body = self._get("/kev/dump")
        ranges = list(values_of(body))
        if not ranges or not _closed(body, ranges):
            raise self.http.unusable("Its list of exploited vulnerabilities is empty or truncated.", body)
        return [body[start:end] for start, end in ranges]

    def mapping(self) -> Path:
        """Download the CSV file of EUVD and CVE ids."""
        self.downloaded_mapping = self.http.download(
            f"{self._address}/dump/cve-euvd-mapping", "cve-euvd-mapping.csv", max_bytes=_LARGEST_MAPPING
        ).path
        return self.downloaded_mapping

    def _get(self, path: str, params: dict[str, str] | None = None) -> bytes:
        return self.http.get(self._address + path, params=params, max_bytes=_LARGEST_ANSWER).body


def _closed(body: bytes, ranges: Sequence[tuple[int, int]]) -> bool:
    """Whether the list with these values has its end. What follows the document may be a proxy's remark."""
    return not ranges or body[ranges[-1][1] :].lstrip().startswith(b"]")
