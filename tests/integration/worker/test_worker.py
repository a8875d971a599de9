"""Messages of a worker that runs, dies or is stopped."""

from __future__ import annotations

import json
import os
import signal

import pytest

from backend.contract.names import RECYCLED, RunState, TaskName
from backend.store.repositories.runs import MOST_INTERRUPTIONS
from tests.integration.worker.conftest import HAS_EVENT_LOOP, Stage, every_transport, kill
from tests.servers import wait_until


@every_transport
def test_a_task_runs_and_its_message_is_enough_once(stage: Stage, request: pytest.FixtureRequest) -> None:
    stage.worker()
    stage.beat()
    task_id = stage.enqueue("tests.short")
    run = stage.result(task_id)
    assert run.state is RunState.SUCCESS
    in_loop = HAS_EVENT_LOOP and request.node.name.endswith("[redis]")
    assert json.loads(run.result or "")["event_loop"] is in_loop
    for _ in range(2):  # duplicate messages
        stage.send(task_id)
    assert stage.result(stage.enqueue("tests.short")).state is RunState.SUCCESS
    assert stage.played("short", task_id) == 1
    result = stage.celery_result(task_id)
    assert isinstance(result, dict)
    assert result["played"] == 1


def test_a_run_during_which_every_worker_is_killed_fails_in_the_end(stage: Stage) -> None:
    stage.beat()
    task_id = stage.enqueue("tests.long")
    for times in range(1, MOST_INTERRUPTIONS + 1):
        worker = stage.worker()
        stage.begun(task_id, times=times)
        kill(worker)
    run = stage.result(task_id)
    assert (run.state, run.error_title, run.attempt) == (
        RunState.FAILURE,
        "Interrupted too often",
        MOST_INTERRUPTIONS,
    )


@every_transport
def test_a_run_repeated_after_a_kill_ends_well(stage: Stage) -> None:
    stage.beat()
    first = stage.worker()
    task_id = stage.enqueue("tests.long")
    stage.begun(task_id)
    kill(first)
    stage.worker()
    stage.begun(task_id, times=2)
    stage.finish()
    run = stage.result(task_id)
    assert (run.state, run.attempt, run.interruptions) == (RunState.SUCCESS, 2, 1)
    assert stage.played("ended", task_id) == 1


@every_transport
def test_a_stop_on_standard_input_puts_the_run_back(stage: Stage) -> None:
    stage.beat()
    worker = stage.worker()
    task_id = stage.enqueue("tests.long")
    stage.begun(task_id)
    assert worker.stdin
    worker.stdin.write("stop\n")
    worker.stdin.flush()
    assert worker.wait(30) == 0
    run = stage.run(task_id)
    assert run is not None
    assert (run.state, run.interruptions) == (RunState.PENDING, 0)
    assert not [row for row in stage.rows() if row.pid == worker.pid]
    stage.worker()
    stage.begun(task_id, times=2)
    stage.finish()
    assert stage.result(task_id).state is RunState.SUCCESS


def test_a_worker_ends_with_its_supervisor(embedded: Stage) -> None:
    worker = embedded.worker()
    assert worker.stdin
    worker.stdin.close()
    assert worker.wait(30) == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_signal_puts_the_run_back(embedded: Stage, number: str) -> None:
    embedded.beat()
    worker = embedded.worker()
    task_id = embedded.enqueue("tests.long")
    embedded.begun(task_id)
    worker.send_signal(signal.Signals[number])
    assert worker.wait(30) == 0
    run = embedded.run(task_id)
    assert run is not None
    assert (run.state, run.interruptions) == (RunState.PENDING, 0)


def test_beat_ends_when_it_is_asked_and_takes_its_row_along(embedded: Stage) -> None:
    beat = embedded.beat()
    wait_until(lambda: any(row.pid == beat.pid for row in embedded.rows()), "beat is registered", 60)
    assert beat.stdin
    beat.stdin.write("stop\n")
    beat.stdin.flush()
    assert beat.wait(30) == 0
    assert not embedded.rows()


def test_a_cancelled_run_stops_and_is_revoked(stage: Stage) -> None:
    stage.beat()
    stage.worker()
    task_id = stage.enqueue("tests.long")
    stage.begun(task_id)
    stage.cancel(task_id)
    run = stage.result(task_id)
    assert run.state is RunState.REVOKED
    assert json.loads(run.progress or "")["phase"] == "test"
    assert stage.result(stage.enqueue("tests.short")).state is RunState.SUCCESS, "the worker goes on"


