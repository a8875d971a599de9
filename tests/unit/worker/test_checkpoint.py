"""What a running task is told, and what it tells."""

from __future__ import annotations

import json

import pytest

from backend.contract.errors import OpenThreatError, RunCancelled, RunInterrupted, RunLost, TimeLimitExceeded
from backend.contract.names import Source
from backend.contract.tasks import Progress
from backend.store.repositories.runs import Lease
from backend.worker.process import Stopping
from backend.worker.runs.checkpoint import RunContext


@pytest.fixture
def watch() -> RunContext:
    return RunContext(Lease("id", 1, "slow@a:1"), Stopping())


def run_for(watch: RunContext, seconds: int) -> None:
    for second in range(seconds + 1):
        watch.tick(float(second))


def test_a_run_that_nobody_minds_goes_on(watch: RunContext) -> None:
    run_for(watch, 3300)
    watch.checkpoint()


def test_ends_after_its_soft_limit(watch: RunContext) -> None:
    run_for(watch, 3301)
    with pytest.raises(TimeLimitExceeded, match="55 minutes"):
        watch.checkpoint()


def test_the_machines_sleep_does_not_count_towards_the_limit(watch: RunContext) -> None:
    watch.tick(0.0)
    watch.tick(20000.0)
    assert watch.age == 10.0
    watch.checkpoint()


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (RunContext.cancel, RunCancelled),
        (RunContext.lose, RunLost),
        (lambda watch: watch.stopping.wish(), RunInterrupted),
    ],
)
def test_orders_arrive_at_the_next_checkpoint_and_in_the_middle_of_a_sleep(
    watch: RunContext, order: object, error: type[OpenThreatError]
) -> None:
    assert callable(order)
    order(watch)
    with pytest.raises(error):
        watch.checkpoint()
    with pytest.raises(error):
        watch.sleep(3600)


def test_a_lost_run_is_lost_before_it_is_anything_else(watch: RunContext) -> None:
    watch.cancel()
    watch.stopping.wish()
    watch.lose()
    with pytest.raises(RunLost):
        watch.checkpoint()


def test_tells_news_once_and_again_when_it_was_not_received(watch: RunContext) -> None:
    assert watch.news() == (0, None)
    watch.progress("NVD 2024", 5, 10)
    version, told = watch.news()
    assert told is not None
    assert watch.news() == (version, told), "not received yet"
    watch.told(version)
    assert watch.news()[1] is None


def test_what_it_tells_is_what_the_api_reads(watch: RunContext) -> None:
    watch.progress("NVD 2024", 5, 10, "five of ten")
    watch.source(Source.NVD, state="running", seen=5)
    watch.source(Source.NVD, state="ok", seen=10)
    progress = Progress.model_validate(json.loads(watch.last_word()))
    assert (progress.phase, progress.done, progress.total, progress.message) == ("NVD 2024", 5, 10, "five of ten")
    assert progress.sources[Source.NVD].state == "ok"


def test_facts_that_are_no_json_fail_in_the_task_that_tells_them(watch: RunContext) -> None:
    with pytest.raises(TypeError):
        watch.source(Source.NVD, connector=object())
