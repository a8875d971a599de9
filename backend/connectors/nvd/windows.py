"""What changed between two moments, or everything, read from NVD's API a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from backend.connectors.model import Page
from backend.connectors.nvd.api import Api, ApiPage
from backend.connectors.nvd.cursor import Cursor, Window
from backend.connectors.nvd.pages import batches, page_of
from backend.contract.errors import SourceError

LONGEST = timedelta(days=120)  # the service's limit
OVERLAP = timedelta(hours=2)  # records become visible some time after their date


def read_windows(api: Api, cursor: Cursor, until: datetime | None, finish: Callable[[], None]) -> Iterator[Page]:
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


def _read(api: Api, cursor: Cursor, window: Window, close: Callable[[Window], None]) -> Iterator[Page]:
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


def _taken_in(answer: ApiPage, cursor: Cursor, window: Window, close: Callable[[Window], None]) -> Iterator[Page]:
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
