"""Rounds of beat on every database, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from backend.contract.names import Role, RunState, TaskName, Trigger, queue_on
from backend.contract.schedule import PauseWanted
from backend.domain.schedule import ScheduleEntry
from backend.services.runs.queue import add_run, new_run_on
from backend.services.runs.schedule import pause, resume
from backend.store.engine import Database
from backend.store.repositories.runs import MOST_INTERRUPTIONS, RunOutcome, RunRepository, StoredRun
from backend.store.repositories.schedule import ScheduleRepository
from backend.store.repositories.workers import WorkerRepository, WorkerRow
from backend.worker.beat.resume_from_sleep import NETWORK_TIMEOUT_S
from backend.worker.beat.rounds import Beat, BeatIntervals
from backend.worker.runs.heartbeat import this_process
from tests.contract.runs.conftest import START, Ledger

STATS = ScheduleEntry("stats", str(TaskName.UPDATE_STATS), "*/15 * * * *")
UPDATES = ScheduleEntry("updates", str(TaskName.UPDATE), "0 */2 * * *")


class Rounds:
    """A beat whose clock moves only when the test advances it."""

    def __init__(self, ledger: Ledger, defaults: Sequence[ScheduleEntry] = (STATS,), zone: tzinfo = UTC) -> None:
        self.ledger, self.monotonic, self.zone, self.network_up = ledger, 0.0, zone, True
        self.beat = Beat(
            ledger.database,
            ledger.queue,
            defaults,
            lambda _: None,
            clock=lambda: ledger.now,
            monotonic=lambda: self.monotonic,
            zone=lambda: self.zone,
            network=lambda: self.network_up,
        )

    def turn(self, seconds: float = 1.0) -> None:
        self.ledger.pass_time(seconds=seconds)
        self.monotonic += seconds
        self.beat.round()

    def turn_for(self, seconds: int) -> None:
        for _ in range(0, seconds, 2):
            self.turn(2)


@pytest.fixture
def begin(ledger: Ledger) -> Iterator[Callable[..., Rounds]]:
    """Start beats, and stop them at the end of the test."""
    begun: list[Rounds] = []

    def begin(defaults: Sequence[ScheduleEntry] = (STATS,), *, filled: bool = True, zone: tzinfo = UTC) -> Rounds:
        if filled:
            seeded_with_data(ledger)
        begun.append(Rounds(ledger, defaults, zone))
        return begun[-1]

    yield begin
    for rounds in begun:
        rounds.beat.stop()


@pytest.fixture
def rounds(begin: Callable[..., Rounds]) -> Rounds:
    return begin()


def seeded_with_data(ledger: Ledger) -> None:
    hold_id = ledger.enqueue_run(TaskName.UPDATE)
    with ledger.database.transaction() as connection:
        runs = RunRepository(connection)
        hold = runs.claim(hold_id, "slow@a:1", ledger.now)
        assert hold is not None
        runs.finish(hold, RunOutcome(RunState.SUCCESS), ledger.now)
    ledger.broker.messages.clear()


def scheduled(ledger: Ledger) -> list[StoredRun]:
    with ledger.database.reading() as connection:
        runs, _ = RunRepository(connection).history(limit=500)
    return [run for run in reversed(runs) if run.trigger is not Trigger.API]


def entry(database: Database, name: str) -> ScheduleEntry:
    with database.reading() as connection:
        found = ScheduleRepository(connection).get(name)
    assert found is not None
    return found


def end_all(ledger: Ledger) -> None:
    for run in scheduled(ledger):
        ledger.queue.cancel(run.task_id)


def test_an_empty_database_fills_itself_once(ledger: Ledger, begin: Callable[..., Rounds]) -> None:
    rounds = begin([STATS, UPDATES], filled=False)
    rounds.turn()
    rounds.turn()
    assert [(run.name, run.trigger) for run in scheduled(ledger)] == [(str(TaskName.UPDATE), Trigger.FIRST_START)]
    assert ledger.broker.messages == [scheduled(ledger)[0].task_id]


def test_a_filled_database_waits_for_its_schedule(rounds: Rounds) -> None:
    rounds.turn()
    assert scheduled(rounds.ledger) == []
    assert entry(rounds.ledger.database, "stats").next_run_at == datetime(2026, 6, 1, 8, 45, tzinfo=UTC)


def test_asks_for_what_is_due_and_notes_it(rounds: Rounds) -> None:
    rounds.turn()
    rounds.turn(15 * 60)
    (run,) = scheduled(rounds.ledger)
    stats = entry(rounds.ledger.database, "stats")
    assert (run.trigger, stats.last_task_id, stats.last_run_at) == (Trigger.SCHEDULE, run.task_id, rounds.ledger.now)
    assert rounds.ledger.broker.messages == [run.task_id]


def test_two_beats_make_one_run(rounds: Rounds, begin: Callable[..., Rounds]) -> None:
    twin = begin(filled=False)
    rounds.turn()
    twin.turn(0)
    with rounds.ledger.database.reading() as connection:
        seen = ScheduleRepository(connection).all()
    rounds.ledger.pass_time(minutes=16)
    for beat in (rounds.beat, twin.beat):
        beat._enqueue(seen[0], rounds.ledger.now, None)
    assert len(scheduled(rounds.ledger)) == 1


def test_makes_up_once_for_a_night(rounds: Rounds) -> None:
    rounds.turn()
    rounds.turn(10 * 3600)
    rounds.turn()
    assert len(scheduled(rounds.ledger)) == 1


def test_skips_an_entry_whose_last_run_is_not_over(rounds: Rounds) -> None:
    rounds.turn()
    rounds.turn(15 * 60)
    rounds.turn(15 * 60)
    assert len(scheduled(rounds.ledger)) == 1
    end_all(rounds.ledger)
    rounds.turn(15 * 60)
    assert len(scheduled(rounds.ledger)) == 2


def test_skips_an_update_beside_one_that_a_person_asked_for(ledger: Ledger, begin: Callable[..., Rounds]) -> None:
    rounds = begin([UPDATES])
    rounds.turn()
    task_id = ledger.enqueue_run(TaskName.MANUAL_UPDATE)
    rounds.turn(2 * 3600)
    assert scheduled(ledger) == []
    assert ledger.run(task_id).state is RunState.PENDING
    assert entry(ledger.database, "updates").last_run_at is None


def test_sees_an_edit_at_the_next_round(rounds: Rounds) -> None:
    rounds.turn()
    with rounds.ledger.database.transaction() as connection:
        ScheduleRepository(connection).edit("stats", cron="* * * * *", enabled=True, edited=True, next_run_at=None)
    rounds.turn()
    rounds.turn(60)
    assert len(scheduled(rounds.ledger)) == 1


def test_new_defaults_reach_unedited_entries_and_removed_ones_go(ledger: Ledger) -> None:
    with ledger.database.transaction() as connection:
        schedule = ScheduleRepository(connection)
        schedule.seed([STATS, UPDATES, replace(STATS, name="old")])
        schedule.edit("updates", cron="0 5 * * *", enabled=False, edited=True, next_run_at=None)
        schedule.seed([replace(STATS, cron="*/5 * * * *"), replace(UPDATES, cron="0 */3 * * *")])
        stored = {found.name: (found.cron, found.enabled) for found in schedule.all()}
    assert stored == {"stats": ("*/5 * * * *", True), "updates": ("0 5 * * *", False)}


def test_a_line_that_cannot_be_read_is_told_once_and_stops_nothing(
    ledger: Ledger, begin: Callable[..., Rounds], caplog: pytest.LogCaptureFixture
) -> None:
    rounds = begin([replace(STATS, name="bad", cron="nonsense"), STATS])
    rounds.turn()
    rounds.turn(15 * 60)
    assert len(scheduled(ledger)) == 1
    assert len([record for record in caplog.records if "is invalid" in record.message]) == 1


def test_a_broker_that_is_away_is_told_once_and_everything_sent_when_it_is_back(
    rounds: Rounds, caplog: pytest.LogCaptureFixture
) -> None:
    rounds.turn()
    rounds.ledger.broker.away = True
    caplog.clear()
    rounds.turn(15 * 60)
    for _ in range(10):
        rounds.turn()
    assert len([record for record in caplog.records if "broker" in record.message]) == 1
    rounds.ledger.broker.away = False
    rounds.turn(BeatIntervals().healing)
    assert rounds.ledger.broker.messages == [scheduled(rounds.ledger)[0].task_id]


def test_asks_for_nothing_while_paused_and_afterwards_once(rounds: Rounds) -> None:
    rounds.turn()
    with rounds.ledger.database.transaction() as connection:
        pause(connection, PauseWanted(), rounds.ledger.now)
    for _ in range(10):
        rounds.turn(15 * 60)
    assert scheduled(rounds.ledger) == []
    with rounds.ledger.database.transaction() as connection:
        resume(connection)
    rounds.turn()
    rounds.turn()
    assert len(scheduled(rounds.ledger)) == 1


def test_an_empty_database_is_not_filled_while_paused(ledger: Ledger, begin: Callable[..., Rounds]) -> None:
    with ledger.database.transaction() as connection:
        pause(connection, PauseWanted(), ledger.now)
    begin([UPDATES], filled=False).turn()
    assert scheduled(ledger) == []


def test_goes_on_by_itself_when_the_pause_is_over(rounds: Rounds) -> None:
    rounds.turn()
    with rounds.ledger.database.transaction() as connection:
        pause(connection, PauseWanted(until=rounds.ledger.now + timedelta(hours=1)), rounds.ledger.now)
    rounds.turn(3599)
    assert scheduled(rounds.ledger) == []
    rounds.turn(1)
    assert len(scheduled(rounds.ledger)) == 1


def test_an_edit_during_a_pause_is_planned_but_not_run(rounds: Rounds) -> None:
    rounds.turn()
    with rounds.ledger.database.transaction() as connection:
        pause(connection, PauseWanted(), rounds.ledger.now)
        ScheduleRepository(connection).edit("stats", cron="* * * * *", enabled=True, edited=True, next_run_at=None)
    rounds.turn()
    assert entry(rounds.ledger.database, "stats").next_run_at is not None
    rounds.turn(120)
    assert scheduled(rounds.ledger) == []


def test_after_sleep_updates_wait_for_the_network_and_nothing_else_does(
    ledger: Ledger, begin: Callable[..., Rounds]
) -> None:
    rounds = begin([STATS, UPDATES])
    rounds.turn()
    rounds.network_up = False
    rounds.turn(5 * 3600)
    assert [run.name for run in scheduled(ledger)] == [TaskName.UPDATE_STATS]
    rounds.turn()
    rounds.network_up = True
    for _ in range(5):
        rounds.turn()
    assert [run.name for run in scheduled(ledger)] == [TaskName.UPDATE_STATS, TaskName.UPDATE]


def test_after_sleep_updates_wait_no_longer_than_two_minutes(ledger: Ledger, begin: Callable[..., Rounds]) -> None:
    rounds = begin([UPDATES])
    rounds.turn()
    rounds.network_up = False
    rounds.turn(5 * 3600)
    rounds.turn_for(int(NETWORK_TIMEOUT_S) - 2)
    assert scheduled(ledger) == []
    rounds.turn(2)
    assert [run.name for run in scheduled(ledger)] == [TaskName.UPDATE]


@pytest.mark.parametrize(
    ("jump", "runs", "next_at"),
    [
        pytest.param(timedelta(hours=5), 2, "2026-06-01T14:00Z", id="five hours of sleep"),
        pytest.param(timedelta(hours=-2), 0, "2026-06-01T08:00Z", id="the clock is set back by two hours"),
    ],
)
def test_a_jump_of_the_clock_makes_each_entry_run_at_most_once(
    ledger: Ledger, begin: Callable[..., Rounds], jump: timedelta, runs: int, next_at: str
) -> None:
    rounds = begin([STATS, UPDATES])
    rounds.turn()
    ledger.now += jump
    for _ in range(60):
        rounds.turn()
    assert len(scheduled(ledger)) == runs
    assert entry(ledger.database, "updates").next_run_at == datetime.fromisoformat(next_at)


@pytest.mark.parametrize(
    ("before", "after", "next_at"),
    [
        pytest.param("2026-03-28T23:30Z", "2026-03-29T04:30Z", "2026-03-29T06:00Z", id="spring"),
        pytest.param("2026-10-24T22:30Z", "2026-10-25T04:30Z", "2026-10-25T05:00Z", id="autumn"),
    ],
)
def test_a_night_in_which_the_clocks_change_is_slept_through_without_harm(
    ledger: Ledger, begin: Callable[..., Rounds], before: str, after: str, next_at: str
) -> None:
    ledger.now = datetime.fromisoformat(before)
    rounds = begin([STATS, UPDATES], zone=ZoneInfo("Europe/Berlin"))
    rounds.turn()
    ledger.now = datetime.fromisoformat(after)
    for _ in range(60):
        rounds.turn()
    assert len(scheduled(ledger)) == 2
    assert entry(ledger.database, "updates").next_run_at == datetime.fromisoformat(next_at)


def worker_row(name: str, *, beats: int = 1, host: str = "elsewhere", pid: int = 1) -> WorkerRow:
    return WorkerRow(name, Role.WORKER, host, pid, 0.0, ("slow", "fast"), (), "0", START, START, beats)


def put(database: Database, row: WorkerRow) -> None:
    with database.transaction() as connection:
        WorkerRepository(connection).put(row)


def started(ledger: Ledger, worker: str) -> str:
    task_id = ledger.enqueue_run()
    with ledger.database.transaction() as connection:
        assert RunRepository(connection).claim(task_id, worker, ledger.now)
    return task_id


def test_the_run_of_a_silent_worker_is_published_again_until_it_has_cost_too_many(rounds: Rounds) -> None:
    put(rounds.ledger.database, worker_row("slow@elsewhere:1"))
    task_id = started(rounds.ledger, "slow@elsewhere:1")
    rounds.turn_for(28)
    assert rounds.ledger.run(task_id).state is RunState.STARTED
    rounds.turn_for(6)
    assert rounds.ledger.run(task_id).state is RunState.RETRY
    assert rounds.ledger.broker.messages == [task_id, task_id]
    for number in range(2, MOST_INTERRUPTIONS + 1):
        with rounds.ledger.database.transaction() as connection:
            assert WorkerRepository(connection).all(Role.WORKER) == []
            assert RunRepository(connection).claim(task_id, f"slow@elsewhere:{number}", rounds.ledger.now)
        rounds.turn_for(12)
    assert rounds.ledger.run(task_id).state is RunState.FAILURE


def test_the_run_of_a_worker_that_lives_is_left_alone(rounds: Rounds) -> None:
    task_id = started(rounds.ledger, "slow@elsewhere:1")
    for second in range(0, 120, 2):
        put(rounds.ledger.database, worker_row("slow@elsewhere:1", beats=second))
        rounds.turn(2)
    assert rounds.ledger.run(task_id).state is RunState.STARTED


def test_a_process_of_this_machine_that_is_gone_is_dead_within_seconds(rounds: Rounds) -> None:
    me = this_process(["slow"])
    put(rounds.ledger.database, worker_row("slow@here:1", host=me.host, pid=me.pid))  # same pid, other start time
    task_id = started(rounds.ledger, "slow@here:1")
    rounds.turn_for(10)
    assert rounds.ledger.run(task_id).state is RunState.RETRY


def test_a_message_nobody_takes_is_published_again(rounds: Rounds) -> None:
    task_id = rounds.ledger.enqueue_run()
    for second in range(0, 50, 2):
        put(rounds.ledger.database, worker_row("fast@elsewhere:1", beats=second))
        rounds.turn(2)
    assert rounds.ledger.broker.messages == [task_id]
    for second in range(50, 70, 2):
        put(rounds.ledger.database, worker_row("fast@elsewhere:1", beats=second))
        rounds.turn(2)
    assert rounds.ledger.broker.messages == [task_id, task_id]


def waits_for(ledger: Ledger, machine_id: str) -> str:
    """A run that only the workers of one PC take."""
    with ledger.database.transaction() as connection:
        return add_run(connection, new_run_on(machine_id, TaskName.TEST, Trigger.SCHEDULE, ledger.now)).task_id


def test_a_run_for_a_pc_that_is_away_is_revoked(rounds: Rounds) -> None:
    put(rounds.ledger.database, worker_row("fast@elsewhere:1"))
    task_id, shared = waits_for(rounds.ledger, "a-pc"), rounds.ledger.enqueue_run()
    rounds.turn_for(9 * 60)
    assert rounds.ledger.run(task_id).state is RunState.PENDING
    rounds.turn_for(2 * 60)
    assert rounds.ledger.run(task_id).state is RunState.REVOKED
    assert rounds.ledger.run(shared).state is RunState.PENDING


def test_a_run_for_a_pc_whose_worker_is_there_waits_and_is_published_again(rounds: Rounds) -> None:
    task_id, other = waits_for(rounds.ledger, "a-pc"), worker_row("fast@elsewhere:2")
    here = replace(worker_row("fast@elsewhere:1"), queues=("fast", queue_on("a-pc")), current_task_id="another")
    for second in range(0, 11 * 60, 2):
        put(rounds.ledger.database, replace(here, beats=second))
        put(rounds.ledger.database, replace(other, beats=second))
        rounds.turn(2)
    assert rounds.ledger.run(task_id).state is RunState.PENDING
    assert rounds.ledger.broker.messages == [task_id], "its worker is busy, and that of another PC does not count"
    for second in range(0, 70, 2):
        put(rounds.ledger.database, replace(here, beats=1000 + second, current_task_id=None))
        rounds.turn(2)
    assert rounds.ledger.broker.messages == [task_id, task_id]


def test_a_run_past_the_hard_limit_fails(rounds: Rounds) -> None:
    task_id = started(rounds.ledger, "slow@elsewhere:1")
    for second in range(0, 3700, 10):
        put(rounds.ledger.database, worker_row("slow@elsewhere:1", beats=second))
        rounds.turn(10)
    assert rounds.ledger.run(task_id).error_title == "Stopped after the hard time limit"
