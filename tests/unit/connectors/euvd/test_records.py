"""The windows of EUVD's records: one that is not answered as it should be keeps only itself back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from backend.connectors.euvd.api import EuvdApi, EuvdPage
from backend.connectors.euvd.cursor import DayWindow, EuvdCursor, read_cursor
from backend.connectors.euvd.parse import PARSER_VERSION
from backend.connectors.euvd.records import MOST_ASIDE, read_records
from backend.connectors.http import Http
from backend.contract.errors import SourceError, SourceUnreachable, SourceUnusable
from backend.network.access import NetworkAccess
from tests.fakes.watch import CountingWatch

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
BAD = DayWindow(date(2024, 1, 1), date(2024, 1, 31), total=50)


class Service(EuvdApi):
    """Answers every window with one record, except that of January 2024."""

    def __init__(self, folder: Path, answer: Callable[[], EuvdPage]) -> None:
        super().__init__(Http(CountingWatch(), folder, source="EUVD", network=NetworkAccess()), "")
        self._answer, self.requested = answer, list[date]()

    def search(self, window: DayWindow) -> EuvdPage:
        self.requested.append(window.first)
        if window.first == BAD.first:
            return self._answer()
        return EuvdPage([json.dumps({"id": f"EUVD-{window.first:%Y-%m%d}"}).encode()], 1)


def refuse(error: SourceError) -> Callable[[], EuvdPage]:
    def answer() -> EuvdPage:
        raise error

    return answer


def emptied() -> EuvdPage:
    return EuvdPage([], 0)


def windows(*months: int) -> EuvdCursor:
    older = [DayWindow(date(2023, month, 1), date(2023, month, 28)) for month in months]
    return EuvdCursor(watermark=NOW, head=NOW, windows=[*older, BAD])


def run(service: Service, state: EuvdCursor, now: datetime = NOW) -> tuple[EuvdCursor, list[str], SourceError | None]:
    """The cursor that was written last, the ids that were read, and the error at the end."""
    cursor, ids = state.written(), list[str]()
    try:
        for page in read_records(service, read_cursor(cursor), [now], 0):
            cursor = page.cursor
            ids += [record.key for record in page.records]
    except SourceError as error:
        return read_cursor(cursor), ids, error
    return read_cursor(cursor), ids, None


@pytest.mark.parametrize(
    "answer",
    [emptied, lambda: EuvdPage([], 50), refuse(SourceUnusable("HTML")), refuse(SourceError("500"))],
)
def test_the_others_are_read_and_it_is_tried_again(answer: Callable[[], EuvdPage], tmp_path: Path) -> None:
    service = Service(tmp_path, answer)
    state, ids, error = run(service, windows(5, 6))
    assert error is not None
    assert len(ids) == 3, "the changes and both older windows"
    assert [window.first for window in state.windows] == [BAD.first]
    _, _, again = run(service, state)
    assert again is not None
    assert service.requested.count(BAD.first) == 2


def test_changes_are_read_first_although_their_window_was_set_aside(tmp_path: Path) -> None:
    service = Service(tmp_path, refuse(SourceError("500")))
    open_window = DayWindow(date(2025, 4, 1))
    state = EuvdCursor(watermark=NOW, head=NOW, windows=[open_window, DayWindow(date(2023, 5, 1), date(2023, 5, 28))])
    run(service, state)
    assert service.requested[0] == open_window.first


def test_a_service_that_is_away_is_not_asked_for_the_rest(tmp_path: Path) -> None:
    service = Service(tmp_path, refuse(SourceUnreachable("no connection")))
    assert run(service, windows(5, 6))[2] is not None
    assert service.requested[-1] == BAD.first


def test_one_that_refuses_everything_is_given_up(tmp_path: Path) -> None:
    class Refusing(Service):
        def search(self, window: DayWindow) -> EuvdPage:
            self.requested.append(window.first)
            raise SourceError("500")

    service = Refusing(tmp_path, emptied)
    assert run(service, windows(1, 2, 3, 4, 5, 6))[2] is not None
    assert len(service.requested) == MOST_ASIDE


def test_a_window_whose_records_were_all_updated_is_believed_after_some_days(tmp_path: Path) -> None:
    service = Service(tmp_path, emptied)
    state, now, failed = windows(), NOW, 0
    while state.windows:
        state, _, error = run(service, state, now)
        failed += error is not None
        now += timedelta(hours=8)
    assert failed == 9, "three days of three runs each"
    assert run(service, state, now)[2] is None


def test_one_that_has_records_again_was_never_empty(tmp_path: Path) -> None:
    state, _, _ = run(Service(tmp_path, emptied), windows())
    half = EuvdPage([b'{"id": "EUVD-2024-1"}'] * 100, 150)
    service = Service(tmp_path, lambda: half)
    cursor = next(page.cursor for page in read_records(service, state, [NOW], 0) if len(page.records) == 100)
    assert read_cursor(cursor).windows[-1].empty_since is None


def test_what_another_parser_has_read_is_read_again() -> None:
    read = EuvdCursor(watermark=NOW, head=NOW)
    assert read_cursor(read.written()) == read, "a cursor of the first parser does not name it"
    another = EuvdCursor(watermark=NOW, parser=PARSER_VERSION + 1)
    assert read_cursor(another.written()) == EuvdCursor(parser=PARSER_VERSION)
