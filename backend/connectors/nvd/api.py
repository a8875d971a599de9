"""NVD's CVE API 2.0: changes between two moments, or all records, in pages of up to 2000 within its limits."""

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
PERIOD = 30.5  # seconds; the documented period is 30
REQUESTS, REQUESTS_WITH_KEY = 5, 50  # per period
TRIES = 7  # whose pauses add up to more than a period
DELAY, DELAY_WITH_KEY = 6.0, 0.6  # seconds between two requests, as requested by NVD
PAGE, SMALLEST_PAGE = 2000, 500  # records
LONGEST = timedelta(days=120)  # the service's limit
OVERLAP = timedelta(hours=2)  # records appear some time after their date
_LARGEST_PAGE = 2**27  # bytes


@dataclass(frozen=True)
class ApiPage:
    envelope: Envelope
    records: list[bytes]


class Api:
    """The requests; each raises SourceError if it is rejected or its answer is not valid."""

    def __init__(self, http: Http, base: str, key: SecretStr | None) -> None:
        self._http, self._size = http, PAGE
        self._address = base_address(base, ADDRESS)
        self._headers = {"apiKey": key.get_secret_value()} if key else {}

    def page(self, start: datetime | None, end: datetime | None, index: int) -> ApiPage:
        """Fetch records from number `index` on: those changed from `start` to `end` (at most 120 days), or all."""
        while True:
            params = {"resultsPerPage": str(self._size), "startIndex": str(index)}
            if start and end:
                params |= {"lastModStartDate": _stamp(start), "lastModEndDate": _stamp(end)}
            answer = self._http.get(
                self._address, params=params, headers=self._headers, max_bytes=_LARGEST_PAGE, allow={404}
            )
            if answer.status != 404:
                return self._checked(answer, index)
            self._handle_refusal(answer.headers.get("message", ""))

    def _handle_refusal(self, message: str) -> None:
        """Halve the page size or raise. NVD answers 404 to a wrong parameter, at times to its documented page size."""
        if refuses_key(message):
            raise SourceError(
                "NVD does not accept the API key",
                f"It answered: {message}",
                "Correct NVD_API_KEY or remove it: updates also work without a key, only slower. "
                "Request a new key at nvd.nist.gov/developers/request-an-api-key.",
            )
        if self._size > SMALLEST_PAGE and (not message or "resultsperpage" in message.lower()):
            self._size //= 2
            return
        raise SourceError(
            "NVD refused the request",
            f"It answered 404{f' ({message[:200]})' if message else ''}.",
            "The next update tries again automatically.",
        )

    def _checked(self, answer: HttpAnswer, index: int) -> ApiPage:
        try:
            head, *records = split([answer.body])
            envelope = read_envelope(head)
        except ParseError as error:
            raise self._http.unusable(f"A page of records has an unexpected format: {error}.", answer.body) from error
        if not records and index < envelope.total:  # it may have fewer than asked for, but not none
            raise self._http.unusable(f"A page has no records, although {envelope.total - index:,} are left.")
        return ApiPage(envelope, records)


def refuses_key(message: str) -> bool:
    """Whether a 404 rejects the API key. message: its header of that name."""
    return "apikey" in message.lower()


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def read_windows(
    api: Api, cursor: NvdCursor, until: datetime | None, finish: Callable[[], None]
) -> Iterator[RecordPage]:
    """Read all changes since the watermark (None: all records), advancing it with the last page of each window.

    Args:
        until: the end of the changes; None: the service's current time.
        finish: is called before the last page.
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
        cursor.window = cursor.window or _next_window(cursor.watermark, until)
        yield from _read_window(api, cursor, cursor.window, close)


def _next_window(watermark: datetime | None, until: datetime | None) -> Window:
    if watermark is None:
        return Window()
    start = watermark - OVERLAP
    end = start + LONGEST
    return Window(start, min(end, until) if until else end)


def _read_window(api: Api, cursor: NvdCursor, window: Window, close: Callable[[Window], None]) -> Iterator[RecordPage]:
    """Read the pages of a window.

    Records that change again leave the window while it is read, and those after them move up. So if the total has
    shrunk, reading steps back by the difference; if it has grown, it continues.
    """
    while cursor.window is window:
        answer = api.page(window.start, window.end, window.index)
        window.timestamp = window.timestamp or answer.envelope.timestamp
        shrunk_by = max(0, window.total - answer.envelope.total)
        window.total = answer.envelope.total
        if shrunk_by and window.index:
            window.index = max(0, window.index - shrunk_by)
            continue
        yield from _pages_of(answer, cursor, window, close)


def _pages_of(
    answer: ApiPage, cursor: NvdCursor, window: Window, close: Callable[[Window], None]
) -> Iterator[RecordPage]:
    if not window.start and not window.total:
        raise SourceError(
            "NVD sent no records",
            "Its API reports that there are none.",
            "The stored records stay unchanged; the next update tries again automatically.",
        )
    part = "NVD changes" if window.start else "NVD"
    left = len(answer.records)
    for batch in batches(answer.records, part, window.index):
        window.index += batch.size
        left -= batch.size
        if not left and window.index >= window.total:
            close(window)
        yield page_of(batch, cursor, part, window.index, window.total)
    if not answer.records:
        close(window)
        yield page_of(None, cursor, part, window.index, window.total)
