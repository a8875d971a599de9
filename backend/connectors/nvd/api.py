"""NVD's CVE API 2.0: one page of up to 2000 records at a time, within the service's limits.

What changed between two moments, or everything, read from NVD's API a page at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from backend.connectors.addresses import base_address
from backend.connectors.connector import ParseError, RecordPage
from backend.connectors.http import Http, HttpAnswer
from backend.connectors.nvd.cursor import NvdCursor, Window, batches, page_of
from backend.connectors.nvd.split import Envelope, read_envelope, split
from backend.contract.errors import SourceError

ADDRESS = "https://services.nvd.nist.gov/rest/json/cves/2.0"
PERIOD = 30.5  # seconds; the rule says 30
REQUESTS, REQUESTS_WITH_KEY = 5, 50  # in a period
TRIES = 7  # with pauses that together outlast a period
DELAY, DELAY_WITH_KEY = 6.0, 0.6  # seconds between two requests, as NVD asks for
PAGE, SMALLEST_PAGE = 2000, 500  # records
_LARGEST_PAGE = 2**27  # bytes


@dataclass(frozen=True)
class ApiPage:
    envelope: Envelope
    records: list[bytes]


class Api:
    """Raises SourceError where NVD refuses or sends something else."""

    def __init__(self, http: Http, base: str, key: SecretStr | None) -> None:
        self._http, self._size = http, PAGE
        self._address = base_address(base, ADDRESS)
        self._headers = {"apiKey": key.get_secret_value()} if key else {}

    def page(self, start: datetime | None, end: datetime | None, index: int) -> ApiPage:
        """Records from number `index` on of those that changed from `start` to `end` (at most 120 days), or of all."""
        while True:
            params = {"resultsPerPage": str(self._size), "startIndex": str(index)}
            if start and end:
                params |= {"lastModStartDate": _stamp(start), "lastModEndDate": _stamp(end)}
            answer = self._http.get(
                self._address, params=params, headers=self._headers, max_bytes=_LARGEST_PAGE, allow={404}
            )
            if answer.status != 404:
                return self._read(answer, index)
            self._answer_to(answer.headers.get("message", ""))

    def _answer_to(self, message: str) -> None:
        """404 is how NVD says that a parameter is wrong; at times the page size of its own documentation is."""
        if refuses_key(message):
            raise SourceError(
                "NVD does not accept the API key",
                f"It answered: {message}",
                "Correct NVD_API_KEY or remove it: without one all works too, only slower. "
                "New keys are given out at nvd.nist.gov/developers/request-an-api-key.",
            )
        if self._size > SMALLEST_PAGE and (not message or "resultsperpage" in message.lower()):
            self._size //= 2
            return
        raise SourceError(
            "NVD refused the request",
            f"It answered 404{f' ({message[:200]})' if message else ''}.",
            "The next update tries again by itself.",
        )

    def _read(self, answer: HttpAnswer, index: int) -> ApiPage:
        try:
            head, *records = split([answer.body])
            envelope = read_envelope(head)
        except ParseError as error:
            raise self._http.unusable(f"A page of records is not what it should be: {error}.", answer.body) from error
        due = max(0, min(self._size, envelope.total - index))
        if len(records) < due:
            raise self._http.unusable(f"A page holds {len(records)} records where {due} were due.")
        return ApiPage(envelope, records)


def refuses_key(message: str) -> bool:
    """message: the header of that name in a 404."""
    return "apikey" in message.lower()


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


LONGEST = timedelta(days=120)  # the service's limit
OVERLAP = timedelta(hours=2)  # records become visible some time after their date


def read_windows(
    api: Api, cursor: NvdCursor, until: datetime | None, finish: Callable[[], None]
) -> Iterator[RecordPage]:
    """All changes since the watermark (None: all records) until `until` (None: the service's now).

    `finish` is called before the last page. Moves the watermark with the last page of each window.
    """
    finished = False

    def close(window: Window) -> None:
        nonlocal finished
        goal = min(moment for moment in (window.timestamp, until) if moment)
        finished = not window.end or window.end >= goal
        cursor.watermark, cursor.window = goal if finished else window.end, None
        if finished:
            finish()

    while not finished:
        cursor.window = cursor.window or _next(cursor.watermark, until)
        yield from _read(api, cursor, cursor.window, close)


def _next(watermark: datetime | None, until: datetime | None) -> Window:
    if watermark is None:
        return Window()
    start = watermark - OVERLAP
    end = start + LONGEST
    return Window(start, min(end, until) if until else end)


def _read(api: Api, cursor: NvdCursor, window: Window, close: Callable[[Window], None]) -> Iterator[RecordPage]:
    """Rows may leave the window while it is read (a record that changes again does): what follows moves up by as many
    places. So where the total has shrunk, reading steps back by the difference; where it has grown, it reads on."""
    while cursor.window is window:
        answer = api.page(window.start, window.end, window.index)
        window.timestamp = window.timestamp or answer.envelope.timestamp
        shrunk_by = max(0, window.total - answer.envelope.total)
        window.total = answer.envelope.total
        if shrunk_by and window.index:
            window.index = max(0, window.index - shrunk_by)
            continue
        yield from _taken_in(answer, cursor, window, close)


def _taken_in(
    answer: ApiPage, cursor: NvdCursor, window: Window, close: Callable[[Window], None]
) -> Iterator[RecordPage]:
    if not window.start and not window.total:
        raise SourceError(
            "NVD sent no records",
            "Its API says that there are none at all.",
            "What is known stays as it is; the next update tries again by itself.",
        )
    phase = "NVD changes" if window.start else "NVD"
    left = len(answer.records)
    for batch in batches(answer.records, phase, window.index):
        window.index += batch.size
        left -= batch.size
        if not left and window.index >= window.total:
            close(window)
        yield page_of(batch, cursor, phase, window.index, window.total)
    if not answer.records:
        close(window)
        yield page_of(None, cursor, phase, window.index, window.total)
