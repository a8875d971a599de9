"""Stop requests and progress of a running task."""

from __future__ import annotations

import json

import pytest

from backend.contract.errors import OpenThreatError, RunCancelled, RunInterrupted, RunLost, TimeLimitExceeded
from backend.contract.names import Source
from backend.contract.tasks import Progress, ProgressUnit, RunPhase
from backend.store.repositories.runs import Lease
from backend.worker.process import StopRequest
from backend.worker.runs.checkpoint import RunContext


@pytest.fixture
def context() -> RunContext:
    return RunContext(Lease("id", 1, "slow@a:1"), StopRequest())


def run_for(context: RunContext, seconds: int) -> None:
    for second in range(seconds + 1):
        context.tick(float(second))


def test_a_run_that_nobody_minds_goes_on(context: RunContext) -> None:
    run_for(context, 3300)
    context.checkpoint()


def test_ends_after_its_soft_limit(context: RunContext) -> None:
    run_for(context, 3301)
    with pytest.raises(TimeLimitExceeded, match="55 minutes"):
        context.checkpoint()


def test_the_machines_sleep_does_not_count_towards_the_limit(context: RunContext) -> None:
    context.tick(0.0)
    context.tick(20000.0)
    assert context.age == 10.0
    context.checkpoint()


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (RunContext.cancel, RunCancelled),
        (RunContext.mark_lost, RunLost),
        (lambda context: context.stopping.set(), RunInterrupted),
    ],
)
def test_orders_arrive_at_the_next_checkpoint_and_in_the_middle_of_a_sleep(
    context: RunContext, order: object, error: type[OpenThreatError]
) -> None:
    assert callable(order)
    order(context)
    with pytest.raises(error):
        context.checkpoint()
    with pytest.raises(error):
        context.sleep(3600)


def test_a_lost_run_is_lost_before_it_is_anything_else(context: RunContext) -> None:
    context.cancel()
    context.stopping.set()
    context.mark_lost()
    with pytest.raises(RunLost):
        context.checkpoint()


def test_tells_news_once_and_again_when_it_was_not_received(context: RunContext) -> None:
    assert context.unsent() == (0, None)
    context.progress(RunPhase.READING, 5, 10)
    version, progress = context.unsent()
    assert progress is not None
    assert context.unsent() == (version, progress), "not received yet"
    context.mark_sent(version)
    assert context.unsent()[1] is None


def test_what_it_tells_is_what_the_api_reads(context: RunContext) -> None:
    context.begin_step(2, 6)
    context.progress(RunPhase.DOWNLOADING, 5, 10, "NVD", ProgressUnit.BYTES)
    context.source(Source.NVD, state="running", seen=5)
    context.source(Source.NVD, state="ok", seen=10)
    progress = Progress.model_validate(json.loads(context.encoded()))
    assert progress.sources[Source.NVD].state == "ok"
    assert progress.model_copy(update={"sources": {}}) == Progress(
        phase=RunPhase.DOWNLOADING, step=2, steps=6, unit=ProgressUnit.BYTES, done=5, total=10, message="NVD"
    )


def test_facts_that_are_no_json_fail_in_the_task_that_tells_them(context: RunContext) -> None:
    with pytest.raises(TypeError):
        context.source(Source.NVD, connector=object())
