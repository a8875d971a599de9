"""EUVD's records, read by the day of their last update: changes first, then the others, newest first.

A stack of day windows holds what is still to be read. The service filters by day only, so every run reads the last two
days again. A window with many records is split into halves by date while it is longer than a day. A window that the
service does not answer as it should is set aside until the next run, so that it does not keep the others away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from backend.connectors.connector import RawRecord, RecordPage, RecordProblem
from backend.connectors.euvd.api import PAGE, EuvdApi, EuvdPage
from backend.connectors.euvd.cursor import DayWindow, EuvdCursor
from backend.contract.errors import SourceError, SourceUnreachable
from backend.domain.claims import Feed

FIRST_DAY = date(1999, 1, 1)
DAY = timedelta(days=1)
OVERLAP = 2 * DAY
MANY = 2000  # records; a window with more is split

MOST_ASIDE = 3
"""Windows set aside in one run; more are a failure of the service as a whole."""
EMPTY_FOR = timedelta(days=3)
"""A window that lost all its records is believed after so long: they were all updated, and are in later windows."""

_ID = re.compile(rb'"id"\s*:\s*"(EUVD-\d{4}-\d{1,19})"')


def clock_of(recent: Sequence[datetime]) -> datetime:
    """The service's clock, slightly late: the median of its latest updates, so that one wrong date has no effect."""
    return recent[(len(recent) - 1) // 2]


def read_records(service: EuvdApi, state: EuvdCursor, recent: Sequence[datetime], budget: int) -> Iterator[RecordPage]:
    """Read records by at most `budget` requests (0: no limit), each of one page.

    Raises:
        SourceError: a window could not be read; the others were.
    """
    clock = clock_of(recent)
    resumed = _reads_changes(state)
    if not resumed:
        _add_changes_window(state, clock)
    state.windows.sort(key=_is_open)  # changes first, also where their window was set aside
    failures: list[SourceError] = []
    requests, done, expected = 0, 0, 0
    while len(state.windows) > len(failures) and (not budget or requests < budget):
        window = state.windows[-1]
        requests += 1
        try:
            page = service.search(window)
            _check(service, window, page, recent)
        except SourceUnreachable:
            raise
        except SourceError as error:
            failures.append(error)
            state.windows.insert(0, state.windows.pop())
            if len(failures) == MOST_ASIDE:
                break
            continue
        if window.total is None and window.page == 0:
            expected = max(expected, done + page.total)  # the halves of a window are part of what it had
        done += len(page.records)
        share = max(done / expected if expected else 0.0, requests / budget if budget else 0.0)
        read = window.page * PAGE + len(page.records)
        part = f"EUVD {window.first} to {window.last or 'today'}"
        _advance(state, window, page, recent[-1].date())
        if not _reads_changes(state):
            state.watermark = state.head
            if resumed:  # changes since the start of that window may be on pages that were read already
                _add_changes_window(state, clock)
                resumed = False
        yield _page(page, state, part, read, share)
    if failures:
        yield _page(EuvdPage([], 0), state, "EUVD", 0, 1.0)
        raise failures[0]


def _is_open(window: DayWindow) -> bool:
    return window.last is None


def _reads_changes(state: EuvdCursor) -> bool:
    return any(map(_is_open, state.windows))


def _add_changes_window(state: EuvdCursor, clock: datetime) -> None:
    """Push a window for changes: from the last one's start, less the overlap, without days that are still to be read.

    An unfinished window of earlier runs is finished first, since otherwise a busy week would never be.
    """
    first = FIRST_DAY
    if state.head:
        first = min(state.head, clock).date() - OVERLAP
        if state.windows and state.windows[-1].last:
            first = max(first, state.windows[-1].last + DAY)
    state.windows.append(DayWindow(first))
    state.head = clock


def _check(service: EuvdApi, window: DayWindow, page: EuvdPage, recent: Sequence[datetime]) -> None:
    """An empty page where there must be records is a failure of the service.

    Raises:
        SourceUnusable
    """
    if page.records:
        window.empty_since = None
        return
    if window.total and page.total == 0 and window.last:
        window.empty_since = window.empty_since or clock_of(recent)
        expected = clock_of(recent) - window.empty_since < EMPTY_FOR
    else:
        until = window.last or date.max
        lists_some = any(window.first <= moment.date() <= until for moment in recent)
        expected = page.total > window.page * PAGE or (page.total == 0 and (bool(window.total) or lists_some))
    if expected:
        raise service.http.unusable(f"It has no records from {window.first} on, although there must be some.")


def _advance(state: EuvdCursor, window: DayWindow, page: EuvdPage, newest: date) -> None:
    """Advance to the next page or window.

    Updated records leave an older window, and those after them move up: if the total has shrunk, as many pages are read
    again as the difference may have shifted.
    """
    shrunk_by = max(0, (window.total or 0) - page.total)
    window.total = page.total
    last = window.last or max(newest, window.first)
    if window.page == 0 and page.total > MANY and window.first < last:
        middle = window.first + (last - window.first) // 2
        state.windows[-1:] = [DayWindow(window.first, middle), DayWindow(middle + DAY, window.last)]
    elif shrunk_by and window.page:
        window.page = max(0, window.page - -(-shrunk_by // PAGE))
    elif (window.page + 1) * PAGE >= page.total:
        state.windows.pop()
    else:
        window.page += 1


def _page(page: EuvdPage, state: EuvdCursor, part: str, read: int, share: float) -> RecordPage:
    records, problems = [], []
    for raw in page.records:
        if name := _ID.search(raw):
            records.append(RawRecord(name[1].decode(), raw, None))
        else:
            problems.append(RecordProblem(f"{part}, on the page up to record {read}", "it has no EUVD id"))
    total = max(read, page.total)
    return RecordPage(Feed.EUVD, records, state.written(), problems, read, total, part, share=share)
