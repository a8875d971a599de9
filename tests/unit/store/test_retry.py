"""What is done about a database that is away, on a clock that only sleeping moves."""

from __future__ import annotations

import logging
import threading

import pytest

from backend.contract.errors import RunCancelled, StoreUnavailable
from backend.store.retry import (
    LAST_TRIES,
    LONGEST_OUTAGE_S,
    LONGEST_PAUSE_S,
    OutageLog,
    retry_until_stopped,
    retry_while_away,
)


class Away:
    """Fails `times` times, or for ever."""

    def __init__(self, times: float = float("inf")) -> None:
        self.left, self.tries = times, 0

    def __call__(self) -> str:
        self.tries += 1
        self.left -= 1
        if self.left >= 0:
            raise StoreUnavailable("The database cannot be reached", "No answer")
        return "done"


def test_the_pauses_double_up_to_a_limit_and_the_outage_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    slept: list[float] = []
    assert retry_while_away(slept.append, Away(7)) == "done"
    assert slept == [1, 2, 4, 8, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["waiting for the database"]


def test_half_an_hour_without_a_database_is_an_error() -> None:
    slept: list[float] = []
    with pytest.raises(StoreUnavailable, match="No answer"):
        retry_while_away(slept.append, Away())
    assert LONGEST_OUTAGE_S <= sum(slept) < LONGEST_OUTAGE_S + LONGEST_PAUSE_S


def test_a_run_that_is_cancelled_waits_no_longer() -> None:
    def cancelled(_: float) -> None:
        raise RunCancelled("Cancelled")

    away = Away()
    with pytest.raises(RunCancelled):
        retry_while_away(cancelled, away)
    assert away.tries == 1


def test_other_errors_are_not_tried_again() -> None:
    tries: list[None] = []

    def broken() -> None:
        tries.append(None)
        raise KeyError("fault")

    with pytest.raises(KeyError, match="fault"):
        retry_while_away(lambda _: None, broken)
    assert len(tries) == 1


def test_says_once_that_something_is_away_and_once_that_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    outages = OutageLog("the broker", log)
    with caplog.at_level(logging.INFO):
        outages.succeeded()
        for _ in range(100):
            outages.failed(StoreUnavailable("No answer"))
        outages.succeeded()
        outages.succeeded()
    assert [record.message.partition(",")[0] for record in caplog.records] == [
        "the broker is away",
        "the broker is back",
    ]


def test_tries_on_until_the_database_is_back() -> None:
    answers = iter([StoreUnavailable("away"), StoreUnavailable("away"), "done"])

    def action() -> str:
        answer = next(answers)
        if isinstance(answer, StoreUnavailable):
            raise answer
        return str(answer)

    outages = OutageLog("the database", logging.getLogger("test"))
    assert retry_until_stopped(action, outages, lambda: False, pause=0) == "done"


def test_gives_up_only_when_the_program_stops() -> None:
    stopping, tries = threading.Event(), 0

    def action() -> None:
        nonlocal tries
        tries += 1
        if tries == 100:
            stopping.set()
        raise StoreUnavailable("away")

    with pytest.raises(StoreUnavailable):
        retry_until_stopped(action, OutageLog("the database", logging.getLogger("test")), stopping.is_set, pause=0)
    assert tries == 99 + LAST_TRIES
