"""Fetching ahead: one file at most, errors at their own place, an end at the next checkpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from backend.connectors.ahead import BackgroundWatch
from backend.contract.errors import RunInterrupted, SourceError
from backend.contract.tasks import RunPhase
from tests.fakes.watch import CountingWatch

LONG = 30.0
"""Seconds after which a test fails instead of waiting for ever."""


class Fetches:
    """Fetches by number that end when the test sets their gate."""

    def __init__(self, watch: BackgroundWatch, count: int) -> None:
        self._watch = watch
        self.began = [threading.Event() for _ in range(count)]
        self.gates = [threading.Event() for _ in range(count)]
        self.interrupted = threading.Event()

    def fetch(self, number: int) -> int:
        self.began[number].set()
        while not self.gates[number].wait(0.01):
            try:
                self._watch.checkpoint()
            except RunInterrupted:
                self.interrupted.set()
                raise
        return number

    def all(self) -> list[Callable[[], int]]:
        return [partial(self.fetch, number) for number in range(len(self.gates))]


@pytest.fixture
def watch() -> CountingWatch:
    return CountingWatch()


@pytest.fixture
def background(watch: CountingWatch) -> BackgroundWatch:
    return BackgroundWatch(watch)


def test_one_file_is_fetched_while_the_one_before_is_used(background: BackgroundWatch) -> None:
    fetches = Fetches(background, 3)
    for gate in fetches.gates:
        gate.set()
    results = background.ahead(fetches.all())
    assert next(results)() == 0
    assert fetches.began[1].wait(LONG)
    assert not fetches.began[2].is_set(), "and no further one, which would fill the disk"
    assert next(results)() == 1
    assert next(results)() == 2
    assert next(results, None) is None


def test_an_error_comes_in_the_place_of_its_result_and_the_others_follow(background: BackgroundWatch) -> None:
    def fails() -> int:
        raise SourceError("NVD sent no records")

    results = background.ahead([fails, lambda: 2])
    with pytest.raises(SourceError, match="no records"):
        next(results)()
    assert next(results)() == 2


def test_what_is_fetched_for_nobody_ends_at_its_next_checkpoint(background: BackgroundWatch) -> None:
    fetches = Fetches(background, 2)
    fetches.gates[0].set()
    results = background.ahead(fetches.all())
    next(results)()
    assert fetches.began[1].wait(LONG)
    results.close()
    assert fetches.interrupted.wait(LONG)


def test_a_stopped_run_does_not_wait_for_the_file() -> None:
    background = BackgroundWatch(CountingWatch(stop_after=3))
    never = threading.Event()
    result = next(background.ahead([lambda: never.wait(LONG)]))
    with pytest.raises(RunInterrupted):
        result()
    never.set()


def test_progress_is_reported_only_while_the_file_is_waited_for(
    background: BackgroundWatch, watch: CountingWatch
) -> None:
    used, ended = threading.Event(), threading.Event()

    def while_another_is_used() -> None:
        used.wait(LONG)
        background.progress(RunPhase.DOWNLOADING, 1, None)
        ended.set()

    def until_reported() -> None:
        while not watch.reported:
            background.progress(RunPhase.DOWNLOADING, 2, None)

    results = background.ahead([lambda: None, while_another_is_used, until_reported])
    next(results)()
    used.set()
    assert ended.wait(LONG)
    assert not watch.reported
    for result in results:
        result()
    assert [done for _, _, done, _ in watch.reported] == [2]


def test_trouble_is_reported_at_once(background: BackgroundWatch, watch: CountingWatch) -> None:
    background.trouble("NVD does not answer.")
    assert watch.troubles == ["NVD does not answer."]