def test_a_run_ends_at_its_soft_limit(embedded: Stage) -> None:
    embedded.beat()
    embedded.worker()
    run = embedded.result(embedded.enqueue("tests.slow_coach"))
    assert (run.state, run.error_title) == (RunState.FAILURE, "Time limit exceeded")


def test_a_failed_task_fails_with_title_message_and_hint_and_without_secrets(embedded: Stage) -> None:
    embedded.beat()
    embedded.worker()
    refused, broken = embedded.enqueue("tests.refused"), embedded.enqueue("tests.broken")
    run = embedded.result(refused)
    assert (run.state, run.error_title, run.error_hint) == (RunState.FAILURE, "NVD refused", "Ask again later.")
    assert run.error_message == "It said no with the key ***."
    run = embedded.result(broken)
    assert (run.state, run.error_title) == (RunState.FAILURE, "The task failed unexpectedly")
    assert "ZeroDivisionError" in (run.traceback or "")
    assert "s3cret" not in f"{run.traceback}{run.error_message}"
    assert "s3cret" not in embedded.log.read_text(encoding="utf-8")


def test_the_heartbeat_goes_on_while_a_task_runs(stage: Stage) -> None:
    stage.beat()
    worker = stage.worker()
    task_id = stage.enqueue("tests.long")
    stage.begun(task_id)

    def row() -> tuple[int, str | None]:
        found = next(row for row in stage.rows() if row.pid == worker.pid)
        return found.beats, found.current_task_id

    wait_until(lambda: row()[1] == task_id, "the row names the run")
    before = row()[0]
    wait_until(lambda: row()[0] > before + 1, "heartbeats move")
    run = stage.run(task_id)
    assert run is not None
    assert json.loads(run.progress or "")["done"] > 0


def test_two_workers_share_the_work_and_do_nothing_twice(stage: Stage) -> None:
    stage.beat()
    stage.worker("slow")
    stage.worker("fast")
    update = stage.enqueue(TaskName.UPDATE)
    stage.begun(update)
    ids = [stage.enqueue("tests.short") for _ in range(6)]
    assert {stage.result(task_id).state for task_id in ids} == {RunState.SUCCESS}, "they do not queue behind the update"
    assert [stage.played("short", task_id) for task_id in ids] == [1] * 6
    stage.finish()
    assert stage.result(update).state is RunState.SUCCESS


@every_transport
def test_a_run_sent_by_another_celery_client_is_in_the_ledger(stage: Stage) -> None:
    stage.worker()
    task_id = stage.celery("call", "tests.short")
    run = stage.result(task_id)
    assert (run.state, run.trigger) == (RunState.SUCCESS, "foreign")


def test_a_foreign_update_beside_another_names_the_one_that_runs(embedded: Stage) -> None:
    embedded.beat()
    embedded.worker("slow")
    embedded.worker("fast")
    running = embedded.enqueue(TaskName.UPDATE)
    embedded.begun(running)
    foreign = embedded.celery("call", TaskName.MANUAL_UPDATE, "--queue", "fast")
    run = embedded.result(foreign)
    assert run.state is RunState.SUCCESS
    assert json.loads(run.result or "") == {"already_running": True, "task_id": running}
    assert embedded.played("begun", foreign) == 0


def test_a_supervised_worker_that_has_grown_is_recycled_after_its_task(embedded: Stage) -> None:
    embedded.beat()
    worker = embedded.worker(OPENTHREAT_TEST_GROWTH="1")
    task_id = embedded.enqueue("tests.short")
    assert worker.wait(60) == RECYCLED
    assert embedded.result(task_id).state is RunState.SUCCESS


def test_a_supervised_worker_is_recycled_after_its_share(embedded: Stage) -> None:
    embedded.beat()
    worker = embedded.worker(OPENTHREAT_TEST_RECYCLE="2")
    ids = [embedded.enqueue("tests.short") for _ in range(3)]
    assert worker.wait(60) == RECYCLED
    embedded.worker()
    assert {embedded.result(task_id).state for task_id in ids} == {RunState.SUCCESS}
    assert [embedded.played("short", task_id) for task_id in ids] == [1, 1, 1]
