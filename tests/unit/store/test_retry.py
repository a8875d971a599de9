"""What is done about a database that is away, on a clock that only sleeping moves."""

from __future__ import annotations

import pytest

from backend.contract.errors import RunCancelled, StoreUnavailable
from backend.store.retry import LONGEST_OUTAGE_S, LONGEST_PAUSE_S, patiently


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
    assert patiently(slept.append, Away(7)) == "done"
    assert slept == [1, 2, 4, 8, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["waiting for the database"]


def test_half_an_hour_without_a_database_is_an_error() -> None:
    slept: list[float] = []
    with pytest.raises(StoreUnavailable, match="No answer"):
        patiently(slept.append, Away())
    assert LONGEST_OUTAGE_S <= sum(slept) < LONGEST_OUTAGE_S + LONGEST_PAUSE_S


def test_a_run_that_is_cancelled_waits_no_longer() -> None:
    def cancelled(_: float) -> None:
        raise RunCancelled("Cancelled")

    away = Away()
    with pytest.raises(RunCancelled):
        patiently(cancelled, away)
    assert away.tries == 1


def test_other_errors_are_not_tried_again() -> None:
    tries: list[None] = []

    def broken() -> None:
        tries.append(None)
        raise KeyError("fault")

    with pytest.raises(KeyError, match="fault"):
        patiently(lambda _: None, broken)
    assert len(tries) == 1
