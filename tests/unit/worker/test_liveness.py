"""Detection of dead workers, overdue runs and lost messages in replayed histories."""

from __future__ import annotations

from collections.abc import Iterable

from backend.worker.runs.liveness import (
    DeadWorkerDetector,
    HeartbeatReading,
    LostMessageDetector,
    OverdueRunDetector,
    WaitingRun,
)


def dead_after(history: Iterable[tuple[float, list[HeartbeatReading]]]) -> set[str]:
    watch, dead = DeadWorkerDetector(), set[str]()
    for now, readings in history:
        dead = set(watch.dead(readings, now))
    return dead


def silent(seconds: int, *, ended: bool = False, start: float = 0.0) -> list[tuple[float, list[HeartbeatReading]]]:
    return [(start + second, [HeartbeatReading("slow@a:1", 7, ended)]) for second in range(0, seconds + 1, 2)]


def test_a_worker_whose_counter_moves_lives_however_long_it_is_watched() -> None:
    assert not dead_after((float(second), [HeartbeatReading("slow@a:1", second // 20)]) for second in range(0, 600, 2))


def test_a_worker_is_dead_after_thirty_silent_seconds_and_not_before() -> None:
    assert not dead_after(silent(28))
    assert dead_after(silent(30)) == {"slow@a:1"}


def test_a_worker_whose_process_is_gone_is_dead_sooner_but_not_at_once() -> None:
    assert not dead_after(silent(4, ended=True))
    assert dead_after(silent(6, ended=True)) == {"slow@a:1"}


def test_a_heartbeat_saves_a_worker_whose_process_seems_gone() -> None:
    """Its process may run in a container with the same host name, where this process cannot find it."""
    history = [(float(second), [HeartbeatReading("slow@a:1", second, ended=True)]) for second in range(60)]
    assert not dead_after(history)


def test_nobody_is_dead_because_the_database_was_away() -> None:
    before, after = silent(20), silent(28, start=500.0)
    assert not dead_after(before + after)
    assert dead_after(before + silent(30, start=500.0)) == {"slow@a:1"}


def test_each_worker_is_judged_by_its_own_silence() -> None:
    history = [(float(s), [HeartbeatReading("a", 1), HeartbeatReading("b", s)]) for s in range(31)]
    assert dead_after(history) == {"a"}


def test_a_run_is_overdue_after_its_limit_but_sleep_does_not_count() -> None:
    watch = OverdueRunDetector(limit=65)
    for second in range(0, 60, 5):
        assert not watch.overdue(["run"], 1000.0 + second)
    assert not watch.overdue(["run"], 9000.0), "the machine slept: only one step is added"
    assert watch.overdue(["run"], 9001.0) == {"run"}


def test_a_second_attempt_starts_with_a_fresh_limit() -> None:
    watch = OverdueRunDetector(limit=10)
    for second in range(12):
        overdue = watch.overdue([("run", 1)], float(second))
    assert overdue == {("run", 1)}
    assert not watch.overdue([("run", 2)], 12.0)


def lost_after(seconds: int, waiting: WaitingRun, idle: Iterable[set[str]]) -> set[str]:
    watch, lost = LostMessageDetector(), set[str]()
    for second, queues in zip(range(0, seconds + 1, 2), idle, strict=False):
        lost = set(watch.lost([waiting], queues, float(second)))
    return lost


def test_a_message_that_an_idle_worker_does_not_take_for_a_minute_is_lost() -> None:
    run = WaitingRun("run", "fast", "12:00")
    assert not lost_after(58, run, [{"fast"}] * 40)
    assert lost_after(60, run, [{"fast"}] * 40) == {"run"}


def test_a_message_waits_as_long_as_it_must_behind_a_busy_or_missing_worker() -> None:
    run = WaitingRun("run", "slow", "12:00")
    assert not lost_after(600, run, [{"fast"}] * 400)
    assert not lost_after(90, run, [{"slow"}] * 20 + [set()] + [{"slow"}] * 24)


def test_a_message_just_published_again_gets_a_minute_of_its_own() -> None:
    watch = LostMessageDetector()
    for second in range(0, 61, 2):
        lost = watch.lost([WaitingRun("run", "fast", "12:00")], {"fast"}, float(second))
    assert lost == {"run"}
    assert not watch.lost([WaitingRun("run", "fast", "12:01")], {"fast"}, 62.0)
