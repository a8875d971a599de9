"""Enqueueing of runs: one update at a time, and no run is lost while the broker is unavailable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from backend.contract.errors import NotFound
from backend.contract.names import RunState, TaskName, Trigger
from backend.store.engine import Database
from backend.store.repositories.runs import RunRepository
from tests.contract.runs.conftest import Ledger


def test_ten_callers_at_once_make_one_update_and_all_get_its_id(ledger: Ledger) -> None:
    callers = Barrier(10)

    def enqueue(number: int) -> tuple[str, bool]:
        callers.wait()
        enqueued = ledger.queue.enqueue([TaskName.UPDATE, TaskName.MANUAL_UPDATE][number % 2], Trigger.API)
        return enqueued.task_id, enqueued.already_running

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(enqueue, range(10)))
    assert len({task_id for task_id, _ in answers}) == 1
    assert sorted(already for _, already in answers) == [False] + [True] * 9
    assert ledger.broker.messages == [answers[0][0]]


def test_ten_callers_from_connections_of_their_own_make_one_update(ledger: Ledger, database_url: str) -> None:
    """Other processes have other connection pools."""
    databases = [Database(database_url) for _ in range(4)]
    callers = Barrier(4)

    def enqueue(database: Database) -> str:
        callers.wait()
        return Ledger(database, ledger.broker).enqueue_run(TaskName.UPDATE)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(enqueue, databases))) == 1
    for database in databases:
        database.close()


def test_an_update_beside_another_is_told_until_that_one_is_over(ledger: Ledger) -> None:
    first = ledger.enqueue_run(TaskName.UPDATE)
    assert ledger.enqueue_run(TaskName.MANUAL_UPDATE) == first
    ledger.queue.cancel(first)
    assert ledger.enqueue_run(TaskName.MANUAL_UPDATE) != first


def test_other_tasks_do_not_exclude_each_other(ledger: Ledger) -> None:
    assert (
        len({ledger.enqueue_run(TaskName.UPDATE_STATS) for _ in range(3)} | {ledger.enqueue_run(TaskName.UPDATE)}) == 4
    )


def test_a_run_asked_for_without_a_broker_is_known_until_the_broker_is(ledger: Ledger) -> None:
    ledger.broker.away = True
    task_id = ledger.enqueue_run()
    assert ledger.run(task_id).published_at is None
    ledger.broker.away = False
    ledger.queue.publish(ledger.run(task_id))
    assert ledger.broker.messages == [task_id]
    assert ledger.run(task_id).published_at is not None


def test_the_message_goes_out_after_the_row_is_there(ledger: Ledger) -> None:
    seen: list[RunState] = []

    def publish(task_id: str, name: str, queue: str) -> None:
        seen.append(ledger.run(task_id).state)

    ledger.broker.publish = publish  # type: ignore[method-assign]
    ledger.enqueue_run()
    assert seen == [RunState.PENDING]


def test_a_worker_faster_than_the_publisher_does_no_harm(ledger: Ledger) -> None:
    def publish(task_id: str, name: str, queue: str) -> None:
        with ledger.database.transaction() as connection:
            assert RunRepository(connection).claim(task_id, "fast@a:1", ledger.now)

    ledger.broker.publish = publish  # type: ignore[method-assign]
    assert ledger.run(ledger.enqueue_run()).state is RunState.STARTED


def test_says_that_it_does_not_know_an_id(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        ledger.queue.cancel("nonsense")


def test_a_run_that_the_broker_missed_is_sent_by_the_next_request_for_the_same_work(ledger: Ledger) -> None:
    """No beat may be there to do it."""
    ledger.broker.away = True
    first = ledger.queue.enqueue(TaskName.UPDATE, Trigger.FIRST_START)
    ledger.broker.away = False
    for _ in range(2):
        ledger.pass_time(seconds=10)
        again = ledger.queue.enqueue(TaskName.UPDATE, Trigger.API)
        assert (again.task_id, again.already_running) == (first.task_id, True)
        assert ledger.broker.messages == [first.task_id]
