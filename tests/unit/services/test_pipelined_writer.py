"""Pages are written one after the other, one page behind, and none is lost."""

from __future__ import annotations

import threading

import pytest

from backend.contract.errors import RunInterrupted, StoreFull, StoreUnavailable
from backend.services.update.pipelined_writer import PipelinedWriter
from tests.fakes.sources import CountingRun


def nothing() -> None:
    """Fails the test, because no write may be repeated here."""


def test_a_page_is_written_while_the_next_is_worked_out() -> None:
    worked_out = threading.Event()
    written: list[str] = []

    def write() -> None:
        assert worked_out.wait(20)
        written.append("first")

    with PipelinedWriter(CountingRun(), in_background=True) as writer:
        writer.put(write, again=nothing)
        assert written == []
        worked_out.set()
    assert written == ["first"]


def test_pages_keep_their_order() -> None:
    written: list[int] = []
    with PipelinedWriter(CountingRun(), in_background=True) as writer:
        for number in range(50):
            writer.put(lambda number=number: written.append(number), again=nothing)
    assert written == list(range(50))


def test_without_a_server_a_page_is_written_at_once() -> None:
    written: list[str] = []
    with PipelinedWriter(CountingRun(), in_background=False) as writer:
        writer.put(lambda: written.append("first"), again=nothing)
        assert written == ["first"]


@pytest.mark.parametrize("in_background", [True, False])
def test_a_page_that_lost_the_database_is_taken_again(in_background: bool) -> None:
    written: list[str] = []

    def fail() -> None:
        raise StoreUnavailable("away")

    with PipelinedWriter(CountingRun(), in_background=in_background) as writer:
        writer.put(fail, again=lambda: written.append("again"))
    assert written == ["again"]


@pytest.mark.parametrize("in_background", [True, False])
def test_any_other_failure_reaches_the_run(in_background: bool) -> None:
    def fail() -> None:
        raise StoreFull("full")

    with pytest.raises(StoreFull), PipelinedWriter(CountingRun(), in_background=in_background) as writer:
        writer.put(fail, again=nothing)


def test_a_run_that_stops_still_has_its_last_page_written() -> None:
    written: list[str] = []

    def stopped_run() -> None:
        with PipelinedWriter(CountingRun(), in_background=True) as writer:
            writer.put(lambda: written.append("last"), again=nothing)
            raise RunInterrupted("stopping")

    with pytest.raises(RunInterrupted):
        stopped_run()
    assert written == ["last"]
