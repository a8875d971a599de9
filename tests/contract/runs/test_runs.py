"""The states of a run in the ledger, on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.contract.names import RunState, TaskName, Trigger
from backend.store.repositories.runs import CANCELLED, MOST_INTERRUPTIONS, Lease, RunOutcome, RunRepository
from tests.contract.runs.conftest import START, Ledger

SUCCESS = RunOutcome(RunState.SUCCESS, result='{"done":1}')


def claim(ledger: Ledger, task_id: str, worker: str = "slow@a:1") -> Lease | None:
    with ledger.database.transaction() as connection:
        return RunRepository(connection).claim(task_id, worker, ledger.now)


def claimed(ledger: Ledger, name: TaskName = TaskName.TEST) -> Lease:
    hold = claim(ledger, ledger.enqueue_run(name))
    assert hold is not None
    return hold


def finish(ledger: Ledger, hold: Lease, ending: RunOutcome = SUCCESS) -> bool:
    with ledger.database.transaction() as connection:
        return RunRepository(connection).finish(hold, ending, ledger.now, '{"phase":"last"}')


def interrupt(ledger: Ledger, hold: Lease) -> RunState | None:
    with ledger.database.transaction() as connection:
        return RunRepository(connection).interrupt(hold, ledger.now)


def test_goes_from_pending_over_started_to_success(ledger: Ledger) -> None:
    task_id = ledger.enqueue_run(TaskName.UPDATE)
    assert (ledger.run(task_id).state, ledger.run(task_id).queue) == (RunState.PENDING, "slow")
    ledger.pass_time(seconds=1)
    hold = claim(ledger, task_id)
    assert hold is not None
    assert (ledger.run(task_id).state, ledger.run(task_id).worker) == (RunState.STARTED, "slow@a:1")
    ledger.pass_time(seconds=1)
    assert finish(ledger, hold)
    run = ledger.run(task_id)
    assert (run.state, run.result, run.progress, run.trigger) == (
        RunState.SUCCESS,
        '{"done":1}',
        '{"phase":"last"}',
        Trigger.API,
    )
    assert (run.queued_at, run.started_at, run.finished_at) == (
        START,
        START + timedelta(seconds=1),
        START + timedelta(seconds=2),
    )


def test_is_claimed_once_however_often_its_message_comes(ledger: Ledger) -> None:
    task_id = ledger.enqueue_run()
    assert claim(ledger, task_id) is not None
    assert claim(ledger, task_id, "fast@b:2") is None
    assert claim(ledger, "unknown") is None


def test_an_interrupted_run_is_repeated_and_fails_if_it_ends_every_worker(ledger: Ledger) -> None:
    hold = claimed(ledger)
    for attempt in range(2, MOST_INTERRUPTIONS + 1):
        assert interrupt(ledger, hold) is RunState.RETRY
        run = ledger.run(hold.task_id)
        assert (run.state, run.published_at, run.worker) == (RunState.RETRY, None, None)
        again = claim(ledger, hold.task_id, f"slow@b:{attempt}")
        assert again == Lease(hold.task_id, attempt, f"slow@b:{attempt}")
        hold = again
    assert interrupt(ledger, hold) is RunState.FAILURE
    assert ledger.run(hold.task_id).error_title == "Interrupted too often"


def test_a_run_put_back_is_not_punished(ledger: Ledger) -> None:
    task_id = ledger.enqueue_run()
    for _ in range(3):
        hold = claim(ledger, task_id)
        assert hold is not None
        with ledger.database.transaction() as connection:
            assert RunRepository(connection).put_back(hold, ledger.now) is RunState.PENDING
    assert ledger.run(task_id).interruptions == 0
    assert ledger.run(task_id).attempt == 3


def test_a_worker_declared_dead_changes_nothing_any_more(ledger: Ledger) -> None:
    ghost = claimed(ledger)
    interrupt(ledger, ghost)
    taken_over = claim(ledger, ghost.task_id, "slow@b:2")
    assert taken_over is not None
    before = ledger.run(ghost.task_id)
    with ledger.database.transaction() as connection:
        runs = RunRepository(connection)
        assert not runs.holds(ghost)
        assert runs.record_progress(ghost, '{"phase":"ghost"}') is None
        assert runs.put_back(ghost, ledger.now) is None
        assert runs.interrupt(ghost, ledger.now) is None
        assert not runs.finish(ghost, SUCCESS, ledger.now, '{"phase":"ghost"}')
        assert runs.holds(taken_over)
    assert ledger.run(ghost.task_id) == before


def test_a_waiting_run_is_revoked_at_once_and_never_claimed(ledger: Ledger) -> None:
    task_id = ledger.enqueue_run()
    assert ledger.queue.cancel(task_id) is RunState.REVOKED
    assert claim(ledger, task_id) is None


def test_a_started_run_learns_of_the_cancel_with_its_progress(ledger: Ledger) -> None:
    hold = claimed(ledger)
    with ledger.database.transaction() as connection:
        assert RunRepository(connection).record_progress(hold, None) is False
    assert ledger.queue.cancel(hold.task_id) is RunState.STARTED
    with ledger.database.transaction() as connection:
        assert RunRepository(connection).record_progress(hold, '{"phase":"x"}') is True
    assert finish(ledger, hold, CANCELLED)
    assert ledger.run(hold.task_id).state is RunState.REVOKED


@pytest.mark.parametrize("way_back", [RunRepository.interrupt, RunRepository.put_back])
def test_a_cancelled_run_whose_worker_goes_is_revoked_not_repeated(ledger: Ledger, way_back: object) -> None:
    assert callable(way_back)
    hold = claimed(ledger)
    ledger.queue.cancel(hold.task_id)
    with ledger.database.transaction() as connection:
        assert way_back(RunRepository(connection), hold, ledger.now) is RunState.REVOKED


def test_what_is_over_stays_over(ledger: Ledger) -> None:
    hold = claimed(ledger)
    finish(ledger, hold)
    assert ledger.queue.cancel(hold.task_id) is RunState.SUCCESS
    assert claim(ledger, hold.task_id) is None
    assert interrupt(ledger, hold) is None


def test_history_is_newest_first_and_can_be_narrowed(ledger: Ledger) -> None:
    ids = []
    for name in (TaskName.TEST, TaskName.CLEAN_CACHE, TaskName.TEST):
        ledger.pass_time(seconds=1)
        ids.append(ledger.enqueue_run(name))
    claim(ledger, ids[0])
    with ledger.database.reading() as connection:
        runs = RunRepository(connection)
        page, total = runs.history(limit=2)
        assert ([run.task_id for run in page], total) == ([ids[2], ids[1]], 3)
        assert [run.task_id for run in runs.history(offset=2)[0]] == [ids[0]]
        assert [run.task_id for run in runs.history(state=RunState.STARTED)[0]] == [ids[0]]
        assert [run.task_id for run in runs.history(name=TaskName.CLEAN_CACHE)[0]] == [ids[1]]


def test_only_finished_runs_expire(ledger: Ledger) -> None:
    over, running, waiting = claimed(ledger), claimed(ledger), ledger.enqueue_run()
    finish(ledger, over)
    ledger.pass_time(days=100)
    recent = claimed(ledger)
    finish(ledger, recent)
    with ledger.database.transaction() as connection:
        assert RunRepository(connection).expire(ledger.now - timedelta(days=90)) == 1
    with ledger.database.reading() as connection:
        left = {run.task_id for run in RunRepository(connection).history()[0]}
    assert left == {running.task_id, waiting, recent.task_id}


def test_a_database_counts_as_empty_until_an_update_succeeded(ledger: Ledger) -> None:
    def empty() -> bool:
        with ledger.database.reading() as connection:
            return RunRepository(connection).never_loaded()

    finish(ledger, claimed(ledger))
    assert empty()
    failed = claimed(ledger, TaskName.UPDATE)
    finish(ledger, failed, RunOutcome(RunState.FAILURE))
    assert empty()
    finish(ledger, claimed(ledger, TaskName.MANUAL_UPDATE))
    assert not empty()
