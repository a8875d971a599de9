"""EUVD's records, read by the day of their last update: what changed first, then the rest, the newest first.

A stack of day windows says what is still to be read. Days are all that the service can tell apart, so every run reads
the last two again. A window with many records is split into halves by date as long as it is longer than a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from backend.connectors.connector import RawRecord, RecordPage, RecordProblem
from backend.connectors.euvd.api import PAGE, EuvdApi, EuvdPage
from backend.connectors.euvd.cursor import DayWindow, EuvdCursor
from backend.domain.claims import Feed

FIRST_DAY = date(1999, 1, 1)
DAY = timedelta(days=1)
OVERLAP = 2 * DAY
MANY = 2000  # records; a window with more is split

_ID = re.compile(rb'"id"\s*:\s*"(EUVD-\d{4}-\d{1,19})"')


def clock_of(recent: Sequence[datetime]) -> datetime:
    """The service's clock, a little slow: the middle one of its latest updates. One wrong date must not move it."""
    return recent[(len(recent) - 1) // 2]


def read_records(service: EuvdApi, state: EuvdCursor, recent: Sequence[datetime], budget: int) -> Iterator[RecordPage]:
    """At most `budget` requests (0: as many as it takes), a page each."""
    clock = clock_of(recent)
    inherited = _looking_ahead(state)
    if not inherited:
        _look_ahead(state, clock)
    asked = 0
    while state.windows and (not budget or asked < budget):
        window = state.windows[-1]
        found = service.search(window)
        asked += 1
        _check(service, window, found, recent)
        read = window.page * PAGE + len(found.records)
        phase = f"EUVD {window.first} to {window.last or 'today'}"
        _advance(state, window, found, recent[-1].date())
        if not _looking_ahead(state):
            state.watermark = state.head
            if inherited:  # what has changed since that look began may have come onto pages that were read already
                _look_ahead(state, clock)
                inherited = False
        yield _page(found, state, phase, read)


def _looking_ahead(state: EuvdCursor) -> bool:
    return any(window.last is None for window in state.windows)


def _look_ahead(state: EuvdCursor, clock: datetime) -> None:
    """Puts a window for what has changed on top: from the last look, less the overlap, but not into days that are still
    to be read anyway. One that earlier runs could not finish is finished first, or a busy week would never be."""
    first = FIRST_DAY
    if state.head:
        first = min(state.head, clock).date() - OVERLAP
        if state.windows and state.windows[-1].last:
            first = max(first, state.windows[-1].last + DAY)
    state.windows.append(DayWindow(first))
    state.head = clock


def _check(service: EuvdApi, window: DayWindow, found: EuvdPage, recent: Sequence[datetime]) -> None:
    """Nothing where there must be something is a failure of the service, not an empty window."""
    if found.records:
        return
    until = window.last or date.max
    expected = found.total > window.page * PAGE or (
        found.total == 0 and (window.total or any(window.first <= moment.date() <= until for moment in recent))
    )
    if expected:
        raise service.http.unusable(f"It has no records from {window.first} on, where there must be some.")


def _advance(state: EuvdCursor, window: DayWindow, found: EuvdPage, newest: date) -> None:
    """Turns the page. Records that are updated leave an older window, and what follows moves up by as many places:
    where the total has shrunk, as many pages are read again as the difference may have shifted."""
    shrunk_by = max(0, (window.total or 0) - found.total)
    window.total = found.total
    last = window.last or max(newest, window.first)
    if window.page == 0 and found.total > MANY and window.first < last:
        middle = window.first + (last - window.first) // 2
        state.windows[-1:] = [DayWindow(window.first, middle), DayWindow(middle + DAY, window.last)]
    elif shrunk_by and window.page:
        window.page = max(0, window.page - -(-shrunk_by // PAGE))
    elif (window.page + 1) * PAGE >= found.total:
        state.windows.pop()
    else:
        window.page += 1


def _page(found: EuvdPage, state: EuvdCursor, phase: str, read: int) -> RecordPage:
    records, problems = [], []
    for raw in found.records:
        if name := _ID.search(raw):
            records.append(RawRecord(name[1].decode(), raw, None))
        else:
            problems.append(RecordProblem(f"{phase}, on the page up to record {read}", "it names no EUVD id"))
    return RecordPage(
        Feed.EUVD, records, state.written(), problems, done=read, total=max(read, found.total), phase=phase
    )
