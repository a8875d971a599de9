"""The heartbeat: its row, requests to cancel, and runs past the hard limit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.contract.errors import RunCancelled, RunLost
from backend.contract.names import Role
from backend.contract.tasks import Progress, RunPhase
from backend.store.repositories.runs import Lease, RunRepository
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from backend.worker.process import StopRequest
from backend.worker.runs.checkpoint import RunContext
from backend.worker.runs.heartbeat import Heartbeat, this_process
from backend.worker.runs.runtime import initial_row
from tests.contract.runs.conftest import Ledger
from tests.servers import wait_until

ME = this_process(["slow"])


@pytest.fixture
def heartbeat(ledger: Ledger) -> Iterator[Heartbeat]:
    heartbeat = Heartbeat(ledger.database, initial_row(ME, Role.WORKER, ["slow"]), overdue=lambda _: None)
    yield heartbeat
    heartbeat.stop()


def row(ledger: Ledger) -> WorkerRow:
    with ledger.database.reading() as connection:
        (found,) = WorkerRepository(connection).all()
    return found


def begin(ledger: Ledger, heartbeat: Heartbeat) -> RunContext:
    task_id = ledger.enqueue_run()
    with ledger.database.transaction() as connection:
        hold = RunRepository(connection).claim(task_id, ME.name, ledger.now)
    assert hold is not None
    context = RunContext(hold, StopRequest())
    heartbeat.begin(context, "a task", ledger.now)
    return context


def test_writes_one_row_that_counts_its_beats(ledger: Ledger, heartbeat: Heartbeat) -> None:
    assert heartbeat.beat()
    assert heartbeat.beat()
    found = row(ledger)
    assert (found.name, found.beats, found.queues, found.current_task_id) == (ME.name, 2, ("slow",), None)
    assert (found.memory_bytes or 0) > 2**20


def test_names_the_run_while_it_lasts_and_counts_it_afterwards(ledger: Ledger, heartbeat: Heartbeat) -> None:
    context = begin(ledger, heartbeat)
    heartbeat.beat()
    assert row(ledger).current_task_id == context.id
    heartbeat.end(failed=True)
    heartbeat.beat()
    found = row(ledger)
    assert (found.current_task_id, found.tasks_done, found.tasks_failed) == (None, 1, 1)


def test_tells_of_a_run_as_soon_as_it_begins_and_ends(
    ledger: Ledger, heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.worker.runs.heartbeat.IDLE_INTERVAL", 3600)
    monkeypatch.setattr("backend.worker.runs.heartbeat.BUSY_INTERVAL", 3600)
    heartbeat.beat()
    heartbeat.start()
    context = begin(ledger, heartbeat)
    wait_until(lambda: row(ledger).current_task_id == context.id, "the row names the run")
    heartbeat.end(failed=False)
    wait_until(lambda: row(ledger).current_task_id is None, "the row names no run")


def test_takes_the_progress_along_and_brings_the_cancel_back(ledger: Ledger, heartbeat: Heartbeat) -> None:
    context = begin(ledger, heartbeat)
    context.begin_step(2, 6)
    context.progress(RunPhase.READING, 3, 4, "NVD 2024")
    heartbeat.beat()
    assert Progress.model_validate_json(ledger.run(context.id).progress or "") == Progress(
        phase=RunPhase.READING, step=2, steps=6, done=3, total=4, message="NVD 2024"
    )
    context.checkpoint()
    ledger.queue.cancel(context.id)
    heartbeat.beat()
    with pytest.raises(RunCancelled):
        context.checkpoint()


def test_tells_a_run_that_it_was_taken_over(ledger: Ledger, heartbeat: Heartbeat) -> None:
    context = begin(ledger, heartbeat)
    with ledger.database.transaction() as connection:
        RunRepository(connection).interrupt(context.lease, ledger.now)
    heartbeat.beat()
    with pytest.raises(RunLost):
        context.checkpoint()


def test_a_writing_transaction_of_a_run_that_was_taken_over_is_refused(ledger: Ledger) -> None:
    context = RunContext(Lease("some run", 1, ME.name), StopRequest())
    with pytest.raises(RunLost), ledger.database.transaction() as connection:
        context.fence(connection)


def test_ends_a_run_that_ignores_its_limits(ledger: Ledger) -> None:
    overdue: list[str] = []
    heartbeat = Heartbeat(
        ledger.database,
        initial_row(ME, Role.WORKER),
        overdue=lambda context: overdue.append(context.id),
        hard_limit=-1,
    )
    context = begin(ledger, heartbeat)
    heartbeat.start()
    wait_until(lambda: bool(overdue), "the heartbeat sees that the run is overdue")
    heartbeat.stop()
    assert overdue[0] == context.id
